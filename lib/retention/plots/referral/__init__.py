"""Figures of who sent new customers, who gets credit, and what it is worth."""

from retention.plots.referral.sources import (
    channel_credit,
    credit_matrix,
    referred_share_over_time,
)
from retention.plots.referral.spreading import (
    offspring,
    referral_tree,
    referrals_per_customer,
)
from retention.plots.referral.worth import (
    margin_gap,
    referral_worth,
    word_of_mouth,
)

__all__ = [
    "channel_credit",
    "credit_matrix",
    "margin_gap",
    "offspring",
    "referral_tree",
    "referral_worth",
    "referrals_per_customer",
    "referred_share_over_time",
    "word_of_mouth",
]
