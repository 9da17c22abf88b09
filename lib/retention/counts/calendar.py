"""Dates to whole periods, as expressions that every engine runs."""

import calendar
import datetime as dt

import narwhals as nw

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}

Day = nw.Expr | dt.date


def completed(start: Day, end: Day, unit: str) -> nw.Expr:
    """Whole periods from `start` up to the beginning of the day `end`.

    A month is complete on the day of the month it began on: from 31 January the
    first month is complete on 1 March, as no 31 February comes before it.
    """
    if unit in DAYS:
        return (_day_number(end) - _day_number(start)) // DAYS[unit]
    start_year, start_month, start_day = _parts(start)
    end_year, end_month, end_day = _parts(end)
    early = nw.when(start_day > end_day).then(nw.lit(1)).otherwise(nw.lit(0))
    months = (end_year - start_year) * 12 + (end_month - start_month) - early
    return months // MONTHS[unit] if MONTHS[unit] > 1 else months


def completed_between(start: dt.date, end: dt.date, unit: str) -> int:
    """Whole periods between two dates, as `completed` counts them."""
    if unit in DAYS:
        return (end - start).days // DAYS[unit]
    months = (end.year - start.year) * 12 + end.month - start.month
    return (months - (start.day > end.day)) // MONTHS[unit]


def instant(day: dt.date) -> nw.Expr:
    """Midnight at the start of a day: compares with dates and with timestamps."""
    return nw.lit(dt.datetime.combine(day, dt.time()))


def day_after(day: dt.date) -> dt.date:
    """Next day: an observation window includes its last day."""
    return day + dt.timedelta(days=1)


def month_start(month: str) -> dt.date:
    """First day of a month written as 2022-11."""
    return dt.date(*_year_month(month), 1)


def month_end(month: str) -> dt.date:
    """Last day of a month written as 2024-10."""
    year, number = _year_month(month)
    return dt.date(year, number, calendar.monthrange(year, number)[1])


def period_bounds(company, window) -> tuple[dt.date | None, dt.date]:
    """First and last day of the window, never wider than tenure was observed."""
    if window is None:
        return company.observed_from, company.tenure_to
    start, end = month_start(window[0]), month_end(window[1])
    if start > end:
        raise ValueError(
            f"The window {window[0]} to {window[1]} ends before it starts."
        )
    if company.observed_from is not None:
        start = max(start, company.observed_from)
    return start, min(end, company.tenure_to)


def window(company, first: str = "", last: str = "") -> tuple[str, str] | None:
    """Observation window from two months that may be empty.

    Parameters
    ----------
    company : Company
    first, last : str
        Months such as 2022-11; empty means where the company's own window begins
        or ends.

    Returns
    -------
    (str, str) or None
        What `tenure` takes as its window; None where both are empty.

    Raises
    ------
    ValueError
        If only the last month is given and the company does not say from when on
        its customers were observed.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.window(company, "2025-11"), counts.window(company)
    (('2025-11', '2026-10'), None)
    """
    if not first and not last:
        return None
    if not first and company.observed_from is None:
        raise ValueError(
            "A window that ends early needs a first month too, because "
            f"{company.name} does not say from when on its customers were observed."
        )
    return (
        first or f"{company.observed_from:%Y-%m}",
        last or f"{company.tenure_to:%Y-%m}",
    )


def half_windows(company, window) -> list[tuple[str, str]]:
    """First and second half of a window; none where it is too short or unknown."""
    first, last = period_bounds(company, window)
    if first is None:
        return []
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    if months < 12:
        return []
    middle = 12 * first.year + first.month - 1 + months // 2
    before, after = divmod(middle - 1, 12), divmod(middle, 12)
    return [
        (f"{first:%Y-%m}", f"{before[0]}-{before[1] + 1:02d}"),
        (f"{after[0]}-{after[1] + 1:02d}", f"{last:%Y-%m}"),
    ]


def _year_month(month: str) -> tuple[int, int]:
    try:
        parsed = dt.datetime.strptime(month, "%Y-%m")
    except ValueError as error:
        raise ValueError(f"{month!r} is not a month; write it as 2026-10.") from error
    return parsed.year, parsed.month


def _parts(day: Day):
    """Year, month and day: numbers of a date, expressions of a column of dates."""
    if isinstance(day, dt.date):
        return day.year, day.month, day.day
    return day.dt.year(), day.dt.month(), day.dt.day()


def _day_number(day: Day):
    """Days since the year 0, from parts that all engines have."""
    year = _parts(day)[0]
    of_year = (
        day.timetuple().tm_yday if isinstance(day, dt.date) else day.dt.ordinal_day()
    )
    leap_days = (year - 1) // 4 - (year - 1) // 100 + (year - 1) // 400
    return year * 365 + leap_days + of_year
