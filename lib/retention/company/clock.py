"""Days and periods as people write them."""

import calendar
import datetime as dt
import re
from collections.abc import Iterable

import narwhals as nw
import pandas as pd

from retention.company.collecting import collect
from retention.company.errors import CompanyError
from retention.company.load import Loaded
from retention.schema import TABLES


def last_day(as_of: str | dt.date) -> dt.date:
    """Last day of "2026", "2026-Q3", "2026-10" or the day 2026-10-31 itself.

    Parameters
    ----------
    as_of : str or date

    Returns
    -------
    date

    Raises
    ------
    CompanyError
        If the text is none of these.

    Examples
    --------
    >>> last_day("2026-Q3"), last_day("2024-02")
    (datetime.date(2026, 9, 30), datetime.date(2024, 2, 29))
    """
    if isinstance(as_of, dt.date):
        return as_of
    try:
        if match := re.fullmatch(r"(\d{4})(?:-(Q[1-4]|\d{2}))?", as_of.strip()):
            year, part = int(match[1]), match[2] or "12"
            month = int(part[1]) * 3 if part.startswith("Q") else int(part)
            return dt.date(year, month, calendar.monthrange(year, month)[1])
        return dt.date.fromisoformat(as_of.strip())
    except (ValueError, calendar.IllegalMonthError) as error:
        raise CompanyError(
            f"{as_of!r} is no period. Write a month (2026-10), a quarter (2026-Q3), a "
            "year (2026) or a day (2026-10-31)."
        ) from error


def period_name(day: dt.date | None) -> str:
    """Name of the period that ends on a day: its month if it is the month's last.

    Parameters
    ----------
    day : date or None
        Last day of the observation.

    Returns
    -------
    str

    Examples
    --------
    >>> period_name(dt.date(2026, 10, 31)), period_name(dt.date(2026, 10, 15))
    ('2026-10', '2026-10-15')
    """
    if day is None:
        return "undated"
    ends = day.day == calendar.monthrange(day.year, day.month)[1]
    return f"{day:%Y-%m}" if ends else day.isoformat()


def report_day(company, as_of: str) -> dt.date:
    """Day of a report, refused where the company's records do not reach."""
    day = last_day(as_of)
    if company.tenure_form != "dates":
        raise CompanyError(
            f"{company.name} brings durations, not dates, so there is no telling "
            f"what was known on {day}. Leave the period out."
        )
    end, start = company.recorded_to, company.observed_from
    if end is not None and day > end:
        raise CompanyError(
            f"The records of {company.name} end on {end}, before {day}. Ask for "
            f"{period_name(end)} or an earlier period."
        )
    if start is not None and day < start:
        raise CompanyError(
            f"The records of {company.name} begin on {start}, after {day}. Ask for a "
            "later period."
        )
    return day


def latest_day(tables: Iterable[Loaded]) -> dt.date | None:
    """Latest date that is not in the future: by then the records surely ran."""
    tomorrow = dt.datetime.combine(dt.date.today() + dt.timedelta(1), dt.time())
    found: list[dt.date] = []
    for loaded in tables:
        table, names = TABLES[loaded.bin.table], loaded.frame.collect_schema().names()
        for column in sorted({table.date, "left_on"} & {*names}):
            past = loaded.frame.filter(nw.col(column) < nw.lit(tomorrow))
            latest = collect(past.select(nw.col(column).max()))[column].dropna()
            found += [pd.Timestamp(v).date() for v in latest]
    return max(found, default=None)
