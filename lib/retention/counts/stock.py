"""The stock of customers: how many, of what age, and how they came and went."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.calendar import (
    DAYS,
    MONTHS,
    completed,
    completed_between,
    day_after,
    instant,
    month_end,
)
from retention.counts.engine import tally
from retention.counts.once import once
from retention.counts.tenure import tenure_counts, tenure_frame


def period_ends(on: dt.date, unit: str, steps: Sequence[int]) -> list[dt.date]:
    """Last days of the periods that lie so many steps from the one ending on a day.

    Parameters
    ----------
    on : date
        End of step 0.
    unit : {"day", "week", "month", "quarter", "year"}
    steps : sequence of int
        Periods relative to it; -1 ends one period earlier.

    Returns
    -------
    list of date

    Examples
    --------
    >>> [str(d) for d in period_ends(dt.date(2025, 10, 31), "month", [-1, 0, 4])]
    ['2025-09-30', '2025-10-31', '2026-02-28']
    """
    start = pd.Timestamp(day_after(on))
    if unit in DAYS:
        moved = [start + pd.Timedelta(days=DAYS[unit] * step) for step in steps]
    else:
        moved = [start + pd.DateOffset(months=MONTHS[unit] * step) for step in steps]
    return [(day - pd.Timedelta(days=1)).date() for day in moved]


def last_month_end(day: dt.date) -> dt.date:
    """Latest end of a month that is not after a day.

    Parameters
    ----------
    day : date

    Returns
    -------
    date

    Examples
    --------
    >>> last_month_end(dt.date(2025, 10, 30)), last_month_end(dt.date(2025, 10, 31))
    (datetime.date(2025, 9, 30), datetime.date(2025, 10, 31))
    """
    if month_end(f"{day:%Y-%m}") == day:
        return day
    return day.replace(day=1) - dt.timedelta(days=1)


def stock_ages(
    company,
    on: dt.date,
    *,
    by: Sequence[str] = (),
    study: str = "leaky_bucket",
) -> pd.DataFrame:
    """Customers here at the end of a day, by completed periods of tenure.

    Parameters
    ----------
    company : Company
        One that brings dates.
    on : date
    by : sequence of str
        Columns of the customers table.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        The strata, `age` (completed periods, from 0) and `n`, sorted.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.stock_ages(company, dt.date(2026, 10, 31)).head(3)
       age    n
    0    1  281
    1    2  287
    2    3  247
    """
    joined, left = nw.col("joined_on"), nw.col("left_on")
    after = instant(day_after(on))
    here = company.population(study).filter(
        joined < after, left.is_null() | (left >= after)
    )
    age = completed(joined, day_after(on), company.time_unit).cast(nw.Int64)
    counted = tenure_counts(here.with_columns(duration=age + 1, event=nw.lit(0)), by=by)
    counted = counted.assign(age=counted["duration"] - 1)
    return counted[[*by, "age", "n"]]


def stock_history(
    company,
    on: dt.date,
    *,
    steps: Sequence[int],
    by: Sequence[str] = (),
    study: str = "leaky_bucket",
) -> pd.DataFrame:
    """Customers at the end of periods before and after a day, and who came and went.

    Parameters
    ----------
    company : Company
        One that brings dates.
    on : date
        End of step 0.
    steps : sequence of int
        Periods relative to it; -1 ends one period earlier.
    by : sequence of str
        Columns of the customers table.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        The strata, `step`, `day` (last of the period), `customers` (at its end),
        `joined` and `left` (in it), and `lived` (how much of the joining period was
        over, on average, for those who joined in it; 1 if all joined on its first
        day). Days before the records began are not complete.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.stock_history(company, dt.date(2026, 10, 31), steps=[-2, -1, 0]).round(3)
       step         day  customers  joined  left  lived
    0    -2  2026-08-31      12131     279   223    1.0
    1    -1  2026-09-30      12201     311   241    1.0
    2     0  2026-10-31      12230     289   260    1.0
    """
    ends = period_ends(on, company.time_unit, [*steps])
    starts = period_ends(on, company.time_unit, [step - 1 for step in steps])
    days = _days(company, by, study)
    groups = days.groupby(list(by), sort=True, dropna=False) if by else [((), days)]
    tables = []
    for name, rows in groups:
        table = pd.DataFrame(_moves(rows, starts, ends))
        table.insert(0, "step", list(steps))
        table.insert(1, "day", ends)
        for place, (column, value) in enumerate(zip(by, name, strict=True)):
            table.insert(place, column, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def recent_tenure(
    company,
    on: dt.date,
    *,
    months: int,
    by: Sequence[str] = (),
    study: str = "leaky_bucket",
) -> pd.DataFrame:
    """Tenure table of the months up to the end of a month, as it was known then.

    Parameters
    ----------
    company : Company
        One that brings dates.
    on : date
        Last day of a month; nothing later is seen.
    months : int
        How far back customers are observed; fewer where the records begin later.
    by, study
        As in `retention.counts.tenure`.

    Returns
    -------
    DataFrame
        As `retention.counts.tenure`.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.recent_tenure(company, dt.date(2025, 10, 31), months=12)
    >>> int(table["n"].sum()), int(table.loc[table["event"] == 1, "n"].sum())
    (14109, 2738)
    """
    first = pd.Timestamp(day_after(on)) - pd.DateOffset(months=months)
    frame = tenure_frame(company, window=(f"{first:%Y-%m}", f"{on:%Y-%m}"), study=study)
    if "start_seen" in frame.collect_schema().names():
        frame = frame.filter(nw.col("start_seen") == 1)
    return tenure_counts(frame, by=by)


def periods_followed(company, on: dt.date) -> int:
    """Whole periods between the end of a day and the end of the observation.

    Parameters
    ----------
    company : Company
    on : date
        The day at whose end the follow-up begins.

    Returns
    -------
    int
        In the company's time unit.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.periods_followed(company, dt.date(2025, 10, 31))
    12
    """
    return completed_between(
        day_after(on), day_after(company.tenure_to), company.time_unit
    )


@once
def _days(company, by: Sequence[str], study: str) -> pd.DataFrame:
    customers = company.population(study)
    dated = dict.fromkeys(("joined_on", "left_on"), "datetime64[us]")
    table = tally(customers, *by, "joined_on", "left_on").astype(dated)
    empty = {c: "not stated" for c in by if table[c].dtype == object}
    return table.fillna(empty)


def _moves(rows: pd.DataFrame, starts: list, ends: list) -> dict[str, np.ndarray]:
    """Customers at the ends of periods, joined and left in them, share lived."""
    began, over = (
        np.array([day_after(day) for day in days], "datetime64[D]").astype(int)
        for days in (starts, ends)
    )
    rows = rows[rows["joined_on"].notna()]
    n, joined = rows["n"].to_numpy(), _day_numbers(rows["joined_on"])
    gone = rows[rows["left_on"].notna()]
    left, lost = _day_numbers(gone["left_on"]), gone["n"].to_numpy()
    new = _before(joined, n, over) - _before(joined, n, began)
    days = _before(joined, n * joined, over) - _before(joined, n * joined, began)
    lived = (over * new - days) / (np.maximum(new, 1) * (over - began))
    return {
        "customers": _before(joined, n, over) - _before(left, lost, over),
        "joined": new,
        "left": _before(left, lost, over) - _before(left, lost, began),
        "lived": np.where(new > 0, lived, 1.0),
    }


def _day_numbers(days: pd.Series) -> np.ndarray:
    return days.to_numpy("datetime64[D]").astype(int)


def _before(days: np.ndarray, weight: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Sum of the weights of days before each of some days."""
    order = np.argsort(days, kind="stable")
    summed = np.append(0, weight[order].cumsum())
    return summed[np.searchsorted(days[order], at, side="left")]
