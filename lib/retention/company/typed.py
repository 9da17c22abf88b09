"""From columns as they were found to our names and types, as one SELECT.

What cannot be read becomes empty, and its text stays beside it in `__raw__NAME`:
the rules compare the two, so nothing turns into an empty cell unseen.
"""

import re
from dataclasses import dataclass

from retention.company.errors import CompanyError, nearest
from retention.company.store import Found, ident, text
from retention.schema import KINDS, Column, Table

RAW = "__raw__"
ROW = "__row__"
FILE = "__file__"


def is_ours(name: str) -> bool:
    """Whether a column is bookkeeping that stands beside those of a table."""
    return name in (ROW, FILE) or name.startswith(RAW)


_ZONE = "(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_CLOCK = "([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)"
_ISO = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_CLOCK}{_ZONE[:-1]}?)?"
_DATED = ("date", "moment", "month", "period")
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$")
_BROKEN = re.compile(r"(FLOAT|DOUBLE|DECIMAL)")
_LAST_DAY = {
    "[0-9]{4}": "concat({t}, '-12-31')",
    "[0-9]{4}-[0-9]{2}": "last_day(TRY_CAST(concat({t}, '-01') AS DATE))",
    "[0-9]{4}-Q[1-4]": (
        "last_day(make_date(left({t}, 4)::INT, right({t}, 1)::INT * 3, 1))"
    ),
}


@dataclass(frozen=True)
class Reading:
    """How one table's values are written, from workbook.toml."""

    date_format: str = ""
    decimal: str = "."
    thousands: str = ""
    empty: tuple[str, ...] = ()
    still_here: tuple[str, ...] = ()
    zone: str = ""  # in which clocks without an offset are written
    local: str = ""  # in which days are counted

    @classmethod
    def of(cls, table: str, settings) -> "Reading":
        """Settings of one table, completed by the company's."""
        own = settings.tables.get(table, {})
        return cls(
            date_format=settings.reading(table, "date_format", ""),
            decimal=settings.reading(table, "decimal", "."),
            thousands=settings.reading(table, "thousands", ""),
            empty=tuple(map(str, settings.reading(table, "empty", ()))),
            still_here=tuple(str(v) for v in own.get("still_here", ())),
            zone=own.get("time_zone", ""),
            local=settings.company.get("time_zone", ""),
        )


def renamed(table: str, found: list[str], settings) -> dict[str, str]:
    """Our name -> their name, for every column that was found.

    Columns that `columns` does not name keep their own, with "_" for a point, which
    engines read as the name of a table; one whose name another column was mapped
    onto gives way.
    """
    own = settings.tables.get(table, {})
    mapping = dict(own.get("columns", {}))
    for ours, theirs in mapping.items():
        if theirs not in found:
            raise CompanyError(
                f"{settings.source}, [tables.{table}] columns: {ours} = {theirs!r}, "
                f"but the file has no such column. {nearest(str(theirs), found)}"
            )
    taken = {*mapping.values()}
    folded = {name.casefold() for name in mapping}
    kept = {
        n if (plain := n.replace(".", "_")) in found else plain: n
        for n in found
        if n not in taken and n.casefold() not in folded
    }
    return {**mapping, **kept}


def attribute(table: Table, name: str, settings) -> Column:
    """Our column of this name, or a column of the company's own as declared."""
    known = table.column(name)
    if known is not None:
        return known
    kind = settings.tables.get(table.name, {}).get("types", {}).get(name, "")
    if kind and kind not in KINDS:
        raise CompanyError(
            f"{settings.source}, [tables.{table.name}] types: {name} = {kind!r}. "
            f"{nearest(kind, KINDS)}"
        )
    return Column(name, kind)


def select(found: Found, table: Table, settings) -> str:
    """SELECT that gives a found table our names and types."""
    reading = Reading.of(table.name, settings)
    values = settings.tables.get(table.name, {}).get("values", {})
    items = []
    for ours, theirs in renamed(table.name, list(found.columns), settings).items():
        column = attribute(table, ours, settings)
        expression, kind = found.columns[theirs]
        if ours in values:
            expression, kind = _translated(expression, values[ours]), "VARCHAR"
        parsed, raw = _column(column, expression, kind, reading, found, theirs)
        items.append(f"{parsed} AS {ident(ours)}")
        if raw:
            items.append(f"{raw} AS {ident(RAW + ours)}")
    items += [f"{found.row} AS {ROW}"] if found.row else []
    items += [f"{found.file} AS {FILE}"] if found.file else []
    return f"SELECT {', '.join(items)} FROM {found.source}"


