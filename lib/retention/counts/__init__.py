"""Group-bys that turn company tables into small count tables.

This is the last room that knows the engine. What leaves it are pandas tables of
counts: `tenure` (cells of entry, duration, event), `periods` (risk sets),
`cohort_triangle` and `landmark`. `cox_sums` hands up a function that runs one
group-by of sums a Newton step.
"""

from retention.counts.arms import action_arms, arm_covariates, arm_sizes, holdout_arms
from retention.counts.calendar import window
from retention.counts.cohorts import cohort_triangle, landmark
from retention.counts.columns import comparable, split, widths
from retention.counts.drivers import tenure_sums
from retention.counts.early_warning import (
    silence_cells,
    silence_frame,
    warning_cells,
    warning_days,
    warning_frame,
    warning_reasons,
)
from retention.counts.early_warning.features import (
    warning_features,
)
from retention.counts.early_warning.listed import risk_list, scored
from retention.counts.engine import collect
from retention.counts.flow import about, halves, tenure_flow
from retention.counts.holdings import (
    holding_spells,
    response_counts,
)
from retention.counts.journeys import Paths, journeys, paths_of
from retention.counts.leads import lead_outcomes
from retention.counts.loyalty_money import (
    enrolments,
    last_month,
    main_programme,
    monthly_spend,
    programme_money,
    programmes,
    spend_by_membership,
)
from retention.counts.loyalty_money.costs import action_costs, cost_per_member_month
from retention.counts.loyalty_money.rows import holdout_rows
from retention.counts.loyalty_money.tiers import tier_thresholds
from retention.counts.loyalty_money.windows import campaign_windows, campaigns
from retention.counts.loyalty_rows import LoyaltyRows, loyalty_rows
from retention.counts.membership import (
    ever_member_tenure,
    member_landmark,
    member_tenure,
)
from retention.counts.money import (
    MoneySource,
    money_flow,
    money_source,
    payments,
)
from retention.counts.money_costs import (
    cost_book,
    customer_months,
    experiment_arms,
)
from retention.counts.points import batch_sales, month_name, point_batches
from retention.counts.purchases import purchase_rows, purchases
from retention.counts.purchases.by import (
    order_values,
    purchase_occasions,
    weekly_orders,
)
from retention.counts.referral import (
    acquisitions,
    acquisitions_by_month,
    attributes,
    audited,
    referral_flow,
)
from retention.counts.referral.links import (
    has_links,
    link_flow,
    links,
    offspring,
    referral_pairs,
    referrals_made,
)
from retention.counts.referral.worth import (
    acquisition_cost,
    knows_margin,
    margin_by_source,
    tenure_by_source,
    value_and_referrals,
    word_of_mouth,
)
from retention.counts.risk import censored_at, periods, strata_of
from retention.counts.satisfaction import (
    exit_answers,
    known_of_invited,
    rating_columns,
    rating_products,
    score_scale,
    survey_flow,
    survey_losses,
    survey_tenure,
    usual_outcome,
    usual_reason,
)
from retention.counts.service import (
    service_channels,
)
from retention.counts.staggered import group_changes, group_levels
from retention.counts.stock import (
    last_month_end,
    period_ends,
    periods_followed,
    recent_tenure,
    stock_ages,
    stock_history,
)
from retention.counts.stored import MonthlySums, monthly_sums
from retention.counts.sums import CoxSums, cox_sums
from retention.counts.tenure import (
    tenure,
    tenure_counts,
    tenure_frame,
)
from retention.counts.threshold import running_bins, threshold_bins
from retention.counts.tiers import (
    tier_margins,
    tier_moves,
    tier_moves_by_bucket,
    tier_order,
    tier_spans,
    tier_upgrades,
)
from retention.counts.value import (
    margin_by_age,
    value_cells,
    value_crossed,
    value_cuts,
    value_frame,
)
from retention.counts.value.oddities import (
    money_oddities,
    order_only,
)
from retention.counts.value.rows import (
    class_sums,
    order_moments,
    score_rows,
    tenure_margins,
)
from retention.counts.value.windows import (
    Basis,
    Window,
    value_basis,
    value_windows,
)

__all__ = [
    "Basis",
    "CoxSums",
    "LoyaltyRows",
    "MoneySource",
    "MonthlySums",
    "Paths",
    "Window",
    "about",
    "acquisition_cost",
    "acquisitions",
    "acquisitions_by_month",
    "action_arms",
    "action_costs",
    "arm_covariates",
    "arm_sizes",
    "attributes",
    "audited",
    "batch_sales",
    "campaign_windows",
    "campaigns",
    "censored_at",
    "class_sums",
    "cohort_triangle",
    "collect",
    "comparable",
    "cost_book",
    "cost_per_member_month",
    "cox_sums",
    "customer_months",
    "enrolments",
    "ever_member_tenure",
    "exit_answers",
    "experiment_arms",
    "group_changes",
    "group_levels",
    "halves",
    "has_links",
    "holding_spells",
    "holdout_arms",
    "holdout_rows",
    "journeys",
    "known_of_invited",
    "knows_margin",
    "landmark",
    "last_month",
    "last_month_end",
    "lead_outcomes",
    "link_flow",
    "links",
    "loyalty_rows",
    "main_programme",
    "margin_by_age",
    "margin_by_source",
    "member_landmark",
    "member_tenure",
    "money_flow",
    "money_oddities",
    "money_source",
    "month_name",
    "monthly_spend",
    "monthly_sums",
    "offspring",
    "order_moments",
    "order_only",
    "order_values",
    "paths_of",
    "payments",
    "period_ends",
    "periods",
    "periods_followed",
    "point_batches",
    "programme_money",
    "programmes",
    "purchase_occasions",
    "purchase_rows",
    "purchases",
    "rating_columns",
    "rating_products",
    "recent_tenure",
    "referral_flow",
    "referral_pairs",
    "referrals_made",
    "response_counts",
    "risk_list",
    "running_bins",
    "score_rows",
    "score_scale",
    "scored",
    "service_channels",
    "silence_cells",
    "silence_frame",
    "spend_by_membership",
    "split",
    "stock_ages",
    "stock_history",
    "strata_of",
    "survey_flow",
    "survey_losses",
    "survey_tenure",
    "tenure",
    "tenure_by_source",
    "tenure_counts",
    "tenure_flow",
    "tenure_frame",
    "tenure_margins",
    "tenure_sums",
    "threshold_bins",
    "tier_margins",
    "tier_moves",
    "tier_moves_by_bucket",
    "tier_order",
    "tier_spans",
    "tier_thresholds",
    "tier_upgrades",
    "usual_outcome",
    "usual_reason",
    "value_and_referrals",
    "value_basis",
    "value_cells",
    "value_crossed",
    "value_cuts",
    "value_frame",
    "value_windows",
    "warning_cells",
    "warning_days",
    "warning_features",
    "warning_frame",
    "warning_reasons",
    "weekly_orders",
    "widths",
    "window",
    "word_of_mouth",
]
