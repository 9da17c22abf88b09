"""Customers sent by others against the rest: tenure, margin, word of mouth."""

from retention.counts.referral.worth.customers import (
    acquisition_cost,
    value_and_referrals,
    word_of_mouth,
)
from retention.counts.referral.worth.sources import (
    knows_margin,
    margin_by_source,
    tenure_by_source,
)

__all__ = [
    "acquisition_cost",
    "knows_margin",
    "margin_by_source",
    "tenure_by_source",
    "value_and_referrals",
    "word_of_mouth",
]
