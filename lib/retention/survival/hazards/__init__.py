"""Discrete-time proportional hazards on period tables."""

from retention.survival.hazards.fit import HazardFit
from retention.survival.hazards.proportional import proportionality
from retention.survival.hazards.regression import hazard_regression, separation

__all__ = ["HazardFit", "hazard_regression", "proportionality", "separation"]
