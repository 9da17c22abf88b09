"""What several counts need to know of a programme: its launch, members and money."""

import datetime as dt

import narwhals as nw

from retention.counts.calendar import completed_between, day_after, instant
from retention.counts.engine import collect
from retention.counts.once import once

MONEY = ("revenue", "margin")


def shifted(day: dt.date, months: int) -> dt.date:
    """First day of the month that lies so many months after a day's month."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def months_since(day: nw.Expr, origin: dt.date) -> nw.Expr:
    """Calendar months from the origin's month to a day's month; 0 within it."""
    month = 12 * day.dt.year() + day.dt.month()
    return month - (12 * origin.year + origin.month)


def launched(company, programme: str = "") -> dt.date:
    """First day of the month in which the programme began.

    As workbook.toml says, ``[loyalty] launched_on``, or else the first enrolment.

    Raises
    ------
    ValueError
        If nobody ever enrolled and the settings do not say.
    """
    declared = company.settings.loyalty.get("launched_on")
    if declared and not programme:
        return shifted(declared, 0)
    earliest = collect(members(company, programme).select(nw.col("enrolled_on").min()))
    first = earliest["enrolled_on"].iloc[0] if len(earliest) else None
    if first is None or first != first:
        raise ValueError(
            "Nobody is enrolled, so the programme has no beginning: fill "
            "memberships.enrolled_on, or launched_on under [loyalty]."
        )
    return shifted(first, 0)


@once
def members(company, programme: str = "") -> nw.LazyFrame:
    """One row a customer of the memberships table.

    `customer_id`, `enrolled_on` (the first; empty = never), `ended_on` (the last;
    empty while any membership lasts) and `holdout` (empty where not in the draw).
    Several memberships of one customer count as one, from the first to the last.
    """
    table = company.table("memberships")
    columns = table.collect_schema().names()
    if programme:
        table = table.filter(nw.col("programme") == programme)
    table = _filled(table, columns)
    lasting = ~nw.col("enrolled_on").is_null() & nw.col("ended_on").is_null()
    rows = table.with_columns(
        lasting=nw.when(lasting).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    spells = rows.group_by("customer_id").agg(
        nw.col("ended_on").max().alias("ended_on_last"),
        nw.col("enrolled_on").min(),
        nw.col("holdout").max(),
        nw.col("lasting").max(),
    )
    ended = nw.when(nw.col("lasting") == 0).then(nw.col("ended_on_last"))
    return spells.select("customer_id", "enrolled_on", "holdout", ended_on=ended)


def _filled(table: nw.LazyFrame, columns: list[str]) -> nw.LazyFrame:
    """The optional columns, empty where a company does not bring them."""
    empty = {
        name: nw.lit(None, dtype=kind)
        for name, kind in (("ended_on", nw.Date), ("holdout", nw.Int64))
        if name not in columns
    }
    return table.with_columns(**empty) if empty else table


def money(company) -> tuple[nw.LazyFrame, list[str]]:
    """Activity with `customer_id`, `month` and the money columns, and their names.

    Where a company brings no margin but states ``[economics] margin_rate``, the
    margin is that share of revenue.
    """
    table = company.table("activity")
    columns = table.collect_schema().names()
    rate = company.settings.economics.get("margin_rate")
    if "margin" not in columns and rate is not None:
        table = table.with_columns(margin=nw.col("revenue") * rate)
        columns = [*columns, "margin"]
    kept = [name for name in MONEY if name in columns]
    filled = (nw.col(name).cast(nw.Float64).fill_null(0.0).alias(name) for name in kept)
    return table.select("customer_id", "month", *filled), kept


def within(rows: nw.LazyFrame, first: dt.date, end: dt.date) -> nw.LazyFrame:
    """Rows whose month is from `first` up to, not including, `end`."""
    month = nw.col("month")
    return rows.filter(month >= instant(first), month < instant(end))


def present(customers: nw.LazyFrame, on: dt.date) -> nw.LazyFrame:
    """Customers who had joined by a day and had not left before it."""
    left = nw.col("left_on")
    return customers.filter(
        nw.col("joined_on") < instant(day_after(on)),
        left.is_null() | (left >= instant(on)),
    )


def must_be_followed(company, start: dt.date, months: int) -> None:
    """Refuse a follow-up that the records do not cover.

    Raises
    ------
    ValueError
        With the months that were seen.
    """
    if company.tenure_form != "dates":
        raise ValueError(
            f"{company.name} brings no joining and leaving dates, and who was there "
            "when a programme began is told by dates. Bring joined_on and left_on."
        )
    seen = completed_between(shifted(start, 0), day_after(company.tenure_to), "month")
    if seen < months:
        raise ValueError(
            f"Only {max(seen, 0)} whole months were seen after {start}, not {months}: "
            "ask for fewer months."
        )
