"""What a referral is worth, and whether referred customers differ from others."""

from retention.referral.worth.margins import customer_values, margin_gap
from retention.referral.worth.referrers import (
    referral_worth,
    top_fifth_gap,
    value_correlation,
)

__all__ = [
    "customer_values",
    "margin_gap",
    "referral_worth",
    "top_fifth_gap",
    "value_correlation",
]
