"""Sums around a threshold, in narrow bins, for regression discontinuity."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.columns import widths
from retention.counts.engine import collect, with_bucket
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

POWERS = (1, 2, 3, 4, 5)
EVERYBODY = "everybody"
SUMS = [*(f"u{k}" for k in POWERS), "y", "uy", "u2y", "u3y", "yy"]


def threshold_bins(
    company,
    *,
    threshold: float,
    width: float = 10.0,
    outcome: str = "revenue",
    months: int = 12,
    on: dt.date | None = None,
    covariates: Sequence[str] | None = None,
    running: str = "qualifying_spend",
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Sums of an outcome in bins of the spend that qualifies for a tier.

    Parameters
    ----------
    company : Company
        With memberships.qualifying_spend.
    threshold : float
        Spend from which on the tier is granted.
    width : float
        Width of a bin, in the units of the running column.
    outcome : {"revenue", "margin"}
        Monthly mean while active, in the months from `on`.
    months : int
        Follow-up.
    on : date, optional
        First month in which the tier counts; twelve months after the launch by
        default.
    covariates : sequence of str, optional
        Numeric columns of the customers table; all by default, and tenure.
    running : str
        Column of the memberships table.
    programme, study : str
        As in `retention.counts.holdout_arms`.

    Returns
    -------
    DataFrame
        As `running_bins`: the outcome, each covariate, and "everybody", which also
        counts those without an outcome.

    Raises
    ------
    ValueError
        If no spend is recorded, or on one side of the threshold only.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.threshold_bins(company, threshold=600, covariates=[])
    >>> near = table[(table["variable"] == "revenue") & table["left"].between(-20, 10)]
    >>> near.groupby("left")[["n", "y"]].sum().round(1)
            n       y
    left
    -20.0  23  1208.7
    -10.0  21  1119.7
     0.0   21  1146.9
     10.0  29  1579.9
    """
    on = on or shifted(launched(company, programme), 12)
    must_be_followed(company, on, months)
    rows = _members(company, running, programme)
    people = present(company.population(study), on)
    if covariates is None:
        covariates = list(widths(company, study=study))
    activity, names = money(company)
    if outcome not in names:
        raise ValueError(f"The activity table has no {outcome}: it has {names}.")
    after = within(activity, shifted(on, 0), shifted(on, months))
    after = after.group_by("customer_id").agg(nw.col(outcome).mean().alias(outcome))
    rows = people.join(rows, on="customer_id").join(after, on="customer_id", how="left")
    rows = rows.with_columns(tenure=-months_since(nw.col("joined_on"), on))
    variables = [outcome, *(c for c in covariates if c != "tenure"), "tenure"]
    rows = with_bucket(rows.select("customer_id", "running", *variables))
    table = _binned(rows, "running", threshold, width, variables)
    _both_sides(table, running, threshold)
    return table


def running_bins(
    rows,
    *,
    running: str,
    threshold: float = 0.0,
    width: float,
    outcome: str,
    covariates: Sequence[str] = (),
) -> pd.DataFrame:
    """Sums of an outcome in bins of a running column, from rows.

    Parameters
    ----------
    rows : DataFrame
        One row a unit; the hash bucket is that of `customer_id`, or of the row's
        place where there is none.
    running : str
        Column that the threshold is set on.
    threshold : float
        Units at or above it are on the upper side.
    width : float
        Width of a bin. Fits are exact at bandwidths that are multiples of it.
    outcome : str
    covariates : sequence of str
        Numeric columns.

    Returns
    -------
    DataFrame
        `variable` (the outcome, each covariate, and "everybody"), `left` (lower edge
        of the bin, minus the threshold), `width`, `bucket`, `n`, and sums over its
        units: `u1` to `u5` (powers of running minus threshold), `y`, `uy`, `u2y`,
        `u3y`, `yy`.

    Examples
    --------
    >>> rows = pd.DataFrame({"margin": [-3.0, -1.0, 2.0], "vote": [40.0, 44.0, 55.0]})
    >>> table = running_bins(rows, running="margin", width=5, outcome="vote")
    >>> own = table[table["variable"] == "vote"].groupby("left", as_index=False)
    >>> own[["n", "u1", "y"]].sum()
       left  n   u1     y
    0  -5.0  2 -4.0  84.0
    1   0.0  1  2.0  55.0
    """
    if "customer_id" not in rows:
        rows = rows.assign(customer_id=[str(i) for i in range(len(rows))])
    variables = [outcome, *covariates]
    frame = nw.from_native(rows[["customer_id", running, *variables]]).lazy()
    table = _binned(with_bucket(frame), running, threshold, width, variables)
    _both_sides(table, running, threshold)
    return table


def _members(company, running: str, programme: str):
    """Customers with their running value: the last one of several memberships."""
    table = company.table("memberships")
    if running not in table.collect_schema().names():
        raise ValueError(
            f"The memberships table has no {running}, so nobody can be placed around "
            "the threshold."
        )
    if programme:
        table = table.filter(nw.col("programme") == programme)
    table = table.filter(~nw.col(running).is_null())
    found = table.group_by("customer_id").agg(nw.col(running).max().alias("running"))
    enrolled = members(company, programme).filter(~nw.col("enrolled_on").is_null())
    return found.join(enrolled.select("customer_id"), on="customer_id")


def _binned(rows, running, threshold, width, variables) -> pd.DataFrame:
    u = nw.col(running) - threshold
    rows = rows.with_columns(u=u, left=((u / width).floor() * width).cast(nw.Float64))
    rows = rows.with_columns(
        u1=nw.col("u"),
        u2=nw.col("u") ** 2,
        u3=nw.col("u") ** 3,
        u4=nw.col("u") ** 4,
        u5=nw.col("u") ** 5,
    )
    parts = [_sums(rows, None)] + [_sums(rows, name) for name in variables]
    table = pd.concat(parts, ignore_index=True).assign(width=float(width))
    table = table.astype({"n": "int64"})
    order = ["variable", "left", "width", "bucket", "n", *SUMS]
    return table[order].sort_values(["variable", "left", "bucket"], ignore_index=True)


def _sums(rows, name: str | None) -> pd.DataFrame:
    if name is None:
        rows = rows.with_columns(y=nw.lit(0.0))
    else:
        rows = rows.filter(~nw.col(name).is_null())
        rows = rows.with_columns(y=nw.col(name).cast(nw.Float64))
    y = nw.col("y")
    rows = rows.with_columns(
        uy=nw.col("u1") * y, u2y=nw.col("u2") * y, u3y=nw.col("u3") * y, yy=y * y
    )
    table = collect(
        rows.group_by("left", "bucket").agg(
            nw.len().alias("n"), *(nw.col(c).sum() for c in SUMS)
        )
    )
    return table.assign(variable=name or EVERYBODY)


def _both_sides(table: pd.DataFrame, running: str, threshold: float) -> None:
    sides = table.groupby(table["left"] >= 0)["n"].sum()
    if len(sides) < 2:
        side = "nobody" if not len(sides) else "customers on one side only"
        raise ValueError(
            f"There is {side} around {running} = {threshold:g}: the design needs "
            "customers just below and just above."
        )
