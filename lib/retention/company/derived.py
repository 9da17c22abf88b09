"""Customers of a company that has only orders."""

from retention.company.check import Checked
from retention.company.quarantine import Bin, size

_INFERRED = ("spell", "joined_on", "left_on", "start_seen")


def derived_columns(company) -> tuple[str, ...]:
    """Columns of a derived customers table; dates only if silence can be trusted."""
    own = ["customer_id"]
    if company.silence is not None and company.silence.trusted:
        own += _INFERRED
    return tuple(dict.fromkeys([*own, *company.brought_columns("customers")]))


def derived(company) -> Checked:
    """Customers read off their orders, with attributes from a file of their own."""
    orders = company.checked(company.customers_from)
    found = company.silence
    frame = orders.clean.select("customer_id").unique()
    if found is not None and found.trusted:
        frame = found.spells
    store = company.loaded(company.customers_from).store
    if store is not None:
        frame = store.kept(frame, "derived_customers")
    bin = Bin("customers", f"derived from {company.customers_from}")
    if company.brings("customers"):
        known = company.as_brought("customers")
        frame = frame.join(known.clean, on="customer_id", how="left")
        bin.label = f"{bin.label}, with {known.bin.label}"
        bin.counts, bin.listed = known.bin.counts, known.bin.listed
    return Checked(frame, size(frame) + bin.total, bin, orders.first, orders.last)
