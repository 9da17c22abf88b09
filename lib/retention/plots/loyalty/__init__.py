"""Figures of a programme's money: points, liability, return, and for whom it works."""

from retention.plots.loyalty.bridges import liability_bridge, return_chain
from retention.plots.loyalty.curves import (
    qini_curve,
    redemption_curve,
    return_moves,
    uplift_deciles,
)

__all__ = [
    "liability_bridge",
    "qini_curve",
    "redemption_curve",
    "return_chain",
    "return_moves",
    "uplift_deciles",
]
