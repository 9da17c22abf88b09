"""Customer rows for estimates that cannot be made from counts, with a limit."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from retention.counts.calendar import instant
from retention.counts.columns import comparable, widths
from retention.counts.engine import collect, tally, with_bucket
from retention.counts.programme import (
    launched,
    members,
    money,
    months_since,
    must_be_followed,
    present,
    shifted,
    within,
)

LIMIT = 200_000
BUCKETS = 256
SETTLED_IN = 6  # months from the launch to the day on which members are told


@dataclass(frozen=True, eq=False)
class LoyaltyRows:
    """One row a customer, for weighting.

    Attributes
    ----------
    table : DataFrame
        `member` (1 enrolled by the landmark, 0 not), the outcomes `revenue` (monthly
        mean while active), `margin` (sum, nothing after leaving) and `stayed` (0/1)
        in the months from the landmark on; the past before the launch: `history`
        (monthly mean of revenue), `early` and `late` (its two halves), `tenure` (in
        months); and the covariates. No ids.
    covariates : list of str
        Columns of the customers table that are in it.
    customers : int
        Customers whom it stands for.
    share : float
        Share of the hash buckets that were kept: 1 unless the limit was reached.
    without_history : int
        Customers left out because nothing was recorded before the launch.
    landmark : date
    months : int
        Follow-up from the landmark.
    """

    table: pd.DataFrame
    covariates: list[str]
    customers: int
    share: float
    without_history: int
    landmark: dt.date
    months: int

    @property
    def summary(self) -> str:
        """Who is in it, in one sentence."""
        kept = "all" if self.share == 1 else f"a sample of {self.share:.0%}"
        return (
            f"{len(self.table):,} customers present on {self.landmark} "
            f"({self.table['member'].mean():.0%} members), {kept} of those with a "
            f"past before the launch; {self.without_history:,} had none."
        )


def loyalty_rows(
    company,
    *,
    on: dt.date | None = None,
    months: int = 12,
    before: int = 12,
    covariates: Sequence[str] | None = None,
    limit: int = LIMIT,
    programme: str = "",
    study: str = "loyalty",
) -> LoyaltyRows:
    """Rows of the customers present at a landmark, members or not.

    Customer rows leave the engine here. Above the limit, whole buckets of the md5 of
    the customer id are kept, in order, as many as fit: a simple random sample, the
    same one every time.

    Parameters
    ----------
    company : Company
        With activity and memberships.
    on : date, optional
        The landmark: who has enrolled by then is a member, whatever comes later. By
        default six months after the launch.
    months : int
        Follow-up from the landmark.
    before : int
        Months of history before the launch.
    covariates : sequence of str, optional
        Columns of the customers table; by default all that are comparable.
    limit : int
        Most rows.
    programme, study : str
        As in `retention.counts.holdout_arms`. Held-out customers are not members.

    Returns
    -------
    LoyaltyRows

    Raises
    ------
    ValueError
        If the follow-up was not seen in full, or nobody has a past.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> rows = counts.loyalty_rows(company, covariates=["plan"], limit=2_000)
    >>> str(rows.landmark), rows.customers, round(rows.share, 3)
    ('2025-05-01', 9408, 0.211)
    """
    launch = launched(company, programme)
    on = on or shifted(launch, SETTLED_IN)
    must_be_followed(company, on, months)
    if covariates is None:
        covariates = [*comparable(company, study=study), *widths(company, study=study)]
    rows = _rows(company, launch, on, months, before, programme, study)
    sizes = _sizes(rows)
    kept = sizes[sizes["n"].cumsum() <= limit]
    _some(sizes, kept, limit)
    if len(kept) < len(sizes):
        rows = rows.filter(nw.col("bucket").is_in(list(kept["bucket"])))
    table = _table(rows, list(covariates), before)
    return LoyaltyRows(
        table=table,
        covariates=list(covariates),
        customers=int(sizes["n"].sum()),
        share=1.0 if len(kept) == len(sizes) else len(kept) / BUCKETS,
        without_history=_without(rows),
        landmark=on,
        months=months,
    )


def _rows(company, launch, on, months, before, programme, study) -> nw.LazyFrame:
    people = present(company.population(study), on)
    enrolled = members(company, programme).select(
        "customer_id", "enrolled_on", "ended_on"
    )
    rows = people.join(enrolled, on="customer_id", how="left")
    for part in _money(company, launch, on, months, before):
        rows = rows.join(part, on="customer_id", how="left")
    return with_bucket(_told(rows, launch, on, months))


def _money(company, launch, on, months, before):
    """Sums by customer: after the landmark, and in the halves of the past."""
    activity, names = money(company)
    first, end = shifted(on, 0), shifted(on, months)
    middle = shifted(launch, -(before // 2))
    revenue = nw.col("revenue")
    yield (
        within(activity, first, end)
        .group_by("customer_id")
        .agg(
            revenue.mean().alias("revenue"),
            *(nw.col(n).sum().alias(n) for n in names if n == "margin"),
        )
    )
    spans = {"history": (-before, launch), "early": (-before, middle)}
    spans["late"] = (-(before // 2), launch)
    for name, (start, stop) in spans.items():
        rows = within(activity, shifted(launch, start), stop)
        yield rows.group_by("customer_id").agg(revenue.mean().alias(name))


def _told(rows, launch, on, months) -> nw.LazyFrame:
    """Membership at the landmark, staying and tenure, as columns."""
    day, left = instant(on), nw.col("left_on")
    ended = ~nw.col("ended_on").is_null() & (nw.col("ended_on") < day)
    member = (nw.col("enrolled_on") <= day) & ~ended
    stayed = left.is_null() | (left >= instant(shifted(on, months)))
    return rows.with_columns(
        member=nw.when(member).then(nw.lit(1)).otherwise(nw.lit(0)),
        stayed=nw.when(stayed).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        tenure=-months_since(nw.col("joined_on"), launch),
    )


def _sizes(rows) -> pd.DataFrame:
    past = rows.filter(~nw.col("history").is_null())
    counted = tally(past, "bucket")
    return counted.sort_values("bucket", ignore_index=True)


def _without(rows) -> int:
    nobody = rows.filter(nw.col("history").is_null())
    return int(collect(nobody.select(nw.len().alias("n")))["n"].iloc[0])


def _some(sizes: pd.DataFrame, kept: pd.DataFrame, limit: int) -> None:
    if not len(sizes):
        raise ValueError(
            "Nobody present at the landmark was active before the launch, so there "
            "is no past to compare members by."
        )
    if not len(kept):
        least = int(math.ceil(sizes["n"].iloc[0] / 100) * 100)
        raise ValueError(f"A limit of {limit:,} rows is too small: give {least:,}.")


def _table(rows, covariates: list[str], before: int) -> pd.DataFrame:
    columns = rows.collect_schema().names()
    money = [name for name in ("revenue", "margin") if name in columns]
    past = ["history", *(["early", "late"] if before >= 2 else []), "tenure"]
    own = [name for name in covariates if name not in past]
    wanted = ["customer_id", "member", *money, "stayed", *past, *own]
    found = collect(rows.filter(~nw.col("history").is_null()).select(*wanted))
    found = found.sort_values("customer_id", ignore_index=True)
    halves = [name for name in ("early", "late") if name in found]
    filled = {name: found[name].fillna(found["history"]) for name in halves}
    filled |= {name: found[name].fillna(0.0) for name in money}
    table = found.assign(**filled).drop(columns="customer_id")
    return table.astype({"member": "int64", "tenure": "int64"})
