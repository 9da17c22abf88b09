"""Where a company's tables are: a folder, a DuckDB file, packages, or frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import retention
from retention.company.delimited import CsvFile
from retention.company.engines import (
    engine_readers,
    engine_title,
    from_address,
    is_address,
)
from retention.company.errors import CompanyError, nearest
from retention.company.packages import from_package, is_package
from retention.company.readers import DatabaseTable, EagerFrame, LazyTable, ParquetFile
from retention.company.settings import Settings, read_settings
from retention.company.store import Store, ident, text
from retention.schema import TABLES

Reader = CsvFile | ParquetFile | DatabaseTable | EagerFrame | LazyTable
_CSV = (".csv", ".tsv", ".txt")
_PARQUET = (".parquet", ".parq", ".pq")
_DATABASE = (".duckdb", ".db", ".ddb")
_SHEETS = (".xlsx", ".xls", ".ods")


@dataclass(frozen=True, eq=False)
class Source:
    """A company's tables as they were found, before any is read.

    Parameters
    ----------
    name : str
        Folder or file name, unless the settings name the company.
    settings : Settings
    readers : dict
        Per table, what reads it.
    unused : list of str
        Files that are no table, for the check's report.
    store : Store
        The embedded engine, with which files are read.
    engine : str
        Name of the engine that counts.
    """

    name: str
    settings: Settings
    readers: dict[str, Reader]
    store: Store
    unused: list[str] = field(default_factory=list)
    engine: str = "DuckDB"


def find(source, given: Mapping | str | Path | None) -> Source:
    """Find a company's tables and settings; nothing but names is read."""
    if isinstance(source, Mapping):
        return _frames(source, given)
    if is_address(source):
        return _addressed(source, given)
    path = located(source)
    if path.is_dir():
        return _folder(path, given)
    if path.suffix.lower() in _DATABASE:
        return _database(path, given)
    raise CompanyError(
        f"{source} is a file. Give the folder it is in, or a DuckDB file "
        f"({', '.join(_DATABASE)})."
    )


def located(source) -> Path:
    """A relative path counts from here, and then from the project's root."""
    if not isinstance(source, str | Path):
        raise CompanyError(
            "A company is a folder, a DuckDB file, or a dict of frames by table name; "
            f"this is a {type(source).__name__}."
        )
    root = Path(retention.__file__).parents[2]
    for path in (Path(source).expanduser(), root / source):
        if path.exists():
            return path.resolve()
    raise CompanyError(
        f"There is no company at {str(source)!r}. Give the folder that holds "
        "customers.csv (or .parquet), or a DuckDB file."
    )


def _folder(folder: Path, given) -> Source:
    toml = folder / "workbook.toml"
    settings = read_settings(toml if toml.is_file() else None, given)
    if settings.engine.get("kind", "duckdb") != "duckdb":
        return _engine(folder.name, settings, folder)
    store = Store(settings.engine.get("memory", ""))
    files = {
        table: keys["file"] for table, keys in settings.tables.items() if "file" in keys
    }
    readers = {
        table: _declared(table, file, folder, store, settings)
        for table, file in files.items()
    }
    found, unused = _named_after_tables(folder, set(files))
    for table, path in found.items():
        readers[table] = _reader(table, path, store, settings)
    claimed = {getattr(reader, "label", "") for reader in readers.values()}
    unused = [name for name in unused if name not in claimed]
    if not readers:
        raise CompanyError(_nothing_in(folder))
    return Source(folder.name, settings, readers, store, unused)


def _addressed(address: str, given) -> Source:
    """A company named by an address; its settings lie in a file or in the folder."""
    engine, folder, toml = from_address(address)
    place = located(folder) if folder else None
    beside = place / "workbook.toml" if place else None
    if toml:
        beside = located(toml)
    settings = read_settings(beside if beside and beside.is_file() else None, given)
    settings = replace(settings, engine=engine)
    name = engine.get("schema") or address.partition("?")[0].rpartition("/")[2]
    return _engine(place.name if place else name, settings, place)


def _engine(name: str, settings: Settings, folder: Path | None) -> Source:
    store = Store()
    readers, unused = engine_readers(settings, folder, store)
    return Source(name, settings, readers, store, unused, engine_title(settings))


def _named_after_tables(folder: Path, declared: set[str]):
    """Files called like a table; a folder of Parquet files is one table, too."""
    found: dict[str, Path] = {}
    unused = []
    for path in sorted(folder.iterdir()):
        table = path.stem if path.is_file() else path.name
        if path.suffix.lower() not in (*_CSV, *_PARQUET) and not _parts(path):
            continue
        if table not in TABLES or table in declared:
            unused.append(path.name)
        elif table in found:
            raise CompanyError(
                f"{found[table].name} and {path.name} both hold {table}. Take one "
                f'away, or say file = "..." in [tables.{table}].'
            )
        else:
            found[table] = path
    return found, unused


