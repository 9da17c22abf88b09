"""How long customers stay: curves, medians, means and what they say of tomorrow."""

from retention.survival.curves.ahead import (
    conditional_survival,
    expected_loss_of_stock,
    new_cohort_loss,
    stock_survival,
)
from retention.survival.curves.answer import TenureAnswer, tenure_answer
from retention.survival.curves.checks import tenure_checks
from retention.survival.curves.means import (
    discounted_area,
    restricted_mean,
    restricted_mean_difference,
)
from retention.survival.curves.medians import (
    interpolated_median,
    median_survival,
    median_table,
)
from retention.survival.curves.naive import (
    kaplan_meier_ignoring_entry,
    mean_tenure_of_current,
    mean_tenure_of_leavers,
    naive_tenure,
)
from retention.survival.curves.product_limit import (
    kaplan_meier,
    life_table,
    survival_at,
)
from retention.survival.curves.risk_sets import (
    RiskSets,
    earliest_start,
    risk_sets,
    supported_period,
)

__all__ = [
    "RiskSets",
    "TenureAnswer",
    "conditional_survival",
    "discounted_area",
    "earliest_start",
    "expected_loss_of_stock",
    "interpolated_median",
    "kaplan_meier",
    "kaplan_meier_ignoring_entry",
    "life_table",
    "mean_tenure_of_current",
    "mean_tenure_of_leavers",
    "median_survival",
    "median_table",
    "naive_tenure",
    "new_cohort_loss",
    "restricted_mean",
    "restricted_mean_difference",
    "risk_sets",
    "stock_survival",
    "supported_period",
    "survival_at",
    "tenure_answer",
    "tenure_checks",
]
