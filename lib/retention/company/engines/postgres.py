"""Tables of a PostgreSQL server, counted there.

Our expressions are written against views of the same columns in an embedded DuckDB
that hold nothing and refuse to be read. What DuckDB would have run is translated
and run by the server; a read-only user suffices, and nothing is made there.
"""

import importlib.util
import re
import tempfile
from uuid import uuid4

import narwhals as nw
import pandas as pd

from retention.company.collecting import spoken
from retention.company.engines.translating import translated
from retention.company.errors import CompanyError, nearest
from retention.company.store import Store, ident, text

_MARK = "retention_server_"
# Our queries join whole tables: a plan made for single rows can take hours, and
# compiling a long expression takes longer than running it.
_SESSION = {"TimeZone": "'UTC'", "enable_nestloop": "off", "jit": "off"}
_SERVERS: dict[str, "Server"] = {}
_TYPES = {
    "text": "VARCHAR",
    "character varying": "VARCHAR",
    "character": "VARCHAR",
    "uuid": "VARCHAR",
    "date": "DATE",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "numeric": "DOUBLE",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
}


def server_of(frame):
    """Server whose tables a DuckDB frame stands for; None for a frame of our own."""
    if not _SERVERS:
        return None
    found = re.search(f"{_MARK}[0-9a-f]+", nw.to_native(frame).sql_query())
    return _SERVERS.get(found[0]) if found else None


def postgres_tables(engine: dict, folder, declared: dict[str, str], known):
    """Lazy tables of a server by our name, and what else its schema holds.

    Parameters
    ----------
    engine : dict
        [engine] of workbook.toml: url and schema.
    folder : Path or None
        Not used: the tables are in the server.
    declared : dict
        Our table -> the name of theirs, as [tables.NAME] file says.
    known : collection of str
        Our names of tables.

    Returns
    -------
    (dict, list of str)
        Our name -> (their name, frame); names that are no table of ours.
    """
    server = _opened(engine.get("url", ""), engine.get("schema", "public"))
    there = server.tables()
    frames = {}
    for ours in known:
        theirs = declared.get(ours, ours)
        if theirs in there:
            label = f"{server.schema}.{theirs}"
            frames[ours] = (label, server.frame(theirs, there[theirs]))
        elif ours in declared:
            raise CompanyError(
                f"[tables.{ours}]: the schema {server.schema} of the PostgreSQL server "
                f"has no table {theirs!r}. {nearest(theirs, there)}"
            )
    taken = {declared.get(ours, ours) for ours in frames}
    return frames, sorted(set(there) - taken)


class Server:
    """A connection that only reads, and the views that stand for its tables."""

    def __init__(self, url: str, schema: str):
        """Connect; the password comes from the environment or ~/.pgpass."""
        self.address, self.schema = (url, schema), schema
        self.mark = f"{_MARK}{uuid4().hex}"
        self.store = Store()
        self.connection = _connected(url)
        self.store.run(f"CREATE SCHEMA {self.mark}")

    def tables(self) -> dict[str, list[tuple[str, str]]]:
        """Columns and their PostgreSQL types by table of the schema."""
        with spoken(), self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name, data_type FROM "
                "information_schema.columns WHERE table_schema = %s "
                "ORDER BY table_name, ordinal_position",
                (self.schema,),
            )
            found: dict[str, list[tuple[str, str]]] = {}
            for table, column, kind in cursor.fetchall():
                found.setdefault(table, []).append((column, kind))
        return found

    def frame(self, table: str, columns: list[tuple[str, str]]):
        """DuckDB relation that stands for a table; reading it is an error."""
        typed = ", ".join(
            f"CAST(NULL AS {_TYPES.get(kind, 'VARCHAR')}) AS {ident(name)}"
            for name, kind in columns
        )
        poison = text("tables of a server are read through collect")
        view = f"{self.mark}.{ident(table)}"
        self.store.run(
            f"CREATE OR REPLACE VIEW {view} AS SELECT {typed} "
            f"WHERE CAST(error({poison}) AS BOOL)"
        )
        return self.store.connection.table(view)

    def collect(self, frame: nw.LazyFrame) -> pd.DataFrame:
        """Run a frame in the server; the result has the types DuckDB would give."""
        relation = nw.to_native(frame)
        sql = translated(relation.sql_query(), {self.mark: self.schema})
        kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            with self.connection.cursor() as cursor:
                cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT csv)", file)
            file.flush()
            return self._read(file.name, kinds)

    def _read(self, path: str, kinds: dict[str, str]) -> pd.DataFrame:
        columns = ", ".join(f"{text(n)}: {text(k)}" for n, k in kinds.items())
        return self.store.frame(
            f"SELECT * FROM read_csv({text(path)}, columns = {{{columns}}}, header = "
            "false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            "allow_quoted_nulls = false)"
        )


def _opened(url: str, schema: str) -> Server:
    """One connection an address: a report opens its company several times."""
    for server in _SERVERS.values():
        if server.address == (url, schema) and not server.connection.closed:
            return server
    server = Server(url, schema)
    _SERVERS[server.mark] = server
    return server


def _connected(url: str):
    if importlib.util.find_spec("psycopg2") is None or (
        importlib.util.find_spec("sqlglot") is None
    ):
        raise CompanyError(
            "PostgreSQL needs the packages psycopg2 and sqlglot, which are not "
            "installed: pip install 'retention-workbook[postgres]'."
        )
    import psycopg2

    try:
        connection = psycopg2.connect(
            url, application_name="retention", connect_timeout=10
        )
        connection.set_session(readonly=True, autocommit=True)
        with connection.cursor() as cursor:
            for name, value in _SESSION.items():
                cursor.execute(f"SET {name} = {value}")
    except psycopg2.Error as error:
        line = next(iter(str(error).strip().splitlines()), "no answer")
        raise CompanyError(
            f"The PostgreSQL server cannot be reached ({line}). Check the address; the "
            "password is read from PGPASSWORD or ~/.pgpass.",
            rule="engine",
        ) from error
    return connection
