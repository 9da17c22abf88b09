"""One class a kind of source; each says its columns cheaply and its rows on demand."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import narwhals as nw
import numpy as np

from retention.company.collecting import collect, spoken
from retention.company.errors import CompanyError
from retention.company.store import Found, Store, ident, text

_WHOLE_FILE = 64 << 20  # larger files are hashed in samples
_SAMPLES = 64


class ParquetFile:
    """A Parquet file, a folder of them, or a pattern: read in place."""

    def __init__(self, table: str, path: Path, store: Store, label: str = ""):
        """Look at nothing yet."""
        self.table, self.path, self.store = table, path, store
        self.label = label or path.name
        self.several = path.is_dir() or "*" in path.name

    @property
    def _files(self) -> str:
        return str(self.path / "*.parquet") if self.path.is_dir() else str(self.path)

    @property
    def _how(self) -> str:
        return f"union_by_name = {str(self.several).lower()}"

    @cached_property
    def _types(self) -> dict[str, str]:
        with whole(self.label):
            return self.store.types(f"read_parquet({text(self._files)}, {self._how})")

    def columns(self) -> dict[str, str]:
        """Column names and DuckDB types, from the file's own footer."""
        return self._types

    def found(self) -> Found:
        """The file as a source of rows."""
        options = f"{self._how}, file_row_number = true"
        options += ", filename = true" if self.several else ""
        if not _has_rows(self.store, f"read_parquet({text(self._files)})"):
            raise _no_rows(self.label, self.table)
        return Found(
            table=self.table,
            label=self.label,
            columns={n: (ident(n), t) for n, t in self._types.items()},
            source=f"read_parquet({text(self._files)}, {options})",
            row="file_row_number + 1",
            file="parse_filename(filename)" if self.several else "",
        )

    def paths(self) -> list[Path]:
        """Files whose content makes the fingerprint."""
        if self.path.is_dir():
            return sorted(self.path.glob("*.parquet"))
        return sorted(self.path.parent.glob(self.path.name))


class DatabaseTable:
    """A table or view of an attached DuckDB file."""

    def __init__(self, table, name, place, is_table, path: Path, store: Store):
        """Take the quoted name under which the table is attached."""
        self.table, self.place, self.path, self.store = table, place, path, store
        self.label = f"{path.name}, {name}"
        self.row = "rowid + 1" if is_table else ""

    @cached_property
    def _types(self) -> dict[str, str]:
        return self.store.types(self.place)

    def columns(self) -> dict[str, str]:
        """Column names and DuckDB types."""
        return self._types

    def found(self) -> Found:
        """The table as a source of rows."""
        if not _has_rows(self.store, self.place):
            raise _no_rows(self.label, self.table)
        return Found(
            table=self.table,
            label=self.label,
            columns={n: (ident(n), t) for n, t in self._types.items()},
            source=self.place,
            row=self.row,
        )

    def paths(self) -> list[Path]:
        """Files whose content makes the fingerprint."""
        return [self.path]


class EagerFrame:
    """A frame in memory (pandas, pyarrow, polars): DuckDB reads it where it is."""

    def __init__(self, table, native, store: Store, label: str = "", stamp: str = ""):
        """Keep the frame; `stamp` is the version of the package it came from."""
        self.table, self.native, self.store = table, native, store
        self.label = label or f"frame {table}"
        self.stamp = stamp

    @cached_property
    def _source(self) -> str:
        import pyarrow as pa

        frame = nw.from_native(self.native, eager_only=True)
        if frame.implementation.is_pandas():
            frame = nw.from_native(self.native.reset_index(drop=True), eager_only=True)
        try:
            table = frame.to_arrow()
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as e:
            raise CompanyError(
                f"{self.label}: a column mixes kinds of values ({e.args[0]}). Give "
                "every column one type; ids are text."
            ) from e
        number = pa.array(np.arange(1, len(table) + 1))
        self.store.connection.register(
            f"frame_{self.table}", table.append_column("__row__", number)
        )
        return ident(f"frame_{self.table}")

    def columns(self) -> dict[str, str]:
        """Column names and DuckDB types."""
        types = self.store.types(self._source)
        return {name: kind for name, kind in types.items() if name != "__row__"}

    def found(self) -> Found:
        """The frame as a source of rows."""
        if not _has_rows(self.store, self._source):
            raise _no_rows(self.label, self.table)
        return Found(
            table=self.table,
            label=self.label,
            columns={n: (ident(n), t) for n, t in self.columns().items()},
            source=self._source,
            row='"__row__"',
        )

    def content(self) -> str:
        """What makes the fingerprint: the package's version, else every value."""
        if self.stamp:
            return f"{self.label} {self.stamp}"
        frame = self.native
        if not hasattr(frame, "to_csv"):
            frame = nw.from_native(frame, eager_only=True).to_pandas()
        return frame.to_csv(index=False)