def zones(column: str) -> str:
    """Aggregates that show whether clocks of a raw column carry mixed offsets."""
    raw = ident(RAW + column)
    zone = f"CASE WHEN length({raw}) > 16 THEN regexp_extract({raw}, '{_ZONE}') END"
    return f"min({zone}), max({zone})"


def _column(column: Column, expression, kind, reading, found, theirs):
    """SQL of the typed value, and of its text where typing can fail ("" if not)."""
    plain = column.kind in ("", "id", "text") and not reading.empty
    if plain and kind == "VARCHAR" and not found.materialise:
        return expression, ""  # typed sources mean what they hold, spaces and all
    if kind == "VARCHAR" or kind.startswith("ENUM"):
        return _from_text(column, _cleaned(column, expression, reading), reading)
    if column.kind == "id" and _BROKEN.match(kind):
        raise CompanyError(
            f"{found.label}: the ids in {theirs!r} are numbers with decimals "
            f"({kind}). Leading zeros and the last digits of long ids are lost in "
            "such numbers. Export the column as text.",
            rule="broken_ids",
        )
    if column.kind in _DATED:
        return _from_clock(column, expression, kind, reading, found, theirs)
    return _from_value(column, expression, kind)


def _cleaned(column: Column, expression: str, reading: Reading) -> str:
    """Text without surrounding spaces; empty where empty or declared so."""
    clean = f"NULLIF(trim({expression}, ' \t\u00a0'), '')"
    blanks = [*reading.empty, *(reading.still_here if column.ends else ())]
    if not blanks:
        return clean
    return f"CASE WHEN {clean} IN ({', '.join(map(text, blanks))}) THEN NULL " + (
        f"ELSE {clean} END"
    )


def _from_text(column: Column, t: str, reading: Reading) -> tuple[str, str]:
    if column.kind in ("", "id", "text"):
        return t, ""
    if column.kind in _DATED:
        return _dated(column.kind, t, reading), t
    if column.kind == "flag":
        return (
            f"CASE WHEN lower({t}) IN ('1', 'true') OR TRY_CAST({t} AS DOUBLE) = 1 "
            f"THEN 1::BIGINT WHEN lower({t}) IN ('0', 'false') "
            f"OR TRY_CAST({t} AS DOUBLE) = 0 THEN 0::BIGINT END"
        ), t
    number = f"TRY_CAST({_digits(t, reading)} AS DOUBLE)"
    return (_whole(number) if column.kind == "whole" else number), t


def _digits(t: str, reading: Reading) -> str:
    if reading.thousands:
        t = f"replace({t}, {text(reading.thousands)}, '')"
    if reading.decimal == ".":
        return t
    # A point that is not the decimal sign makes the number unreadable.
    return f"replace(replace({t}, '.', '?'), {text(reading.decimal)}, '.')"


def _whole(number: str) -> str:
    return (
        f"CASE WHEN {number} = floor({number}) AND abs({number}) < 9e15 "
        f"THEN CAST({number} AS BIGINT) END"
    )


def _dated(kind: str, t: str, reading: Reading) -> str:
    moment = _parsed(t, reading)
    if kind == "moment":
        return moment
    if kind == "date":
        return f"CAST({moment} AS DATE)"
    if kind == "month":
        short = f"TRY_CAST(concat({t}, '-01') AS TIMESTAMP)"
        either = (
            f"CASE WHEN regexp_full_match({t}, '[0-9]{{4}}-[0-9]{{2}}') THEN {short} "
            f"ELSE {moment} END"
        )
        return f"CAST(date_trunc('month', {either}) AS DATE)"
    ends = " ".join(
        f"WHEN regexp_full_match({t}, '{pattern}') "
        f"THEN TRY_CAST({last.format(t=t)} AS DATE)"
        for pattern, last in _LAST_DAY.items()
    )
    return f"CASE {ends} ELSE CAST({moment} AS DATE) END"


