"""Where new customers really come from.

Who sent them (`referred_share`, from codes, answers and a checked sample), who gets
credit along the journey (`journey_credits`), what a referral is worth
(`reproduction`, `referral_worth`) and what becomes of word of mouth (`chain`).
Everything takes the count tables of `retention.counts`.
"""

from retention.referral.answers_given import (
    corrected_share,
    error_counts,
    raw_told_share,
    rogan_gladen,
    told_share,
)
from retention.referral.capture import (
    captured,
    captured_share,
    chapman,
    chosen_strata,
    dependence,
    share_over_time,
)
from retention.referral.chain import (
    Chain,
    chain,
    stages_per_customer,
    told_by_dissatisfied,
    told_by_score,
    told_mean,
)
from retention.referral.checks import (
    chain_check,
    flow_check,
    journey_size_check,
    order_check,
    share_checks,
)
from retention.referral.credit import (
    audit_share,
    booked_to_rep,
    credit_matrix,
    evidence_quality,
    recorded_over_true,
    recorded_share,
    referred_of_rep,
)
from retention.referral.credits import journey_credits, removal_estimate
from retention.referral.loyalty import referred_hazard
from retention.referral.markov import (
    Steps,
    markov_orders,
    model_conversion,
    removal_effects,
    steps,
)
from retention.referral.offspring import (
    ReferralTree,
    dispersion,
    offspring_fit,
    referral_tree,
)
from retention.referral.reproduction import (
    Reproduction,
    monthly_growth,
    reproduction,
)
from retention.referral.shapley import shapley_values
from retention.referral.share import ReferredShare, referred_share
from retention.referral.study import (
    adjusting_columns,
    dependences_of_company,
    has_sources,
    hazard_of_company,
    measures,
    reproduction_of_company,
    since,
    strata_of_company,
)
from retention.referral.three_lists import three_lists
from retention.referral.touch import conversion_ratio, touch_credits
from retention.referral.worth import (
    customer_values,
    margin_gap,
    referral_worth,
    top_fifth_gap,
    value_correlation,
)

__all__ = [
    "Chain",
    "ReferralTree",
    "ReferredShare",
    "Reproduction",
    "Steps",
    "adjusting_columns",
    "audit_share",
    "booked_to_rep",
    "captured",
    "captured_share",
    "chain",
    "chain_check",
    "chapman",
    "chosen_strata",
    "conversion_ratio",
    "corrected_share",
    "credit_matrix",
    "customer_values",
    "dependence",
    "dependences_of_company",
    "dispersion",
    "error_counts",
    "evidence_quality",
    "flow_check",
    "has_sources",
    "hazard_of_company",
    "journey_credits",
    "journey_size_check",
    "margin_gap",
    "markov_orders",
    "measures",
    "model_conversion",
    "monthly_growth",
    "offspring_fit",
    "order_check",
    "raw_told_share",
    "recorded_over_true",
    "recorded_share",
    "referral_tree",
    "referral_worth",
    "referred_hazard",
    "referred_of_rep",
    "referred_share",
    "removal_effects",
    "removal_estimate",
    "reproduction",
    "reproduction_of_company",
    "rogan_gladen",
    "shapley_values",
    "share_checks",
    "share_over_time",
    "since",
    "stages_per_customer",
    "steps",
    "strata_of_company",
    "three_lists",
    "told_by_dissatisfied",
    "told_by_score",
    "told_mean",
    "told_share",
    "top_fifth_gap",
    "touch_credits",
    "value_correlation",
]
