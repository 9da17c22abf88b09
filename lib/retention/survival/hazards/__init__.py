"""Discrete-time proportional hazards on period tables."""

from retention.survival.hazards.fit import HazardFit
from retention.survival.hazards.left_out import left_out
from retention.survival.hazards.proportional import proportionality
from retention.survival.hazards.regression import hazard_regression, separation

__all__ = [
    "HazardFit",
    "hazard_regression",
    "left_out",
    "proportionality",
    "separation",
]
