"""Spend in the days of a campaign and in the days before it."""

import datetime as dt

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect, with_bucket
from retention.counts.loyalty_money import of_study
from retention.counts.programme import members

WINDOWS = ("during", "before", "earlier")
FEWEST = 100


def campaigns(company, *, study: str = "loyalty") -> pd.DataFrame:
    """Programmes that began and ended for all their members on the same days.

    Parameters
    ----------
    company : Company
        With orders, as a campaign's days matter and not its months.
    study : str

    Returns
    -------
    DataFrame
        `programme`, `members`, `first`, `last` (days), longest list first. Only those
        with at least 100 members and two windows of the same length before them
        within the records.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> people = [f"c{k}" for k in range(150)]
    >>> days = [dt.datetime(2025, month, 10) for month in (1, 3, 4, 5)]
    >>> company = open_company({
    ...     "customers": pd.DataFrame(
    ...         {"customer_id": people, "joined_on": [dt.date(2025, 1, 1)] * 150}
    ...     ),
    ...     "orders": pd.DataFrame({
    ...         "customer_id": people * 4,
    ...         "ordered_on": [day for day in days for _ in people],
    ...         "amount": [10.0] * 600,
    ...     }),
    ...     "memberships": pd.DataFrame({
    ...         "customer_id": people[:120], "programme": ["coupons"] * 120,
    ...         "enrolled_on": [dt.date(2025, 5, 1)] * 120,
    ...         "ended_on": [dt.date(2025, 5, 20)] * 120,
    ...     }),
    ... }, settings={"company": {"observed_to": dt.date(2025, 6, 30)}})
    >>> counts.campaigns(company)
      programme  members      first       last
    0   coupons      120 2025-05-01 2025-05-20
    """
    names = ["programme", "members", "first", "last"]
    if not (
        company.has("orders") and company.has("memberships", "programme", "ended_on")
    ):
        return pd.DataFrame(columns=names)
    frame = of_study(company, company.table("memberships"), study)
    frame = frame.filter(~nw.col("enrolled_on").is_null())
    first, last = nw.col("enrolled_on"), nw.col("ended_on")
    found = collect(
        frame.group_by("programme").agg(
            nw.col("customer_id").n_unique().alias("members"),
            first.min().alias("first"),
            first.max().alias("began_last"),
            last.min().alias("ended_first"),
            last.max().alias("last"),
            last.is_null().cast(nw.Int64).sum().alias("open"),
        )
    )
    days = {c: pd.to_datetime(found[c]) for c in found.columns[2:6]}
    found = found.assign(**days)
    one = (found["first"] == found["began_last"]) & (
        found["ended_first"] == found["last"]
    )
    found = found[one & (found["open"] == 0) & (found["members"] >= FEWEST)]
    length = found["last"] - found["first"] + pd.Timedelta(days=1)
    start = company.observed_from or company.checked("orders").first
    found = found[found["first"] - 2 * length >= pd.Timestamp(start)]
    order = ["members", "programme"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True)[names]


def campaign_windows(
    company, programme: str, *, study: str = "loyalty"
) -> pd.DataFrame:
    """Spend of a campaign's customers and of all others, during and before it.

    Parameters
    ----------
    company : Company
    programme : str
        One of `campaigns`.
    study : str

    Returns
    -------
    DataFrame
        `window` ("during" the campaign, "before" it in as many days, "earlier" in as
        many days before those), `member` (1 was sent it), `bucket`, `n` (customers,
        with or without an order) and `revenue`.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> people = [f"c{k}" for k in range(150)]
    >>> days = [dt.datetime(2025, month, 10) for month in (1, 3, 4, 5)]
    >>> company = open_company({
    ...     "customers": pd.DataFrame(
    ...         {"customer_id": people, "joined_on": [dt.date(2025, 1, 1)] * 150}
    ...     ),
    ...     "orders": pd.DataFrame({
    ...         "customer_id": people * 4,
    ...         "ordered_on": [day for day in days for _ in people],
    ...         "amount": [10.0] * 600,
    ...     }),
    ...     "memberships": pd.DataFrame({
    ...         "customer_id": people[:120], "programme": ["coupons"] * 120,
    ...         "enrolled_on": [dt.date(2025, 5, 1)] * 120,
    ...         "ended_on": [dt.date(2025, 5, 20)] * 120,
    ...     }),
    ... }, settings={"company": {"observed_to": dt.date(2025, 6, 30)}})
    >>> spent = counts.campaign_windows(company, "coupons")
    >>> spent.groupby(["window", "member"])[["n", "revenue"]].sum()
                      n  revenue
    window  member
    before  0        30      0.0
            1       120      0.0
    during  0        30    300.0
            1       120   1200.0
    earlier 0        30    300.0
            1       120   1200.0
    """
    own = campaigns(company, study=study).set_index("programme").loc[programme]
    first, last = own["first"].date(), own["last"].date()
    length = (last - first).days + 1
    frame = of_study(company, company.table("orders"), study)
    begins = [first - dt.timedelta(days=k * length) for k in range(len(WINDOWS))]
    day = nw.col("ordered_on")
    frame = frame.filter(day >= instant(begins[-1]), day < instant(day_after(last)))
    paid = [
        _paid(begin, length).alias(w) for begin, w in zip(begins, WINDOWS, strict=True)
    ]
    spent = frame.with_columns(*paid).group_by("customer_id")
    spent = spent.agg(*(nw.col(w).sum() for w in WINDOWS))
    people = company.population(study).select("customer_id").unique()
    sent = members(company, programme).filter(~nw.col("enrolled_on").is_null())
    sent = sent.select("customer_id", member=nw.lit(1))
    rows = people.join(sent, on="customer_id", how="left")
    rows = with_bucket(rows.join(spent, on="customer_id", how="left"))
    filled = {c: nw.coalesce(nw.col(c), nw.lit(0)) for c in ("member", *WINDOWS)}
    wide = rows.with_columns(**filled).group_by("member", "bucket")
    wide = collect(wide.agg(nw.len().alias("n"), *(nw.col(w).sum() for w in WINDOWS)))
    long = wide.melt(["member", "bucket", "n"], var_name="window", value_name="revenue")
    order = ["window", "member", "bucket"]
    return long.sort_values(order, ignore_index=True)[[*order, "n", "revenue"]]


def _paid(begin: dt.date, length: int) -> nw.Expr:
    day, end = nw.col("ordered_on"), begin + dt.timedelta(days=length)
    inside = (day >= instant(begin)) & (day < instant(end))
    return nw.when(inside).then(nw.col("amount")).otherwise(nw.lit(0.0))
