"""Add-on products that subscribers buy: the planted cross-buy hazard."""

import numpy as np
import pandas as pd

from retention.simulate.clock import RECORDS, first_day

PRODUCTS = np.array(["Protect", "Connect", "Archive"], object)

PLANTED = {
    "monthly_hazard": {"Protect": 0.005, "Connect": 0.003, "Archive": 0.002},
    "engagement": 0.20,
    "premium": 0.40,
    "after_first_year": 0.30,
    "holds_another": 0.35,
    "price": {"Protect": 49.0, "Connect": 29.0, "Archive": 19.0},
    "margin_share": 0.60,
}
HAZARD = np.array(list(PLANTED["monthly_hazard"].values()))
PRICE = np.array(list(PLANTED["price"].values()))


def buying(stock, month, uniform):
    """Which products each customer buys this month: n x 3, each bought at most once."""
    exponent = (
        PLANTED["engagement"] * stock.engagement
        + PLANTED["premium"] * stock.premium
        + PLANTED["after_first_year"] * (stock.tenure(month) > 12)
        + PLANTED["holds_another"] * stock.held.any(axis=1)
    )
    rate = np.exp(exponent)[:, None] * HAZARD
    return (uniform < -np.expm1(-rate)) & ~stock.held


def held_before_records(history):
    """Add-ons each customer held when the records began, as text; None if none."""
    n, old = len(history.customers), history.purchases["month"] < RECORDS
    held = np.zeros((n, len(PRODUCTS)), bool)
    held[history.purchases["number"][old], history.purchases["product"][old]] = True
    patterns = (np.arange(8)[:, None] >> np.arange(3)) & 1
    names = ["+".join(PRODUCTS[row == 1]) or None for row in patterns]
    return np.array(names, object)[held @ (1 << np.arange(3))]


def add_on_orders(history, ids, rng):
    """Orders of add-ons since the records began, inside the customer's days."""
    bought = history.purchases
    seen = bought["month"] >= RECORDS
    number, month, product = (
        bought[name][seen] for name in ("number", "month", "product")
    )
    days = history.days_here(number, month) * rng.random(len(number))
    seconds = (days * 86_400).astype("timedelta64[s]")
    return pd.DataFrame(
        {
            "customer_id": ids[number],
            "ordered_on": first_day(month).astype("datetime64[s]") + seconds,
            "amount": PRICE[product],
            "margin": np.round(PLANTED["margin_share"] * PRICE[product], 2),
            "product": PRODUCTS[product],
        }
    )
