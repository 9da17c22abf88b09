"""Frames that live in an engine of their own: the same names and types, lazily."""

import narwhals as nw

from retention.company.errors import CompanyError
from retention.company.store import ident, text
from retention.company.typed import Reading, attribute, renamed
from retention.schema import Column, Table

_TYPES = {
    "id": nw.String(),
    "text": nw.String(),
    "number": nw.Float64(),
    "amount": nw.Float64(),
    "score": nw.Float64(),
    "whole": nw.Int64(),
    "flag": nw.Int64(),
}
_DATED = ("date", "moment", "month", "period")


def typed(native, table: Table, settings) -> nw.LazyFrame:
    """Rename and cast the columns of a frame where it lives.

    Frames must be typed already: text that has to be parsed into dates or numbers
    belongs into files, where every value that cannot be read is named.
    """
    reading = Reading.of(table.name, settings)
    frame = _at_local_time(nw.from_native(native).lazy(), reading.local)
    schema = frame.collect_schema()
    values = settings.tables.get(table.name, {}).get("values", {})
    wanted = []
    for ours, theirs in renamed(table.name, schema.names(), settings).items():
        column = attribute(table, ours, settings)
        source = nw.col(theirs)
        dtype = schema[theirs]
        if ours in values:
            source, dtype = _translated(source, values[ours]), nw.String()
        cast = _cast(column, source, dtype, reading, f"{table.name}.{ours}")
        wanted.append(cast.alias(ours))
    return frame.select(*wanted)


def _at_local_time(frame: nw.LazyFrame, zone: str) -> nw.LazyFrame:
    """Clocks in the company's zone, for engines whose zone is the session's.

    narwhals changes zones in columns only, which DuckDB and Spark do not have.
    """
    moments = [
        name
        for name, kind in frame.collect_schema().items()
        if kind == nw.Datetime and getattr(kind, "time_zone", None)
    ]
    engine = frame.implementation
    if not (zone and moments and (engine.is_duckdb() or engine.is_pyspark())):
        return frame
    turned = _turned_by_duckdb if engine.is_duckdb() else _turned_by_spark
    return nw.from_native(turned(nw.to_native(frame), moments, zone)).lazy()


def _turned_by_duckdb(native, moments: list[str], zone: str):
    local = {n: f"timezone({text(zone)}, {ident(n)}) AS {ident(n)}" for n in moments}
    return native.project(", ".join(local.get(n, ident(n)) for n in native.columns))


def _turned_by_spark(native, moments: list[str], zone: str):
    from pyspark.sql import functions as f

    quoted = {n: f.col("`" + n.replace("`", "``") + "`") for n in moments}
    local = {n: f.convert_timezone(None, f.lit(zone), c) for n, c in quoted.items()}
    return native.withColumns(local)


def _cast(column: Column, source: nw.Expr, dtype, reading: Reading, where: str):
    if column.kind in _DATED:
        return _date(column, source, dtype, reading, where)
    if column.kind == "id" and (dtype.is_float() or dtype.is_decimal()):
        raise CompanyError(
            f"{where}: the ids are numbers with decimals. Leading zeros and the last "
            "digits of long ids are lost in such numbers. Bring the column as text.",
            rule="broken_ids",
        )
    parses = column.kind not in ("", "id", "text", "flag", "whole")
    if parses and not dtype.is_numeric():
        raise CompanyError(
            f"{where} is {dtype}, not a number. Cast it before you open the company, "
            "or bring a file, where every value that cannot be read is named."
        )
    wanted = _TYPES.get(column.kind)
    return source if wanted is None or dtype == wanted else source.cast(wanted)


def _date(column: Column, source: nw.Expr, dtype, reading: Reading, where: str):
    if dtype != nw.Date and dtype != nw.Datetime:
        raise CompanyError(
            f"{where} is {dtype}, not a date. Cast it before you open the company, or "
            "bring a file, where dates are read in the format you declare."
        )
    if getattr(dtype, "time_zone", None):
        if not reading.local:
            raise CompanyError(
                f"{where} holds moments with a time zone, and a day begins at another "
                'moment in each zone. Say time_zone = "UTC" in [company].',
                rule="mixed_time_zones",
            )
        source = source.dt.convert_time_zone(reading.local).dt.replace_time_zone(None)
    if column.kind == "moment":
        return source.cast(nw.Datetime("us"))
    day = source if dtype == nw.Date else source.dt.date()
    if column.kind == "month":
        day = day.dt.truncate("1mo").cast(nw.Date)
    if column.ends and reading.still_here:
        sentinel = day.cast(nw.String).is_in(list(reading.still_here))
        day = nw.when(~sentinel).then(day)
    return day


def _translated(source: nw.Expr, words: dict) -> nw.Expr:
    plain = source.cast(nw.String)
    out = plain
    for theirs, ours in words.items():
        out = nw.when(plain == str(theirs)).then(nw.lit(str(ours))).otherwise(out)
    return out
