"""The shape of loyalty against satisfaction: straight, bent, or with a threshold."""

from retention.satisfaction.shape.bends import convexity, last_step_gain, straightness
from retention.satisfaction.shape.smoothing import smooth_losses
from retention.satisfaction.shape.threshold import Threshold, delight_threshold

__all__ = [
    "Threshold",
    "convexity",
    "delight_threshold",
    "last_step_gain",
    "smooth_losses",
    "straightness",
]
