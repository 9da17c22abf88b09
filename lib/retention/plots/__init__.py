"""Figures: one axes-level function a result, and nothing computed but the drawing.

Every function takes an optional `ax` and returns it. This is the only room that
imports matplotlib and seaborn.
"""

from retention.plots.buyers import (
    alive_curve,
    decile_plot,
    frequency_fit,
    holdout_track,
    rfm_grid,
)
from retention.plots.claims import ledger, verdicts
from retention.plots.cohorts import cohort_triangle, entries
from retention.plots.comparison import answers, sayings
from retention.plots.designs import (
    density_plot,
    event_study,
    love_plot,
    threshold_plot,
)
from retention.plots.economics import (
    bucket_grid,
    bucket_paths,
    five_percent,
    lead_outcomes,
    stock_forecast,
    worth_by_age,
)
from retention.plots.effects import effect_by_band, hazard_ratios
from retention.plots.lettering import chinese_fonts
from retention.plots.loyalty import (
    liability_bridge,
    qini_curve,
    redemption_curve,
    return_chain,
    return_moves,
    uplift_deciles,
)
from retention.plots.referral import (
    channel_credit,
    credit_matrix,
    margin_gap,
    offspring,
    referral_tree,
    referral_worth,
    referrals_per_customer,
    referred_share_over_time,
    word_of_mouth,
)
from retention.plots.satisfaction import (
    both_conditionals,
    curves_after_answer,
    driver_parts,
    intent_and_behaviour,
    loss_along_points,
    loss_by_score,
    loss_with_exits,
    penalties_rewards,
    silent_share,
)
from retention.plots.survival import (
    cumulative_incidence,
    hazards,
    projected_survival,
    survival_curves,
)
from retention.plots.theme import panels, use_theme
from retention.plots.value import (
    lorenz_curves,
    next_window,
    profit_by_revenue,
    whale_curve,
)
from retention.plots.value_moves import (
    calibration_plot,
    gains_curve,
    next_products,
    transition_matrix,
)

__all__ = [
    "alive_curve",
    "answers",
    "both_conditionals",
    "bucket_grid",
    "bucket_paths",
    "calibration_plot",
    "channel_credit",
    "chinese_fonts",
    "cohort_triangle",
    "credit_matrix",
    "cumulative_incidence",
    "curves_after_answer",
    "decile_plot",
    "density_plot",
    "driver_parts",
    "effect_by_band",
    "entries",
    "event_study",
    "five_percent",
    "frequency_fit",
    "gains_curve",
    "hazard_ratios",
    "hazards",
    "holdout_track",
    "intent_and_behaviour",
    "lead_outcomes",
    "ledger",
    "liability_bridge",
    "lorenz_curves",
    "loss_along_points",
    "loss_by_score",
    "loss_with_exits",
    "love_plot",
    "margin_gap",
    "next_products",
    "next_window",
    "offspring",
    "panels",
    "penalties_rewards",
    "profit_by_revenue",
    "projected_survival",
    "qini_curve",
    "redemption_curve",
    "referral_tree",
    "referral_worth",
    "referrals_per_customer",
    "referred_share_over_time",
    "return_chain",
    "return_moves",
    "rfm_grid",
    "sayings",
    "silent_share",
    "stock_forecast",
    "survival_curves",
    "threshold_plot",
    "transition_matrix",
    "uplift_deciles",
    "use_theme",
    "verdicts",
    "whale_curve",
    "word_of_mouth",
    "worth_by_age",
]
