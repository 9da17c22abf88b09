"""What an offer made by lot did: a holdout, or an experiment with any arms."""

from retention.loyalty.randomised.answer import Randomised, randomised
from retention.loyalty.randomised.arms import (
    Arms,
    adjusted,
    all_arms,
    detectable_effect,
    power,
    sample_size,
)
from retention.loyalty.randomised.checks import sample_ratio
from retention.loyalty.randomised.contrast import arm_sums, contrast, p_value

__all__ = [
    "Arms",
    "Randomised",
    "adjusted",
    "all_arms",
    "arm_sums",
    "contrast",
    "detectable_effect",
    "p_value",
    "power",
    "randomised",
    "sample_ratio",
    "sample_size",
]
