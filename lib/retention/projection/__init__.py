"""What the future holds for customers we have: projected retention and tenure."""

from retention.projection.beta_geometric import ShiftedBetaGeometric
from retention.projection.beta_weibull import BetaDiscreteWeibull
from retention.projection.constant import ConstantChurn, fit_constant_churn
from retention.projection.discounting import (
    PERIODS_PER_YEAR,
    discount_per_period,
    discounted_expected_tenure,
)
from retention.projection.fitting import fit_bdw, fit_sbg
from retention.projection.holdout import holdout_check

__all__ = [
    "PERIODS_PER_YEAR",
    "BetaDiscreteWeibull",
    "ConstantChurn",
    "ShiftedBetaGeometric",
    "discount_per_period",
    "discounted_expected_tenure",
    "fit_bdw",
    "fit_constant_churn",
    "fit_sbg",
    "holdout_check",
]
