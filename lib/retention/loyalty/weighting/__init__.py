"""Members against non-members made alike, by weights and by regression at once."""

from retention.loyalty.weighting.answer import DoublyRobust, doubly_robust
from retention.loyalty.weighting.entropy import entropy_balance
from retention.loyalty.weighting.pairs import matched_pairs
from retention.loyalty.weighting.resampling import (
    bootstrap_estimate,
    multiplier_bootstrap,
)

__all__ = [
    "DoublyRobust",
    "bootstrap_estimate",
    "doubly_robust",
    "entropy_balance",
    "matched_pairs",
    "multiplier_bootstrap",
]
