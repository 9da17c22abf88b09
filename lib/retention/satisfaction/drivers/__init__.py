"""What moves satisfaction: penalties, rewards, and whose share is how large."""

from retention.satisfaction.drivers.linear import (
    LinearFit,
    least_squares,
    rated_drivers,
)
from retention.satisfaction.drivers.penalties import (
    asymmetry,
    penalties_and_rewards,
    penalty_fit,
)
from retention.satisfaction.drivers.shares import driver_shares, inflation

__all__ = [
    "LinearFit",
    "asymmetry",
    "driver_shares",
    "inflation",
    "least_squares",
    "penalties_and_rewards",
    "penalty_fit",
    "rated_drivers",
]
