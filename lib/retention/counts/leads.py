"""Prospects worked on: won, given up or still open."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.engine import collect
from retention.counts.tenure import NOT_STATED


def lead_outcomes(company, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Leads by how long they were worked on and what became of them.

    Parameters
    ----------
    company : Company
        One that brings the table `leads`.
    by : sequence of str
        Columns of the leads table, such as `source`.

    Returns
    -------
    DataFrame
        A tenure table of leads: the strata, `entry` (0), `duration` (the period
        after opening in which it was closed; for open leads the whole periods it
        has been open), `event` (1 closed, 0 open), `cause` (won, abandoned; "" while
        open), `n` and `cost` (of those leads together; missing without the column).
        Leads opened before the records began are left out: those among them that
        were closed early were never recorded.

    Raises
    ------
    ValueError
        If a column of `by` does not exist.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> leads = counts.lead_outcomes(company)
    >>> leads.groupby("cause")["n"].sum()
    cause
                 2239
    abandoned    5195
    won          4573
    Name: n, dtype: int64
    """
    leads = company.table("leads")
    names = leads.collect_schema().names()
    if missing := [name for name in by if name not in names]:
        raise ValueError(
            f"No column named {', '.join(missing)} in the leads table. It has: "
            f"{', '.join(names)}."
        )
    frame = _followed(company, leads)
    texts = [nw.coalesce(nw.col(b), nw.lit(NOT_STATED)).alias(b) for b in by]
    keys = [*by, "entry", "duration", "event", "cause"]
    sums = {"n": nw.len()}
    if "cost" in names:
        sums["cost"] = nw.col("cost").sum()
    frame = frame.with_columns(*texts) if texts else frame
    found = collect(frame.group_by(*keys).agg(**sums))
    if "cost" not in names:
        found = found.assign(cost=float("nan"))
    whole = ["entry", "duration", "event", "n"]
    found = found.astype(dict.fromkeys(whole, "int64"))
    return found.sort_values(keys, ignore_index=True)


def _followed(company, leads):
    """Leads with duration, event and cause, as of the end of the observation."""
    opened, closed = nw.col("opened_on"), nw.col("closed_on")
    end, unit = company.observed_to, company.time_unit
    if company.observed_from is not None:
        leads = leads.filter(opened >= instant(company.observed_from))
    leads = leads.filter(opened < instant(day_after(end)))
    if "closed_on" not in leads.collect_schema().names():
        return _undated(leads)
    shut = ~closed.is_null() & (closed < instant(day_after(end)))
    lived = nw.when(shut).then(completed(opened, closed, unit) + 1)
    lived = lived.otherwise(completed(opened, day_after(end), unit))
    cause = nw.when(shut).then(nw.col("outcome")).otherwise(nw.lit(""))
    return leads.with_columns(
        entry=nw.lit(0), duration=lived, event=shut.cast(nw.Int64), cause=cause
    )


def _undated(leads):
    """Leads without a closing day: outcomes count, but not when they came."""
    shut = nw.col("outcome") != "open"
    cause = nw.when(shut).then(nw.col("outcome")).otherwise(nw.lit(""))
    return leads.with_columns(
        entry=nw.lit(0), duration=nw.lit(1), event=shut.cast(nw.Int64), cause=cause
    )
