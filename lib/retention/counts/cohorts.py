"""Cohort triangles and landmark tables."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    completed,
    completed_between,
    day_after,
    instant,
    period_bounds,
)
from retention.counts.risk import periods
from retention.counts.tenure import tenure_counts, tenure_frame


def cohort_triangle(
    company, *, cohort: str = "quarter", window=None, study: str = "tenure"
) -> pd.DataFrame:
    """Retention by joining cohort and period of tenure.

    Parameters
    ----------
    company : Company
        One that brings joining dates.
    cohort : {"month", "quarter", "year"}
        What is pooled into one row of the triangle.
    window, study
        As in `retention.counts.tenure`.

    Returns
    -------
    DataFrame
        `cohort` (text such as 2023-Q1), `period`, `at_risk`, `events`, and
        `kept`, the cohort's Kaplan-Meier share still here after the period.
        Only cohorts that were observed from joining are in it: of older cohorts
        the early leavers were never recorded. In the youngest customers of a
        cohort the last periods are not over yet, which is why `kept` is a
        product of shares and not a quotient of ragged counts.

    Raises
    ------
    ValueError
        If the company brings durations or counts instead of dates.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> triangle = counts.cohort_triangle(company, cohort="year")
    >>> triangle[triangle["period"] == 12].round(3)
        cohort  period  at_risk  events   kept
    11    2022      12      377       9  0.662
    59    2023      12     2262      36  0.694
    105   2024      12     2509      55  0.701
    139   2025      12     2406      54  0.701
    """
    if company.tenure_form != "dates":
        raise ValueError(
            f"{company.name} brings no joining dates, and cohorts are made of them. "
            "Bring joined_on and left_on in the customers table."
        )
    frame = tenure_frame(company, window=window, study=study)
    frame = frame.filter(nw.col("entry") == 0).with_columns(cohort=_label(cohort))
    triangle = periods(tenure_counts(frame, by=["cohort"]))
    kept = (1 - triangle["events"] / triangle["at_risk"]).groupby(triangle["cohort"])
    return triangle.assign(kept=kept.cumprod())


def landmark(
    company,
    *,
    on: Sequence[dt.date],
    horizon: int,
    by: Sequence[str] = (),
    study: str = "tenure",
) -> pd.DataFrame:
    """Customers present at each landmark, and what became of them.

    The clock starts anew at the landmark, so that nothing known only later can
    sort customers into groups.

    Parameters
    ----------
    company : Company
    on : sequence of date
        Landmarks. A customer is present if it joined on or before that day and
        had not left by the end of it.
    horizon : int
        Periods of follow-up, in the company's time unit.
    by : sequence of str
        Columns of the customers table known at the landmark.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `landmark` (date), the strata, `entry` (0), `duration` (period after the
        landmark in which the customer left, or periods followed), `event` (1 left
        within the horizon, 0 not) and `n`.

    Raises
    ------
    ValueError
        If a landmark lies outside the observation window, where nobody can be
        seen to stay.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.landmark(company, on=[dt.date(2025, 10, 31)], horizon=12)
    >>> table.groupby("event")["n"].sum()
    event
    0    9347
    1    2024
    Name: n, dtype: int64
    """
    first, last = period_bounds(company, None)
    outside = [str(s) for s in on if s >= last or (first is not None and s < first)]
    if outside:
        raise ValueError(
            f"Landmarks outside the observation window ({first} to {last}): "
            f"{', '.join(outside[:5])}. Choose days inside it."
        )
    customers = company.population(study)
    tables = [_followed(customers, s, last, horizon, company, by) for s in on]
    return pd.concat(tables, ignore_index=True)


def _followed(customers, start, last, horizon, company, by) -> pd.DataFrame:
    left, unit = nw.col("left_on"), company.time_unit
    begin = day_after(start)
    present = customers.filter(
        nw.col("joined_on") < instant(begin), left.is_null() | (left >= instant(begin))
    )
    whole = completed_between(begin, day_after(last), unit)
    gone = ~left.is_null() & (left < instant(day_after(last)))
    lived = nw.when(gone).then(completed(begin, left, unit) + 1)
    lived = lived.otherwise(nw.lit(whole))
    frame = present.with_columns(
        duration=nw.min_horizontal(lived, nw.lit(horizon)).cast(nw.Int64),
        event=(gone & (lived <= horizon)).cast(nw.Int64),
    )
    counted = tenure_counts(frame, by=by)
    counted.insert(0, "landmark", start)
    return counted


def _label(cohort: str) -> nw.Expr:
    joined = nw.col("joined_on")
    year = joined.dt.year().cast(nw.String)
    if cohort == "year":
        return year
    if cohort == "month":
        # 101..112 minus its first digit is the month with its leading zero.
        month = (joined.dt.month() + 100).cast(nw.String).str.slice(1, 2)
        return nw.concat_str(year, nw.lit("-"), month)
    if cohort == "quarter":
        quarter = ((joined.dt.month() + 2) // 3).cast(nw.String)
        return nw.concat_str(year, nw.lit("-Q"), quarter)
    raise ValueError(f"cohort is {cohort!r}; it can be month, quarter or year.")
