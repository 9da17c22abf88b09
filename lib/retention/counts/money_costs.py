"""The cost book, and the customers of randomised retention actions."""

import datetime as dt

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant
from retention.counts.engine import collect, tally
from retention.counts.money import money_source
from retention.counts.once import once
from retention.counts.tenure import tenure_counts


def cost_book(company) -> pd.DataFrame:
    """Costs by month, kind and channel.

    Parameters
    ----------
    company : Company

    Returns
    -------
    DataFrame
        `month` (its first day), `kind`, `channel` ("" where none is named) and
        `amount`, sorted. Empty for a company without the table `costs`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.cost_book(company).head(3)
           month         kind   channel  amount
    0 2022-11-01  acquisition       ads  5760.0
    1 2022-11-01  acquisition   organic   520.0
    2 2022-11-01  acquisition  referral  3360.0
    """
    keys = ["month", "kind", "channel"]
    if not company.has("costs"):
        return pd.DataFrame(columns=[*keys, "amount"])
    costs = company.table("costs")
    channel = nw.lit("")
    if "channel" in costs.collect_schema().names():
        channel = nw.coalesce(nw.col("channel"), nw.lit(""))
    costs = costs.with_columns(channel=channel).group_by(*keys)
    book = collect(costs.agg(nw.col("amount").sum()))
    book["month"] = pd.to_datetime(book["month"])
    return book.sort_values(keys, ignore_index=True)


@once
def customer_months(company, *, study: str = "leaky_bucket") -> pd.DataFrame:
    """Customers who joined and who were here, in each calendar month on record.

    Parameters
    ----------
    company : Company
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `month` (its first day), `joined` (in the month) and `here` (at its
        beginning, or joined in it), from the first to the last month of payments.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.customer_months(company).head(2)
           month  joined  here
    0 2022-11-01     262  8794
    1 2022-12-01     294  8904
    """
    months = _months(company)
    customers = company.population(study)
    days = tally(customers, "joined_on", "left_on")
    joined, left = (pd.to_datetime(days[c]) for c in ("joined_on", "left_on"))
    rows = []
    for first in months:
        after = first + pd.offsets.MonthBegin(1)
        began = joined < after
        inside = days["n"].where(began & (joined >= first), 0).sum()
        here = days["n"].where(began & ~(left < first), 0).sum()
        rows.append((first, int(inside), int(here)))
    return pd.DataFrame(rows, columns=["month", "joined", "here"])


def experiment_arms(company, *, study: str = "leaky_bucket") -> pd.DataFrame:
    """Tenure since assignment, by experiment and arm.

    Parameters
    ----------
    company : Company
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `experiment`, `arm`, `assigned_on` (the first day on which the experiment
        assigned anybody), `entry` (0), `duration` (period after assignment in which
        the customer left, or whole periods followed), `event` and `n`. Empty
        without the table `experiments`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> arms = counts.experiment_arms(company)
    >>> arms.groupby(["experiment", "arm", "event"])["n"].sum()
    experiment     arm      event
    keep in touch  call     0        365
                            1        287
                   card     0        374
                            1        279
                   control  0        382
                            1        271
    Name: n, dtype: int64
    """
    columns = ["experiment", "arm", "assigned_on", "entry", "duration", "event", "n"]
    if not company.has("experiments"):
        return pd.DataFrame(columns=columns)
    given, left = nw.col("assigned_on"), nw.col("left_on")
    people = company.population(study).select("customer_id", "joined_on", "left_on")
    frame = company.table("experiments").join(people, on="customer_id", how="inner")
    frame = frame.filter(nw.col("joined_on") <= given, left.is_null() | (left >= given))
    end: dt.date = company.tenure_to
    unit = company.time_unit
    gone = ~left.is_null() & (left < instant(day_after(end)))
    lived = nw.when(gone).then(completed(given, left, unit) + 1)
    lived = lived.otherwise(completed(given, day_after(end), unit))
    frame = frame.with_columns(duration=lived.cast(nw.Int64), event=gone.cast(nw.Int64))
    first = collect(frame.group_by("experiment").agg(given.min().alias("assigned_on")))
    cells = tenure_counts(frame, by=["experiment", "arm"])
    return cells.merge(first, on="experiment")[columns]


def _months(company) -> pd.DatetimeIndex:
    source = money_source(company)
    day = nw.col(source.day)
    rows = company.table(source.table)
    ends = rows.select(day.min().alias("first"), day.max().alias("last"))
    first, last = (pd.Timestamp(v) for v in collect(ends).iloc[0][["first", "last"]])
    last = min(last, pd.Timestamp(company.tenure_to))
    return pd.date_range(first.to_period("M").start_time, last, freq="MS")
