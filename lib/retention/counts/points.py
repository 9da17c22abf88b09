"""Points of a loyalty programme, counted by the month they were earned in."""

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, with_bucket
from retention.counts.loyalty_money import last_month, monthly_spend, number, of_study


def month_name(month: int) -> str:
    """Month such as 2024-12 of a month number, twelve times the year plus 0 to 11.

    Parameters
    ----------
    month : int
        Months since the year 0, as in `last_month`.

    Returns
    -------
    str

    Examples
    --------
    >>> month_name(2024 * 12 + 11), month_name(2025 * 12)
    ('2024-12', '2025-01')
    """
    year, place = divmod(int(month), 12)
    return f"{year}-{place + 1:02d}"


def point_batches(
    company, *, bucket: bool = False, study: str = "loyalty"
) -> pd.DataFrame:
    """Points earned, redeemed and expired, by batch and months since it was earned.

    Parameters
    ----------
    company : Company
        One that brings the table points with `batch_on`.
    bucket : bool
        Add the bucket of the customer's hash, for the jackknife.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `batch` (month number in which the points were earned, see `month_name`),
        `lag` (months from then to the entry), `kind` (earn, redeem, expire),
        `bucket` where asked for, and `points`. Entries of a last month that the
        records do not cover to its end are left out.

    Raises
    ------
    ValueError
        If there are no points, or they do not say which batch they belong to.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> points = counts.point_batches(company)
    >>> points.groupby("kind")["points"].sum().round(0)
    kind
    earn      4673009.0
    expire      85448.0
    redeem    2241598.0
    Name: points, dtype: float64
    """
    _known(company)
    batch = nw.coalesce(nw.col("batch_on"), nw.col("occurred_on"))
    frame = of_study(company, company.table("points"), study)
    frame = frame.with_columns(
        batch=number(batch), lag=number(nw.col("occurred_on")) - number(batch)
    )
    whole = nw.col("batch") + nw.col("lag") <= last_month(company)
    frame = frame.filter(whole, nw.col("lag") >= 0)
    keys = ["batch", "lag", "kind", *(["bucket"] if bucket else [])]
    frame = with_bucket(frame) if bucket else frame
    counted = collect(frame.group_by(*keys).agg(nw.col("points").sum()))
    return counted.sort_values(keys, ignore_index=True)


def batch_sales(company, *, study: str = "loyalty") -> pd.DataFrame:
    """Sales with which each batch of points was earned.

    Parameters
    ----------
    company, study
        As in `point_batches`.

    Returns
    -------
    DataFrame
        `batch`, `points` (earned) and `sales`: what the customers who earned them
        paid in that month.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.batch_sales(company).head(3)
       batch   points     sales
    0  24299  28743.0  28731.96
    1  24300  53184.0  53187.68
    2  24301  73433.0  73421.35
    """
    _known(company)
    earned = of_study(company, company.table("points"), study)
    earned = earned.filter(nw.col("kind") == "earn").with_columns(
        batch=number(nw.col("occurred_on"))
    )
    earned = earned.group_by("customer_id", "batch").agg(nw.col("points").sum())
    spend = monthly_spend(company, study=study).select(
        "customer_id", nw.col("time").alias("batch"), "revenue"
    )
    joined = earned.join(spend, on=["customer_id", "batch"], how="left")
    paid = nw.coalesce(nw.col("revenue"), nw.lit(0.0)).sum().alias("sales")
    joined = joined.group_by("batch").agg(nw.col("points").sum(), paid)
    found = collect(joined).sort_values("batch", ignore_index=True)
    return found[found["batch"] <= last_month(company)]


def _known(company) -> None:
    if not company.has("points"):
        raise ValueError(
            f"{company.name} brings no points: add a table points with customer_id, "
            "occurred_on, kind, points and batch_on."
        )
    if not company.has("points", "batch_on"):
        raise ValueError(
            "The points do not say when they were earned: bring batch_on, so that "
            "young batches can be told from old ones."
        )
