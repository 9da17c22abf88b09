"""Cox's model from group sums, and its test of proportional hazards."""

from retention.survival.cox.fit import CoxFit, cox
from retention.survival.cox.zph import cox_zph

__all__ = ["CoxFit", "cox", "cox_zph"]
