"""Products held, further products bought, and answers to a promotion."""

from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed, day_after, instant, period_bounds
from retention.counts.engine import collect, tally
from retention.counts.tenure import NOT_STATED

MOST_HELD = 3


def holding_spells(
    company,
    *,
    by: Sequence[str] = (),
    widths: dict[str, float] | None = None,
    study: str = "customer_value",
) -> pd.DataFrame:
    """Tenure spent holding 0, 1, 2, ... products, and how each spell ended.

    A product counts once, at its first order. A customer comes under observation
    when the records begin, so spells are left-truncated there; what was bought
    before is known only where customers bring `products_before` (names parted by
    "+"), and otherwise counts as not held.

    Parameters
    ----------
    company : Company
        Brings joining and leaving dates, and orders with a product.
    by : sequence of str
        Columns of customers.
    widths : dict of str to float, optional
        Numeric columns of customers, rounded to a multiple of this width.
    study : str

    Returns
    -------
    DataFrame
        The columns of `by` and `widths`, `holding` (text "0" ... "3+"), `product`
        (bought at the end of the spell, "" if none was), `entry` and `duration`
        (completed months of tenure), `event` (1 bought a further product) and `n`.
        Only customers with activity where there is such a table.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> spells = counts.holding_spells(company)
    >>> spells.groupby("holding")["n"].sum()
    holding
    0     20042
    1      6658
    2      2151
    3+      351
    Name: n, dtype: int64
    """
    widths = dict(widths or {})
    spells = _spells(company, study)
    rounded = [((nw.col(c) / w).round(0) * w).alias(c) for c, w in widths.items()]
    spells = spells.with_columns(*rounded) if rounded else spells
    keys = [*by, *widths, "holding", "product", "entry", "duration", "event"]
    counted = tally(spells, *keys)
    counted = counted[counted["duration"] > counted["entry"]]
    texts = [c for c in by if counted[c].isna().any()]
    counted = counted.assign(**{c: counted[c].fillna(NOT_STATED) for c in texts})
    whole = dict.fromkeys(("entry", "duration", "event", "n"), "int64")
    return counted.astype(whole).sort_values(keys, ignore_index=True)


def response_counts(
    company, *, by: str = "", months: int = 12, study: str = "customer_value"
) -> pd.DataFrame:
    """Customers who ordered after a randomised contact, by arm and segment.

    Parameters
    ----------
    company : Company
        Brings experiments and orders.
    by : str
        Column of customers that makes the segments; empty for one segment "all".
    months : int
        Time allowed for an answer, from the day of assignment.
    study : str

    Returns
    -------
    DataFrame
        `experiment`, `arm`, `segment`, `n`, `ordered` (customers with an order
        within the time). Customers whose time is not over are left out.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.response_counts(company)
          experiment      arm segment    n  ordered
    0  keep in touch     call     all  652       82
    1  keep in touch     card     all  653       87
    2  keep in touch  control     all  653      103
    """
    tried = company.table("experiments").with_columns(
        until=nw.col("assigned_on").dt.offset_by(f"{months}mo")
    )
    tried = tried.filter(nw.col("until") < instant(day_after(company.observed_to)))
    people = _people(company, study, [by] if by else [])
    segment = (
        nw.coalesce(nw.col(by).cast(nw.String), nw.lit(NOT_STATED))
        if by
        else (nw.lit("all"))
    )
    tried = tried.join(people.with_columns(segment=segment), on="customer_id")
    orders = company.table("orders").select("customer_id", "ordered_on")
    bought = tried.select("customer_id", "experiment", "assigned_on", "until")
    bought = bought.join(orders, on="customer_id").filter(
        nw.col("ordered_on") >= nw.col("assigned_on"),
        nw.col("ordered_on") < nw.col("until"),
    )
    bought = bought.select("customer_id", "experiment").unique()
    bought = bought.with_columns(bought=nw.lit(1))
    tried = tried.join(bought, on=["customer_id", "experiment"], how="left")
    counted = collect(
        tried.group_by("experiment", "arm", "segment").agg(
            nw.len().alias("n"), nw.col("bought").sum().alias("ordered")
        )
    )
    counted["ordered"] = counted["ordered"].fillna(0)
    keys = ["experiment", "segment", "arm"]
    counted = counted.sort_values(keys, ignore_index=True)
    return counted.astype({"n": "int64", "ordered": "int64"})