def _parsed(t: str, reading: Reading) -> str:
    """Timestamp in the company's days; never a guess at the order of day and month."""
    if reading.date_format:
        return _shifted(f"TRY_STRPTIME({t}, {text(reading.date_format)})", reading)
    zoned = f"length({t}) > 16 AND regexp_matches({t}, '{_ZONE}')"
    plain = f"CASE WHEN {zoned} THEN regexp_replace({t}, '{_ZONE}', '') ELSE {t} END"
    clock = _shifted(f"TRY_CAST({plain} AS TIMESTAMP)", reading)
    if reading.local:
        there = f"timezone({text(reading.local)}, TRY_CAST({t} AS TIMESTAMPTZ))"
        clock = f"CASE WHEN {zoned} THEN {there} ELSE {clock} END"
    return f"CASE WHEN regexp_full_match({t}, '{_ISO}') THEN {clock} END"


def _shifted(clock: str, reading: Reading) -> str:
    """A clock of the table's zone, read on the company's wall."""
    if not (reading.zone and reading.local) or reading.zone == reading.local:
        return clock
    return f"timezone({text(reading.local)}, timezone({text(reading.zone)}, {clock}))"


def _from_clock(column: Column, expression, kind, reading, found, theirs):
    if kind.startswith("TIMESTAMP") and kind.endswith(("ZONE", "TZ", "TZ_NS")):
        if not reading.local:
            raise CompanyError(
                f"{found.label}: {theirs!r} holds moments with a time zone, and a day "
                'begins at another moment in each zone. Say time_zone = "UTC" or '
                'time_zone = "Europe/Berlin" in [company].',
                rule="mixed_time_zones",
            )
        moment = f"timezone({text(reading.local)}, {expression})"
    elif kind.startswith("TIMESTAMP"):
        moment = _shifted(f"CAST({expression} AS TIMESTAMP)", reading)
    elif kind == "DATE":
        moment = expression
    else:
        plain = f"CAST({expression} AS VARCHAR)"
        return _from_text(column, _cleaned(column, plain, reading), reading)
    target = "TIMESTAMP" if column.kind == "moment" else "DATE"
    value = f"CAST({moment} AS {target})"
    if column.kind == "month":
        value = f"CAST(date_trunc('month', {moment}) AS DATE)"
    if column.ends and reading.still_here:
        days = ", ".join(f"TRY_CAST({text(d)} AS DATE)" for d in reading.still_here)
        value = f"CASE WHEN {value} IN ({days}) THEN NULL ELSE {value} END"
    return value, ""


def _from_value(column: Column, x: str, kind: str) -> tuple[str, str]:
    plain = f"CAST({x} AS VARCHAR)"
    if column.kind in ("id", "text"):
        return plain, ""
    if column.kind in ("number", "amount", "score"):
        return (f"TRY_CAST({x} AS DOUBLE)", plain if kind == "BOOLEAN" else "")
    if column.kind == "flag":
        zero_one = f"CASE WHEN CAST({x} AS DOUBLE) IN (0, 1) THEN CAST({x} AS BIGINT)"
        return zero_one + " END", plain
    if column.kind == "whole":
        if _WHOLE.match(kind) and "HUGE" not in kind and kind != "UBIGINT":
            return f"CAST({x} AS BIGINT)", ""
        return _whole(f"CAST({x} AS DOUBLE)"), plain
    return _attribute(x, kind), ""


def _attribute(x: str, kind: str) -> str:
    """Columns of the company's own keep their type, in its plainest form."""
    if _WHOLE.match(kind) and "HUGE" not in kind and kind != "UBIGINT":
        return f"CAST({x} AS BIGINT)"
    if _BROKEN.match(kind) or _WHOLE.match(kind):
        return f"CAST({x} AS DOUBLE)"
    if kind in ("BOOLEAN", "DATE") or kind == "TIMESTAMP":
        return x
    return f"CAST({x} AS VARCHAR)"


def _translated(expression: str, words: dict) -> str:
    """Their words to ours; words that are not listed stay."""
    plain = f"trim(CAST({expression} AS VARCHAR))"
    cases = " ".join(
        f"WHEN {text(str(theirs))} THEN {text(str(ours))}"
        for theirs, ours in words.items()
    )
    return f"CASE {plain} {cases} ELSE {plain} END" if cases else plain
