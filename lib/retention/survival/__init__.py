"""Survival analysis on count tables.

Everything here takes the tenure table of `retention.counts.tenure` (entry,
duration, event, strata, n) or the period table of `retention.counts.periods`, and
never sees a customer row or the engine. `cox` takes the sums that
`retention.counts.cox_sums` makes in the engine.
"""

from retention.survival.comparisons import RateTest, logrank
from retention.survival.competing import aalen_johansen, naive_cause_curve
from retention.survival.cox import CoxFit, cox, cox_zph
from retention.survival.curves import (
    TenureAnswer,
    conditional_survival,
    discounted_area,
    expected_loss_of_stock,
    interpolated_median,
    kaplan_meier,
    kaplan_meier_ignoring_entry,
    life_table,
    mean_tenure_of_current,
    mean_tenure_of_leavers,
    median_survival,
    median_table,
    naive_tenure,
    new_cohort_loss,
    restricted_mean,
    restricted_mean_difference,
    stock_survival,
    survival_at,
    tenure_answer,
    tenure_checks,
)
from retention.survival.hazards import (
    HazardFit,
    hazard_regression,
    proportionality,
    separation,
)
from retention.survival.parametric import ParametricCurve, loglogistic, weibull

__all__ = [
    "CoxFit",
    "HazardFit",
    "ParametricCurve",
    "RateTest",
    "TenureAnswer",
    "aalen_johansen",
    "conditional_survival",
    "cox",
    "cox_zph",
    "discounted_area",
    "expected_loss_of_stock",
    "hazard_regression",
    "interpolated_median",
    "kaplan_meier",
    "kaplan_meier_ignoring_entry",
    "life_table",
    "loglogistic",
    "logrank",
    "mean_tenure_of_current",
    "mean_tenure_of_leavers",
    "median_survival",
    "median_table",
    "naive_cause_curve",
    "naive_tenure",
    "new_cohort_loss",
    "proportionality",
    "restricted_mean",
    "restricted_mean_difference",
    "separation",
    "stock_survival",
    "survival_at",
    "tenure_answer",
    "tenure_checks",
    "weibull",
]