def _spells(company, study: str) -> nw.LazyFrame:
    """One row a spell of holding: tenure at its start and end, and what ended it."""
    start, end = period_bounds(company, None)
    people = _observed(company, study, start, end)
    firsts = _first_purchases(company, people, start)
    who = {"order_by": ["on", "product"]}
    nth = nw.col("one").cum_sum().over("customer_id", **who)
    later = nw.col("months").shift(-1).over("customer_id", **who)
    what = nw.col("product").shift(-1).over("customer_id", **who)
    firsts = firsts.with_columns(one=nw.lit(1)).with_columns(
        nth=nth, stop=later, bought=what
    )
    after = firsts.select(
        "customer_id", "nth", nw.col("months").alias("from"), "stop", "bought"
    )
    opening = firsts.filter(nw.col("nth") == 1).select(
        "customer_id",
        nw.col("months").alias("stop"),
        nw.col("product").alias("bought"),
    )
    before = people.select("customer_id").join(opening, on="customer_id", how="left")
    before = before.with_columns(nth=nw.lit(0), **{"from": nw.lit(0)})
    names = ["customer_id", "nth", "from", "stop", "bought"]
    whole = {c: nw.col(c).cast(nw.Int64) for c in ("nth", "from", "stop")}
    both = [part.with_columns(**whole).select(*names) for part in (before, after)]
    joined = nw.concat(both, how="vertical").join(people, on="customer_id")
    return _counted_in(joined)


def _counted_in(spells) -> nw.LazyFrame:
    """Entry, duration, event, holding and product of each spell."""
    held = nw.col("nth") + nw.col("held_before")
    some = [nw.when(held == k).then(nw.lit(str(k))) for k in range(MOST_HELD)]
    holding = nw.coalesce(*some, nw.lit(f"{MOST_HELD}+"))
    bought = ~nw.col("stop").is_null()
    stop = nw.coalesce(nw.col("stop") + 1, nw.col("until"))
    return spells.with_columns(
        holding=holding,
        product=nw.coalesce(nw.col("bought"), nw.lit("")),
        entry=nw.max_horizontal("from", "since").cast(nw.Int64),
        duration=stop.cast(nw.Int64),
        event=bought.cast(nw.Int64),
    )


def _first_purchases(company, people, start) -> nw.LazyFrame:
    """First order of each product by each customer under observation, in months."""
    orders = company.table("orders").filter(~nw.col("product").is_null())
    orders = orders.with_columns(day=nw.col("ordered_on").cast(nw.Date))
    if start is not None:
        orders = orders.filter(nw.col("day") >= instant(start))
    firsts = orders.group_by("customer_id", "product").agg(
        nw.col("day").min().alias("on")
    )
    firsts = firsts.join(people, on="customer_id").filter(
        nw.col("on") >= nw.col("joined_on")
    )
    months = completed(nw.col("joined_on"), nw.col("on"), "month")
    return firsts.with_columns(months=months).select(
        "customer_id", "product", "on", "months"
    )


def _observed(company, study: str, start, end) -> nw.LazyFrame:
    """Customers under observation, with tenure when it began and when it ended."""
    people = company.population(study).filter(
        nw.col("joined_on") < instant(day_after(end))
    )
    if company.has("activity"):
        known = company.table("activity").select("customer_id").unique()
        people = people.join(known, on="customer_id", how="semi")
    since = nw.lit(0)
    if start is not None:
        gone = nw.col("left_on") < instant(start)
        people = people.filter(nw.col("left_on").is_null() | ~gone)
        early = completed(nw.col("joined_on"), start, "month")
        since = nw.when(nw.col("joined_on") < instant(start)).then(early)
        since = since.otherwise(nw.lit(0))
    gone = ~nw.col("left_on").is_null() & (nw.col("left_on") < instant(day_after(end)))
    # Who leaves is at risk in the month of leaving: what was bought in it counts too.
    whole = completed(nw.col("joined_on"), nw.col("left_on"), "month")
    stayed = completed(nw.col("joined_on"), day_after(end), "month")
    last = nw.when(gone).then(whole + 1).otherwise(stayed)
    held = nw.lit(0)
    if "products_before" in people.collect_schema().names():
        text = nw.coalesce(nw.col("products_before"), nw.lit(""))
        parts = (
            text.str.len_chars()
            - text.str.replace_all("+", "", literal=True).str.len_chars()
        )
        held = nw.when(text == "").then(nw.lit(0)).otherwise(parts + 1)
    return people.with_columns(since=since, until=last, held_before=held)


def _people(company, study: str, columns: Sequence[str]) -> nw.LazyFrame:
    return company.population(study).select("customer_id", *columns).unique()
