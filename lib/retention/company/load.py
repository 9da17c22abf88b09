"""One table as it was found, under our names and types."""

from dataclasses import dataclass

import narwhals as nw

from retention.company.errors import CompanyError, nearest
from retention.company.foreign import typed as typed_there
from retention.company.quarantine import Bin
from retention.company.readers import LazyTable
from retention.company.store import Store, ident
from retention.company.typed import RAW, ROW, is_ours, renamed, select, zones
from retention.schema import Table


@dataclass(frozen=True, eq=False)
class Loaded:
    """A typed table before any rule.

    Parameters
    ----------
    frame : LazyFrame
    bin : Bin
    unread : int
        Lines that could not be split into fields.
    store : Store, optional
        Our own engine, which may keep results; None for frames of another.
    """

    frame: nw.LazyFrame
    bin: Bin
    unread: int = 0
    store: Store | None = None


def load(reader, table: Table, settings) -> Loaded:
    """Give a table our names and types; CSV is parsed once, the rest stays in place.

    Raises
    ------
    CompanyError
        If a required column is missing, ids are broken numbers, rows would be lost,
        or clocks of several time zones are mixed.
    """
    _required(reader, table, settings)
    if isinstance(reader, LazyTable):
        frame = typed_there(reader.native, table, settings)
        return Loaded(frame, Bin(table.name, reader.label))
    found, store, name = reader.found(), reader.store, f"typed_{table.name}"
    query = select(found, table, settings)
    if not found.materialise:
        store.run(f"CREATE VIEW {name} AS {query}")
        _one_zone(store, table, found.label, settings)
        return Loaded(store.lazy(name), Bin(table.name, found.label), store=store)
    store.run(f"CREATE TABLE parsed_{name} AS {query}")
    # A table keeps the order of the file, so that rowid leads back to the line.
    store.run(f"CREATE VIEW {name} AS SELECT *, rowid + 1 AS {ROW} FROM parsed_{name}")
    lines, rejected = found.after(store.rows(f"SELECT count(*) FROM {name}")[0][0])
    _one_zone(store, table, found.label, settings)
    bin = Bin(table.name, found.label, lines=lines)
    bin.add_lines(rejected)
    return Loaded(store.lazy(name), bin, len(rejected), store)


def _required(reader, table: Table, settings) -> None:
    found = list(reader.columns())
    if taken := [name for name in found if is_ours(name)]:
        raise CompanyError(
            f"{reader.label}: the workbook uses the column name {taken[0]} itself. "
            "Rename the column in the data.",
            rule="reserved_column",
        )
    present = renamed(table.name, found, settings)
    missing = [name for name in table.required if name not in present]
    if not missing:
        return
    name = missing[0]
    if len(found) == 1 and any(sign in found[0] for sign in ";,\t|"):
        repair = (
            f"The header is one column, {found[0]!r}: say how fields are separated, "
            f'such as delimiter = ";" in [tables.{table.name}].'
        )
    else:
        repair = (
            f"{nearest(name, found)} Say which it is in [tables.{table.name}]: "
            f'columns = {{{name} = "..."}}.'
        )
    raise CompanyError(
        f"{reader.label}: the column {name} is missing. {repair}", rule="missing_column"
    )


def _one_zone(store: Store, table: Table, label: str, settings) -> None:
    """Refuse clocks whose offsets differ, or that carry one only here and there."""
    name = f"typed_{table.name}"
    raw = [c.removeprefix(RAW) for c in store.types(name) if c.startswith(RAW)]
    if not raw:
        return
    lengths = ", ".join(f"max(length({ident(RAW + c)}))" for c in raw)
    longest = store.rows(f"SELECT {lengths} FROM {name}")[0]
    for column in (c for c, n in zip(raw, longest, strict=True) if n and n > 16):
        low, high = store.rows(f"SELECT {zones(column)} FROM {name}")[0]
        converted = settings.company.get("time_zone")
        if low == high or (converted and low):
            continue
        raise CompanyError(
            f"{label}: {column} mixes time zones (some values carry "
            f"{low or 'no offset'}, others {high}), so a day is not the same day "
            "everywhere. Write every moment with its offset and say "
            'time_zone = "Europe/Berlin" in [company].',
            rule="mixed_time_zones",
        )
