"""What customers pay each month."""

import numpy as np

from retention.simulate.clock import RELEASE

GOLD = 2

PLANTED = {
    "base": 45.0,
    "plan": {"basic": 0.0, "plus": 15.0, "premium": 35.0},
    "engagement": 5.0,
    "taste": 8.0,
    "trend_per_month": 0.05,
    "season": 3.0,
    "referred": {"first_month": 4.0, "fades_over_months": 12.0},
    "noise": 6.0,
    "member": {"basic": 6.0, "plus": 3.0, "premium": 1.0},
    "gold": 5.0,
    "floor": 1.0,
    "margin_share": 0.40,
}
PLAN = np.array(list(PLANTED["plan"].values()))
MEMBER = np.array(list(PLANTED["member"].values()))


def revenue(stock, month, noise):
    """Revenue of the month in EUR, rounded to cents; `noise` is standard normal."""
    fades = PLANTED["referred"]
    fading = np.exp(-(stock.tenure(month) - 1) / fades["fades_over_months"])
    calendar = PLANTED["trend_per_month"] * month + PLANTED["season"] * np.sin(
        2 * np.pi * month / 12
    )
    gold = (stock.tier == GOLD) & (month >= RELEASE)
    amount = (
        PLANTED["base"]
        + PLAN[stock.plan]
        + PLANTED["engagement"] * stock.engagement
        + PLANTED["taste"] * stock.taste
        + calendar
        + fades["first_month"] * fading * stock.referred
        + MEMBER[stock.plan] * stock.member(month)
        + PLANTED["gold"] * gold
        + PLANTED["noise"] * noise
    )
    return np.round(np.maximum(amount, PLANTED["floor"]), 2)