class LazyTable:
    """A frame of another engine (Spark, the user's own DuckDB, Ibis), left there."""

    def __init__(self, table: str, native, store: Store, label: str = ""):
        """Keep the frame; nothing is run."""
        self.table, self.native = table, native
        self.label = label or f"frame {table}"
        self.engine = nw.from_native(native).implementation

    @staticmethod
    def holds(native) -> bool:
        """Whether this is a lazy frame; refuse what is no frame at all."""
        try:
            return isinstance(nw.from_native(native), nw.LazyFrame)
        except TypeError as error:
            raise CompanyError(
                f"A {type(native).__name__} is no table. Bring pandas or pyarrow "
                "frames, or lazy ones of DuckDB, Spark or Ibis."
            ) from error

    def columns(self) -> dict[str, str]:
        """Column names and types."""
        with spoken():
            schema = nw.from_native(self.native).collect_schema()
        return {name: str(dtype) for name, dtype in schema.items()}

    def content(self) -> str:
        """What makes the fingerprint: types, and counts and extremes by column."""
        with spoken():
            frame = nw.from_native(self.native)
            schema = frame.collect_schema()
            wanted = [nw.len().alias("n")]
            for i, name in enumerate(schema.names()):
                column = nw.col(name).cast(nw.String)
                wanted += [column.min().alias(f"a{i}"), column.max().alias(f"b{i}")]
                wanted += [nw.col(name).count().alias(f"c{i}")]
            facts = collect(frame.select(*wanted)).to_dict("records")
        return f"{schema} {facts}"


@contextmanager
def whole(label: str) -> Iterator[None]:
    """Turn what DuckDB says of a damaged file into our words."""
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise CompanyError(
            f"{label} cannot be read: {_without_path(error)}. The file is cut short, "
            "damaged, or not what its ending says; write or copy it again.",
            rule="unreadable_file",
        ) from error


def _without_path(error: Exception) -> str:
    """First line of an error, after the file's full path if it names one."""
    return str(error).splitlines()[0].rpartition('": ')[2].rstrip(".")


def fingerprint(readers: dict, settings_text: str) -> str:
    """Hash of what the tables hold and of how they are read."""
    total = hashlib.blake2b(settings_text.encode(), digest_size=16)
    for table in sorted(readers):
        reader = readers[table]
        total.update(f"{table}\n{reader.label}\n".encode())
        if hasattr(reader, "content"):
            total.update(reader.content().encode())
            continue
        for path in reader.paths():
            total.update(_content(path))
    return total.hexdigest()


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    total = hashlib.blake2b(f"{path.name} {size}".encode(), digest_size=16)
    with path.open("rb") as file:
        if size <= _WHOLE_FILE:
            total.update(file.read())
        else:
            for part in range(_SAMPLES):
                file.seek(part * (size - (1 << 20)) // (_SAMPLES - 1))
                total.update(file.read(1 << 20))
    return total.digest()


def _has_rows(store: Store, source: str) -> bool:
    return bool(store.rows(f"SELECT 1 FROM {source} LIMIT 1"))


def _no_rows(label: str, table: str) -> CompanyError:
    return CompanyError(
        f"{label} has columns and no rows. Export it again, or take it away if the "
        f"company has no {table}.",
        rule="empty_file",
    )
