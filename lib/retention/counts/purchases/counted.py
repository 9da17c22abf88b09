"""Customers counted by their purchases, and as rows."""

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect, with_bucket
from retention.counts.purchases.days import Choice, Day
from retention.counts.purchases.frame import GRAINS, SUMS, WEEK, purchase_frame

MOST_ROWS = 2_000_000


def purchases(
    company,
    *,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    grain: str = "day",
    value: str = "amount",
    bucket: bool = False,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Customers counted by their repeat purchases up to a day, and sums after it.

    Parameters
    ----------
    company : Company
        One that brings orders.
    where : mapping of str to sequence, optional
        Values of columns of the customers table to keep, as in
        ``{"business": ["shop"]}``.
    as_of : date or str, optional
        Cut-off day, the last one counted into ``x``. Unless given, the records end
        with the holdout.
    holdout_weeks : int
        Weeks after the cut-off in which purchases are counted apart.
    cohort : pair of date or str, optional
        Only customers whose first order falls between these days, both included.
        Where records begin later than the company did, a first order on record need
        not be the first ever: a cohort that begins later is the remedy.
    grain : {"day", "week", "hour"}
        Orders of one day are one purchase; "week" also rounds ``t_x`` and ``T`` to
        whole weeks, which makes far fewer cells. With "hour" only orders of one hour
        are one purchase: for companies whose customers decide anew within a day.
    value : {"amount", "margin"}
        Column of the orders that the sums of spend add up.
    bucket : bool
        Add the jackknife bucket.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        ``x`` (repeat purchases), ``t_x`` and ``T`` (weeks from the first purchase to
        the last one and to the cut-off), ``bucket`` if asked for, ``n`` (customers),
        and over these customers the sums ``spend`` (of repeat purchases),
        ``first_spend`` (of the first), ``holdout`` and ``holdout_spend`` (purchases
        in the holdout and their money), ``holdout_squares`` (the customers' holdout
        purchases squared, for intervals) and ``returned`` (customers with at least
        one).

    Raises
    ------
    ValueError
        If the company brings no orders, the days lie outside the records, a column
        is missing or no customer is left.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["a", "a", "b"], "amount": [9.0, 9.0, 9.0],
    ...     "ordered_on": pd.to_datetime(["2025-01-05", "2025-03-02", "2025-01-12"]),
    ... })
    >>> company = open_company({
    ...     "customers": pd.DataFrame({"customer_id": ["a", "b"]}), "orders": orders,
    ... }, settings={"company": {"observed_to": dt.date(2025, 3, 30)}})
    >>> counts.purchases(company)[["x", "t_x", "T", "n", "spend", "first_spend"]]
       x  t_x     T  n  spend  first_spend
    0  0  0.0  11.0  1    0.0          9.0
    1  1  8.0  12.0  1    9.0          9.0
    """
    frame = purchase_frame(
        company, where, as_of, holdout_weeks, cohort, grain, value, study
    )
    keys = ["x", "t_x", "T"]
    if bucket:
        frame, keys = with_bucket(frame), [*keys, "bucket"]
    ticks, width = GRAINS[grain]
    rounded = frame.with_columns(
        (nw.col("t_x") + width // 2) // width, (nw.col("T") + width // 2) // width
    )
    counted = collect(
        rounded.group_by(keys).agg(nw.len().alias("n"), nw.col(*SUMS).sum())
    )
    counted = _whole(counted, ["x", "n", "holdout", "holdout_squares", "returned"])
    counted[["t_x", "T"]] = counted[["t_x", "T"]].astype(float) * (
        width / (WEEK * ticks)
    )
    return _some(counted)[[*keys, "n", *SUMS]].sort_values(keys, ignore_index=True)


def purchase_rows(
    company,
    *,
    where: Choice | None = None,
    as_of: Day | None = None,
    holdout_weeks: int = 0,
    cohort: tuple[Day, Day] | None = None,
    grain: str = "day",
    value: str = "amount",
    study: str = "customer_value",
) -> pd.DataFrame:
    """One row a customer, for lists and for scores that need the customer's own spend.

    Parameters
    ----------
    company, where, as_of, holdout_weeks, cohort, value, study
        As in `purchases`.
    grain : {"day", "hour"}
        As in `purchases`.

    Returns
    -------
    DataFrame
        ``customer_id``, ``bucket``, ``x``, ``t_x``, ``T``, ``n`` (1), ``spend``,
        ``first_spend``, ``holdout``, ``holdout_spend``, ``holdout_squares`` and
        ``returned`` as in `purchases`; ``recency`` (weeks since the last purchase),
        ``orders`` (x + 1), ``mean_amount`` (of repeat purchases, missing where there
        is none), ``total_spend``, and ``last_year_spend`` and ``last_year_orders`` of
        the 365 days that end with the cut-off.

    Raises
    ------
    ValueError
        As in `purchases`, and beyond 2,000,000 customers: count cells instead.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> orders = pd.DataFrame({
    ...     "customer_id": ["a", "a", "b"], "amount": [9.0, 9.0, 9.0],
    ...     "ordered_on": pd.to_datetime(["2025-01-05", "2025-03-02", "2025-01-12"]),
    ... })
    >>> company = open_company({
    ...     "customers": pd.DataFrame({"customer_id": ["a", "b"]}), "orders": orders,
    ... }, settings={"company": {"observed_to": dt.date(2025, 3, 30)}})
    >>> rows = counts.purchase_rows(company)
    >>> rows[["customer_id", "x", "t_x", "T", "recency", "total_spend"]]
      customer_id  x  t_x     T  recency  total_spend
    0           a  1  8.0  12.0      4.0         18.0
    1           b  0  0.0  11.0     11.0          9.0
    """
    frame = purchase_frame(
        company, where, as_of, holdout_weeks, cohort, grain, value, study
    )
    found = int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])
    if found > MOST_ROWS:
        raise ValueError(
            f"{found:,} customers are too many for a row each ({MOST_ROWS:,} at most): "
            "use counts.purchases, or choose some with where= or cohort=."
        )
    rows = _some(collect(with_bucket(frame)))
    rows = _whole(
        rows, ["x", "last_year_orders", "holdout", "holdout_squares", "returned"]
    )
    rows[["t_x", "T"]] = rows[["t_x", "T"]].astype(float) / (WEEK * GRAINS[grain][0])
    repeats = rows["x"].where(rows["x"] > 0)
    rows = rows.assign(
        n=1,
        recency=rows["T"] - rows["t_x"],
        orders=rows["x"] + 1,
        mean_amount=rows["spend"] / repeats,
        total_spend=rows["spend"] + rows["first_spend"],
    )
    return rows.sort_values("customer_id", ignore_index=True)


def _whole(counted: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return counted.astype(dict.fromkeys(names, "int64"))


def _some(counted: pd.DataFrame) -> pd.DataFrame:
    if counted.empty:
        raise ValueError(
            "No customer had placed an order by the cut-off day: choose a later as_of, "
            "other customers or a wider cohort."
        )
    return counted