def _parts(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.parquet")) and path.name in TABLES


def _declared(table: str, file: str, folder: Path, store: Store, settings) -> Reader:
    if is_package(file):
        return from_package(table, file, store)
    path = (folder / file).resolve()
    if Path(file).is_absolute() or not path.is_relative_to(folder):
        raise CompanyError(
            f"{settings.source}, [tables.{table}]: file = {file!r} is outside the "
            "company's folder. Put the file into the folder."
        )
    if "*" in file:
        inside = [p.name for p in folder.glob(file)]
    else:
        inside = [file] if path.exists() else []
    if not inside:
        names = [p.name for p in folder.iterdir()]
        raise CompanyError(
            f"{settings.source}, [tables.{table}]: there is no file {file!r} in the "
            f"company's folder. {nearest(file, names)}"
        )
    return _reader(table, path, store, settings)


def _reader(table: str, path: Path, store: Store, settings) -> Reader:
    suffix = path.suffix.lower()
    if suffix in _CSV and "*" not in path.name:
        return CsvFile(table, path, store, settings)
    if suffix in _PARQUET or path.is_dir():
        return ParquetFile(table, path, store)
    raise CompanyError(
        f"{path.name} is neither CSV nor Parquet. From a spreadsheet: save the sheet "
        "as 'CSV UTF-8'. Several files for one table must be Parquet."
    )


def _nothing_in(folder: Path) -> str:
    sheets = [p.name for p in folder.iterdir() if p.suffix.lower() in _SHEETS]
    if sheets:
        return (
            f"{folder.name} holds spreadsheets ({', '.join(sheets[:5])}). Save each "
            "sheet as 'CSV UTF-8' under a table's name, such as customers.csv."
        )
    return (
        f"{folder.name} holds no table. The least a company brings is customers.csv "
        "(or customers.parquet). Another file name is declared in workbook.toml: "
        '[tables.customers] file = "clients.csv".'
    )


def _database(path: Path, given) -> Source:
    beside = [path.with_suffix(".toml"), path.with_name("workbook.toml")]
    toml = next((p for p in beside if p.is_file()), None)
    settings = read_settings(toml, given)
    store = Store(settings.engine.get("memory", ""))
    try:
        store.run(f"ATTACH {text(str(path))} AS company (READ_ONLY)")
    except Exception as error:
        raise CompanyError(
            f"{path.name} cannot be opened as a DuckDB file. Close the program that is "
            "writing to it, or check that it is whole.",
            rule="unreadable_file",
        ) from error
    places = _attached(store)
    names = {t: t for t in TABLES if t in places}
    names |= {t: k["file"] for t, k in settings.tables.items() if "file" in k}
    for table, name in names.items():
        if name not in places:
            raise CompanyError(
                f"{settings.source}, [tables.{table}]: {path.name} has no table "
                f"{name!r}. {nearest(name, places)}"
            )
    readers = {
        table: DatabaseTable(table, name, *places[name], path, store)
        for table, name in names.items()
    }
    unused = sorted(set(places) - set(names.values()))
    if not readers:
        raise CompanyError(f"{path.name} has no table called like one of ours.")
    return Source(path.stem, settings, readers, store, unused)


def _attached(store: Store) -> dict[str, tuple[str, bool]]:
    """Tables and views of the attached file: quoted name, and whether a table."""
    there = store.rows(
        "SELECT schema_name, table_name, true FROM duckdb_tables() "
        "WHERE database_name = 'company' UNION ALL SELECT schema_name, view_name, "
        "false FROM duckdb_views() WHERE database_name = 'company' AND NOT internal"
    )
    return {name: (f"company.{ident(s)}.{ident(name)}", t) for s, name, t in there}


def _frames(frames: Mapping, given) -> Source:
    settings = read_settings(None, given)
    store = Store(settings.engine.get("memory", ""))
    readers: dict[str, Reader] = {}
    for table, native in frames.items():
        if table not in TABLES:
            raise CompanyError(f"{table!r} is no table. {nearest(table, TABLES)}")
        lazy = LazyTable.holds(native)
        kind = LazyTable if lazy else EagerFrame
        readers[table] = kind(table, native, store)
    if not readers:
        raise CompanyError("The dict of frames is empty; it needs customers at least.")
    if len({getattr(reader, "engine", "here") for reader in readers.values()}) > 1:
        raise CompanyError(
            "All frames of a company must live in one engine, so that they can be "
            "joined. Bring all of them from the same engine, or all as pandas."
        )
    kinds = {getattr(reader, "engine", None) for reader in readers.values()}
    engine = "Apache Spark" if any(k and k.is_pyspark() for k in kinds) else "DuckDB"
    return Source("company", settings, readers, store, engine=engine)
