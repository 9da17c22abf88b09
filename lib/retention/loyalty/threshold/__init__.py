"""What a tier did to customers just above its threshold."""

from retention.loyalty.threshold.answer import Threshold, threshold
from retention.loyalty.threshold.density import Density, density
from retention.loyalty.threshold.extra import threshold_by_rdrobust

__all__ = ["Density", "Threshold", "density", "threshold", "threshold_by_rdrobust"]
