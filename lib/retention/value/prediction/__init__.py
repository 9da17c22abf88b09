"""How good a predicted risk was: Brier score, calibration, lift."""

from retention.value.prediction.calibrated import (
    calibration,
    calibration_slope,
    prediction_checks,
)
from retention.value.prediction.called import gains, lift
from retention.value.prediction.error import (
    brier,
    followed_at,
    observed_risk,
    scaled_brier,
)

__all__ = [
    "brier",
    "calibration",
    "calibration_slope",
    "followed_at",
    "gains",
    "lift",
    "observed_risk",
    "prediction_checks",
    "scaled_brier",
]
