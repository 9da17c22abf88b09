"""Customers as the other tables refer to them."""

import datetime as dt
from dataclasses import dataclass

import narwhals as nw

from retention.company import rowrules
from retention.schema import TABLES, Table


@dataclass(frozen=True, eq=False)
class People:
    """Customer ids: clean, read at all, and dated after the day of the report."""

    clean: nw.LazyFrame
    read: nw.LazyFrame
    not_yet: nw.LazyFrame


def people(company) -> People:
    """Ids of a company's customers; a derived customer has no row to be set aside."""
    clean = company.checked("customers").clean.select("customer_id").unique()
    if company.customers_from:
        return People(clean, clean, clean.head(0))
    read = company.loaded("customers").frame
    later = not_yet(TABLES["customers"], company.as_of, company.settings)
    late = read.head(0) if later is None else read.filter(later)
    ids = (frame.select("customer_id").unique() for frame in (read, late))
    return People(clean, *ids)


def joined(company) -> nw.LazyFrame | None:
    """First joining day of each customer, where joining has a date."""
    if not company.has("customers", "joined_on"):
        return None
    first = nw.col("joined_on").min().alias("__joined__")
    return company.checked("customers").clean.group_by("customer_id").agg(first)


def not_yet(table: Table, cut: dt.date | None, settings) -> nw.Expr | None:
    """Rows dated after the day of the report; None if no row can be."""
    launched = settings.loyalty.get("launched_on")
    if cut and table.name == "memberships" and launched and cut < launched:
        return nw.coalesce(nw.col("customer_id").is_null(), nw.lit(False)) | nw.lit(
            True
        )
    if cut is None or not table.date:
        return None
    return nw.coalesce(rowrules.after(table.column(table.date), cut), nw.lit(False))
