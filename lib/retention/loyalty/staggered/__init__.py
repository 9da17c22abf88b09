"""Difference-in-differences when customers enrol at different times."""

from retention.loyalty.staggered.answer import Staggered, staggered
from retention.loyalty.staggered.cells import changes_from_means, group_time_effects
from retention.loyalty.staggered.twoway import (
    TwoWay,
    levels_from_means,
    two_way_fixed_effects,
)

__all__ = [
    "Staggered",
    "TwoWay",
    "changes_from_means",
    "group_time_effects",
    "levels_from_means",
    "staggered",
    "two_way_fixed_effects",
]
