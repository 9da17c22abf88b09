"""Money of those who enrolled and of the others."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.loyalty_money.members import enrolments
from retention.counts.loyalty_money.months import last_month, monthly_spend
from retention.counts.once import once
from retention.counts.programme import launched, months_since, shifted


def spend_by_membership(
    company, *, months: int = 12, programme: str = "", study: str = "loyalty"
) -> pd.DataFrame:
    """Sums of monthly spend of members and of others since the launch.

    Parameters
    ----------
    company : Company
    months : int
        Months from the launch that are counted; fewer where the records end.
    programme, study : str

    Returns
    -------
    DataFrame
        `time` (months since the launch), `member` (1 from the month of enrolment to
        that of the end), `bucket`, `n` (customers active in the month), `revenue`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> spent = counts.spend_by_membership(company, months=6)
    >>> last = spent[spent["time"] == 5].groupby("member")[["n", "revenue"]].sum()
    >>> (last["revenue"] / last["n"]).round(2)
    member
    0    61.49
    1    73.25
    dtype: float64
    """
    start = launched(company, programme)
    first = start.year * 12 + start.month - 1
    window = (nw.col("time") >= first) & (nw.col("time") < first + months)
    spend = monthly_spend(company, study=study)
    spend = spend.filter(window, nw.col("time") <= last_month(company))
    people = enrolments(company, programme, study=study)
    joined = spend.join(people, on="customer_id", how="inner")
    joined = joined.with_columns(time=nw.col("time") - first)
    began = months_since(nw.col("enrolled_on"), start)
    ended = months_since(nw.col("ended_on"), start)
    lasting = nw.col("ended_on").is_null() | (nw.col("time") <= ended)
    running = (began <= nw.col("time")) & lasting
    member = nw.when(running).then(nw.lit(1)).otherwise(nw.lit(0))
    joined = with_bucket(joined.with_columns(member=member))
    keys = ["time", "member", "bucket"]
    totals = (nw.len().alias("n"), nw.col("revenue").sum())
    counted = collect(joined.group_by(*keys).agg(*totals))
    return counted.sort_values(keys, ignore_index=True)


@once
def programme_money(
    company, *, months: int = 12, programme: str = "", study: str = "loyalty"
) -> pd.DataFrame:
    """Money of the programme's first months, of those who enrolled and of the others.

    Parameters
    ----------
    company : Company
    months : int
        Months from the launch.
    programme, study : str

    Returns
    -------
    DataFrame
        Over customers present at the launch: `arm` ("programme", "holdout", or ""
        where nothing was drawn), `taker` (1 enrolled within the months), `bucket`,
        `n`, and sums of `revenue` and `margin` (zeros after leaving), `points`
        earned, `member_months` (active months from enrolment on) and `elsewhere`
        (orders besides activity).

    Notes
    -----
    Present is who had joined and not left; without dates, who bought in the
    `months` before the launch.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> money = counts.programme_money(company)
    >>> money.groupby(["arm", "taker"])[["n", "member_months"]].sum()
                        n  member_months
    arm       taker
    holdout   0      2821            0.0
    programme 0      5461            0.0
              1      2527        16927.0
    """
    start = launched(company, programme)
    people = _present(company, start, months, programme, study)
    first = start.year * 12 + start.month - 1
    spend = monthly_spend(company, study=study).filter(
        nw.col("time") >= first, nw.col("time") < first + months
    )
    totals = _with_membership(spend, people, start)
    rows = people.join(totals, on="customer_id", how="left")
    for name, table in _besides(company, start, months, study).items():
        rows = rows.join(table, on="customer_id", how="left").with_columns(
            nw.coalesce(nw.col(name).cast(nw.Float64), nw.lit(0.0)).alias(name)
        )
    sums = ("revenue", "margin", "points", "member_months", "elsewhere")
    keys = ["arm", "taker", "bucket"]
    filled = (
        nw.coalesce(nw.col(s).cast(nw.Float64), nw.lit(0.0)).alias(s) for s in sums
    )
    rows = with_bucket(rows.with_columns(*filled))
    added = rows.group_by(*keys).agg(
        nw.len().alias("n"), *(nw.col(s).sum() for s in sums)
    )
    return collect(added).sort_values(keys, ignore_index=True)


def _present(company, start, months, programme, study) -> nw.LazyFrame:
    """Customers there at the launch, with `arm` and `taker`."""
    people = enrolments(company, programme, study=study)
    if company.tenure_form == "dates" and company.has(
        "customers", "joined_on", "left_on"
    ):
        dated = company.population(study).select("customer_id", "joined_on", "left_on")
        left = nw.col("left_on")
        here = dated.filter(
            nw.col("joined_on") < instant(day_after(start)),
            left.is_null() | (left >= instant(start)),
        ).select("customer_id")
    else:
        first = start.year * 12 + start.month - 1
        bought = (nw.col("time") >= first - months) & (nw.col("time") < first)
        here = monthly_spend(company, study=study).filter(bought).select("customer_id")
    people = people.join(here.unique(), on="customer_id", how="semi")
    held, drawn = nw.col("holdout") == 1, ~nw.col("holdout").is_null()
    arm = (
        nw.when(held)
        .then(nw.lit("holdout"))
        .otherwise(nw.when(drawn).then(nw.lit("programme")).otherwise(nw.lit("")))
    )
    took = nw.col("enrolled_on") < instant(shifted(start, months))
    taker = nw.when(took).then(nw.lit(1)).otherwise(nw.lit(0))
    return people.with_columns(arm=arm, taker=taker)


def _with_membership(spend, people, start) -> nw.LazyFrame:
    """Money and active months of membership of each customer."""
    first = start.year * 12 + start.month - 1
    began = months_since(nw.col("enrolled_on"), start)
    joined = spend.join(people.select("customer_id", "enrolled_on"), on="customer_id")
    member = nw.when(began <= nw.col("time") - first).then(nw.lit(1))
    joined = joined.with_columns(member_months=member.otherwise(nw.lit(0)))
    sums = (nw.col(c).sum() for c in ("revenue", "margin", "member_months"))
    return joined.group_by("customer_id").agg(*sums)


def _besides(company, start, months, study) -> dict[str, nw.LazyFrame]:
    """Points earned, and orders beside the activity, of each customer."""
    people = company.population(study).select("customer_id").unique()
    nothing = people.head(0)
    found = {
        n: nothing.with_columns(nw.lit(0.0).alias(n)) for n in ("points", "elsewhere")
    }
    end = instant(shifted(start, months))
    if company.has("points"):
        day = nw.col("occurred_on")
        rows = company.table("points").filter(
            nw.col("kind") == "earn", day >= instant(start), day < end
        )
        found["points"] = rows.group_by("customer_id").agg(nw.col("points").sum())
    if company.has("orders", "amount") and company.has("activity", "revenue"):
        day = nw.col("ordered_on")
        rows = company.table("orders").filter(day >= instant(start), day < end)
        paid = nw.col("amount").sum().alias("elsewhere")
        found["elsewhere"] = rows.group_by("customer_id").agg(paid)
    return found
