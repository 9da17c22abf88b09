"""What may be odd about a company's money, counted so that a page can say it."""

import narwhals as nw

from retention.counts.engine import collect
from retention.counts.value.windows import DATED, MONEY, Basis, customer_ids


def money_oddities(
    company, basis: Basis, *, study: str = "customer_value"
) -> dict[str, int]:
    """Rows of money that a reader should know of.

    Parameters
    ----------
    company : Company
    basis : Basis
    study : str

    Returns
    -------
    dict
        `rows`, `customers`, `returns` (negative amounts), `nothing` (amounts of 0),
        `losses` (negative margins), `before_joining` (rows dated before the month in
        which their customer joined), `once` (customers with a single row).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> odd = counts.money_oddities(company, counts.value_basis(company))
    >>> odd["rows"], odd["customers"], odd["once"]
    (514422, 22438, 1129)
    """
    rows = _rows(company, basis, study)
    flags = {
        "returns": nw.col("money") < 0,
        "nothing": nw.col("money") == 0,
        "losses": nw.col("margin") < 0,
        "before_joining": nw.col("early"),
    }
    marks = {
        name: nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0))
        for name, flag in flags.items()
    }
    each = rows.with_columns(**marks).group_by("customer_id")
    each = each.agg(nw.len().alias("rows"), *(nw.col(name).sum() for name in flags))
    one = nw.when(nw.col("rows") == 1).then(nw.lit(1)).otherwise(nw.lit(0))
    total = collect(
        each.with_columns(once=one).select(
            nw.len().alias("customers"),
            *(nw.col(name).sum() for name in ("rows", *flags, "once")),
        )
    )
    return {k: int(v) for k, v in total.iloc[0].fillna(0).items()}


def order_only(company, *, study: str = "customer_value") -> dict[str, list] | None:
    """Which customers buy without a contract, as a choice of values of `business`.

    Parameters
    ----------
    company : Company
    study : str

    Returns
    -------
    dict or None
        Empty where nobody has a contract; {"business": [...]} where whole lines of
        business order and have no activity; None where there are no orders, or
        buyers with and without a contract cannot be told apart.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.order_only(company)
    {'business': ['shop']}
    """
    if not company.has("orders"):
        return None
    if not company.has("activity"):
        return {}
    if not company.has_customers:
        return None
    people = company.population(study)
    if "business" not in people.collect_schema().names():
        return None
    people = people.select("customer_id", "business").unique()
    found = {}
    for table in ("orders", "activity"):
        known = company.table(table).select("customer_id").unique()
        lines = people.join(known, on="customer_id", how="semi")
        found[table] = {*collect(lines.select("business").unique())["business"]}
    alone = sorted(str(b) for b in found["orders"] - found["activity"])
    return {"business": alone} if alone else None


def _rows(company, basis: Basis, study: str) -> nw.LazyFrame:
    table, day = company.table(basis.table), nw.col(DATED[basis.table])
    margin = nw.col("margin") if basis.margin == "booked" else nw.lit(0.0)
    rows = table.select(
        "customer_id", day=day, money=nw.col(MONEY[basis.table]), margin=margin
    )
    if not company.has("customers", "joined_on"):
        ids = customer_ids(company, basis.table, study=study)
        rows = rows.join(ids, on="customer_id", how="semi")
        return rows.with_columns(early=nw.lit(False))
    joined = (
        company.population(study).group_by("customer_id").agg(nw.col("joined_on").min())
    )
    rows = rows.join(joined, on="customer_id", how="inner")
    first = nw.col("joined_on").dt.truncate("1mo")
    return rows.with_columns(early=nw.col("day") < first)
