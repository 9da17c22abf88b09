"""Rows of a randomised holdout, for effects that differ between customers."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.columns import comparable, widths
from retention.counts.engine import collect, tally, with_bucket
from retention.counts.programme import (
    launched,
    members,
    money,
    must_be_followed,
    present,
    shifted,
    within,
)

ROW_LIMIT = 200_000


def holdout_rows(
    company,
    *,
    months: int = 12,
    before: int = 12,
    covariates: Sequence[str] | None = None,
    limit: int = ROW_LIMIT,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """One row for each customer of the draw, without ids.

    Customer rows leave the engine here. Above the limit, whole buckets of the md5 of
    the customer id are kept, in order: a random sample, the same one every time.

    Parameters
    ----------
    company : Company
        With memberships.holdout.
    months, before : int
        Follow-up from the launch, and months of history before it.
    covariates : sequence of str, optional
        Columns of the customers table; by default all that are comparable.
    limit : int
        Most rows.
    programme, study : str
        As in `retention.counts.holdout_arms`.

    Returns
    -------
    DataFrame
        `offered` (1 programme, 0 held out), `taker` (1 enrolled in the follow-up),
        the outcomes `margin`, `revenue` (sums, nothing after leaving) and `stayed`
        (0/1), `history` (mean monthly revenue before; the mean of all where there is
        none), `tenure` (months at the launch), the covariates, and `bucket`.

    Raises
    ------
    ValueError
        If nothing was drawn, or the follow-up was not seen in full.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> rows = counts.holdout_rows(company, covariates=["plan"], limit=2_000)
    >>> rows.groupby(["offered", "taker"])["margin"].mean().round(1)
    offered  taker
    0        0        262.0
    1        0        245.3
             1        326.9
    Name: margin, dtype: float64
    """
    if not company.has("memberships", "holdout"):
        raise ValueError(
            f"{company.name} held nobody out by lot (no memberships.holdout), "
            "so nothing tells whom the programme changes most."
        )
    start = launched(company, programme)
    must_be_followed(company, start, months)
    if covariates is None:
        covariates = [*comparable(company, study=study), *widths(company, study=study)]
    rows = with_bucket(_drawn(company, start, months, programme, study))
    sizes = tally(rows, "bucket")
    sizes = sizes.sort_values("bucket")
    kept = sizes.loc[sizes["n"].cumsum() <= limit, "bucket"]
    if not len(kept):
        raise ValueError(
            f"No row fits: the draw has {int(sizes['n'].sum()):,} customers and the "
            f"limit is {limit:,}."
        )
    if len(kept) < len(sizes):
        rows = rows.filter(nw.col("bucket").is_in(list(kept)))
    return _filled(_collected(company, rows, start, months, before, covariates))


def _drawn(company, start, months, programme, study) -> nw.LazyFrame:
    drawn = members(company, programme).filter(~nw.col("holdout").is_null())
    took = nw.col("enrolled_on") < nw.lit(shifted(start, months))
    flags = {"offered": nw.col("holdout") == 0, "taker": took}
    drawn = drawn.select(
        "customer_id",
        **{
            name: nw.when(test).then(nw.lit(1)).otherwise(nw.lit(0))
            for name, test in flags.items()
        },
    )
    here = present(company.population(study), start)
    return here.join(drawn, on="customer_id", how="inner")


def _collected(company, rows, start, months, before, covariates) -> pd.DataFrame:
    activity, names = money(company)
    first, end = shifted(start, 0), shifted(start, months)
    after = within(activity, first, end).group_by("customer_id")
    after = after.agg(*(nw.col(name).sum() for name in names))
    past = within(activity, shifted(start, -before), first).group_by("customer_id")
    past = past.agg(nw.col("revenue").mean().alias("history"))
    rows = rows.join(after, on="customer_id", how="left")
    rows = rows.join(past, on="customer_id", how="left")
    left, joined = nw.col("left_on"), nw.col("joined_on")
    stayed = left.is_null() | (left >= nw.lit(end))
    month = 12 * joined.dt.year() + joined.dt.month()
    given = ("offered", "taker", *names, "history", *covariates, "bucket")
    return collect(
        rows.select(
            "customer_id",
            *given,
            tenure=12 * first.year + first.month - month,
            stayed=nw.when(stayed).then(nw.lit(1)).otherwise(nw.lit(0)),
        )
    )


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values("customer_id", ignore_index=True).drop(
        columns="customer_id"
    )
    paid = [name for name in ("margin", "revenue") if name in rows]
    rows[paid] = rows[paid].fillna(0.0)
    return rows.assign(history=rows["history"].fillna(rows["history"].mean()))
