"""Periods as they are asked for: months, quarters, years, days, and "last month"."""

import datetime as dt
import re

_KINDS = {
    "month": re.compile(r"\d{4}-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
    "year": re.compile(r"\d{4}"),
    "day": re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}"),
}
_PER_YEAR = {"month": 12, "quarter": 4, "year": 1}
_MOST = 600


class ReportError(ValueError):
    """A request that cannot be carried out as it stands."""


def kind(period) -> str:
    """Kind of a period's name: month, quarter, year, day, or "" for another.

    Examples
    --------
    >>> kind("2026-Q3"), kind("2026-10"), kind("undated")
    ('quarter', 'month', '')
    """
    return next((k for k, form in _KINDS.items() if form.fullmatch(str(period))), "")


def checked_period(period, *, today=None) -> str:
    """Period under its own name; "last-month" and the like become one.

    Parameters
    ----------
    period : str or None
        "2026-10", "2026-Q3", "2026", "2026-10-31", "last-month", "last-quarter" or
        "last-year"; empty stays empty.
    today : date, optional
        What "last" counts from; the calendar's today unless given.

    Raises
    ------
    ReportError
        It is none of these.

    Examples
    --------
    >>> checked_period("last-month", today=dt.date(2026, 1, 15))
    '2025-12'
    >>> checked_period("last-quarter", today=dt.date(2026, 11, 1))
    '2026-Q3'
    """
    asked = str(period or "")
    last = asked.removeprefix("last-")
    if last != asked and last in _PER_YEAR:
        return _named(last, _number(last, today or dt.date.today()) - 1)
    if asked and not kind(asked):
        raise ReportError(
            f"{period!r} is no period. Write a month (2026-10), a quarter (2026-Q3), "
            "a year (2026), a day (2026-10-31), or last-month, last-quarter, last-year."
        )
    return asked


def between(first, last) -> list[str]:
    """All periods from one to another, both included, oldest first.

    Parameters
    ----------
    first, last : str
        Two months, two quarters or two years.

    Raises
    ------
    ReportError
        They are of different kinds, days, in the wrong order or too far apart.

    Examples
    --------
    >>> between("2025-11", "2026-01")
    ['2025-11', '2025-12', '2026-01']
    >>> between("2025-Q4", "2026-Q1")
    ['2025-Q4', '2026-Q1']
    """
    first, last = checked_period(first), checked_period(last)
    unit = kind(first)
    if unit not in _PER_YEAR or kind(last) != unit:
        raise ReportError(
            f"From {first or 'nothing'} to {last or 'nothing'}: give two months, two "
            "quarters or two years, such as --from 2025-11 --to 2026-10."
        )
    numbers = range(_count(unit, first), _count(unit, last) + 1)
    if not 0 < len(numbers) <= _MOST:
        raise ReportError(
            f"From {first} to {last} there are {len(numbers)} {unit}s: put the "
            f"earlier one first, and ask for {_MOST} at most."
        )
    return [_named(unit, number) for number in numbers]


def month_before(day, months) -> str:
    """Month that begins a window of so many months ending with a day's month.

    Examples
    --------
    >>> month_before(dt.date(2026, 10, 31), 12)
    '2025-11'
    """
    return _named("month", _number("month", day) - months + 1)


def _count(unit, period):
    """Number of a period, one more for each later one."""
    year, part = int(period[:4]), period[5:].lstrip("Q")
    return year * _PER_YEAR[unit] + (int(part) - 1 if part else 0)


def _number(unit, day):
    return day.year * _PER_YEAR[unit] + (day.month - 1) * _PER_YEAR[unit] // 12


def _named(unit, number):
    year, part = divmod(number, _PER_YEAR[unit])
    tails = {"month": f"-{part + 1:02d}", "quarter": f"-Q{part + 1}", "year": ""}
    return f"{year:04d}{tails[unit]}"
