"""What customers are worth: who brings the value, and who is drifting away.

Pure tables in, pure tables out: `retention.counts` counts in the engine, this room
turns the counts into concentration, cost to serve, tiers and their moves, a score and
its rivals, early warning, next products and tenure value. `measures` hands the claims
what the sayings need.
"""

from retention.value.cautions import (
    cautions,
    chain_check,
    value_checks,
)
from retention.value.early_warning import (
    EarlyWarning,
    fit_early_warning,
    reasons,
    watch_list,
)
from retention.value.ground import (
    Ground,
    commonest_reason,
    ground,
)
from retention.value.migration import (
    ChainTest,
    lower_given_top,
    matrix,
    order_test,
    reached,
    stationarity_test,
    tier_worth,
    top_given_lower,
    transitions,
)
from retention.value.prediction import (
    brier,
    calibration,
    calibration_slope,
    gains,
    lift,
    observed_risk,
    prediction_checks,
    scaled_brier,
)
from retention.value.products import (
    cross_buy,
    hazard_ratio,
    next_products,
    old_to_new,
    responses,
    upgrade_ratio,
)
from retention.value.rfm import (
    captured,
    rfm,
    rfm_capture,
    rfm_cells,
)
from retention.value.sayings import (
    measures,
    partial_correlation,
)
from retention.value.score import (
    capture,
    captures,
    high_value_score,
    ranked,
    ridge_prediction,
    rivals,
    score_minus,
    weight_draws,
    weights_of,
)
from retention.value.service import (
    below_zero,
    by_revenue,
    cost_old_to_new,
    margin_after_first_year,
    rank_correlation,
    subsidy,
    without_profit,
)
from retention.value.shop import (
    Shop,
    shop,
)
from retention.value.tenure_value import (
    expected_residual_margin,
    residual_by_segment,
    residual_tenure,
)
from retention.value.tiers import (
    below_zero_again,
    class_table,
    outlook,
    regression_to_the_mean,
    tier_summary,
    value_tiers,
    variance_between,
)
from retention.value.unevenness import (
    concentration,
    gini,
    lorenz,
    pareto_alpha,
    pareto_gini,
    still_top,
    top_share,
    whale_curve,
)
from retention.value.watch import (
    Watch,
    watch,
)

__all__ = [
    "ChainTest",
    "EarlyWarning",
    "Ground",
    "Shop",
    "Watch",
    "below_zero",
    "below_zero_again",
    "brier",
    "by_revenue",
    "calibration",
    "calibration_slope",
    "capture",
    "captured",
    "captures",
    "cautions",
    "chain_check",
    "class_table",
    "commonest_reason",
    "concentration",
    "cost_old_to_new",
    "cross_buy",
    "expected_residual_margin",
    "fit_early_warning",
    "gains",
    "gini",
    "ground",
    "hazard_ratio",
    "high_value_score",
    "lift",
    "lorenz",
    "lower_given_top",
    "margin_after_first_year",
    "matrix",
    "measures",
    "next_products",
    "observed_risk",
    "old_to_new",
    "order_test",
    "outlook",
    "pareto_alpha",
    "pareto_gini",
    "partial_correlation",
    "prediction_checks",
    "rank_correlation",
    "ranked",
    "reached",
    "reasons",
    "regression_to_the_mean",
    "residual_by_segment",
    "residual_tenure",
    "responses",
    "rfm",
    "rfm_capture",
    "rfm_cells",
    "ridge_prediction",
    "rivals",
    "scaled_brier",
    "score_minus",
    "shop",
    "stationarity_test",
    "still_top",
    "subsidy",
    "tier_summary",
    "tier_worth",
    "top_given_lower",
    "top_share",
    "transitions",
    "upgrade_ratio",
    "value_checks",
    "value_tiers",
    "variance_between",
    "watch",
    "watch_list",
    "weight_draws",
    "weights_of",
    "whale_curve",
    "without_profit",
]
