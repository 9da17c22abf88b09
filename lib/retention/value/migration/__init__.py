"""Moves between tiers: how likely, how stable, and worth what."""

from retention.value.migration.homogeneity import (
    ChainTest,
    order_test,
    stationarity_test,
)
from retention.value.migration.moves import (
    lower_given_top,
    matrix,
    reached,
    tier_worth,
    top_given_lower,
    transitions,
)

__all__ = [
    "ChainTest",
    "lower_given_top",
    "matrix",
    "order_test",
    "reached",
    "stationarity_test",
    "tier_worth",
    "top_given_lower",
    "transitions",
]
