"""What the future holds for customers we have: projected retention and tenure."""

from retention.projection.beta_geometric import ShiftedBetaGeometric
from retention.projection.beta_weibull import BetaDiscreteWeibull
from retention.projection.bg_bb import BetaGeometricBetaBinomial, fit_bg_bb
from retention.projection.bg_nbd import BetaGeometricNBD, fit_bg_nbd
from retention.projection.buyers import expected_value, forecast
from retention.projection.constant import ConstantChurn, fit_constant_churn
from retention.projection.discounting import (
    PERIODS_PER_YEAR,
    discount_per_period,
    discounted_expected_tenure,
)
from retention.projection.fitting import fit_bdw, fit_sbg
from retention.projection.gamma_gamma import (
    GammaGamma,
    fit_gamma_gamma,
    independence_check,
)
from retention.projection.holdout import holdout_check
from retention.projection.pareto_nbd import ParetoNBD, fit_pareto_nbd
from retention.projection.track import (
    by_frequency,
    deciles,
    frequency_fit,
    holdout_track,
    track_check,
)
from retention.projection.track_alive import (
    Hiatus,
    alive_by_recency,
    alive_rules,
    tuned_hiatus,
)

__all__ = [
    "PERIODS_PER_YEAR",
    "BetaDiscreteWeibull",
    "BetaGeometricBetaBinomial",
    "BetaGeometricNBD",
    "ConstantChurn",
    "GammaGamma",
    "Hiatus",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "alive_by_recency",
    "alive_rules",
    "by_frequency",
    "deciles",
    "discount_per_period",
    "discounted_expected_tenure",
    "expected_value",
    "fit_bdw",
    "fit_bg_bb",
    "fit_bg_nbd",
    "fit_constant_churn",
    "fit_gamma_gamma",
    "fit_pareto_nbd",
    "fit_sbg",
    "forecast",
    "frequency_fit",
    "holdout_check",
    "holdout_track",
    "independence_check",
    "track_check",
    "tuned_hiatus",
]
