"""Assumptions of the referral study, each with its diagnostic."""

from retention.referral.checks.records import (
    chain_check,
    flow_check,
    journey_size_check,
    order_check,
)
from retention.referral.checks.share import share_checks

__all__ = [
    "chain_check",
    "flow_check",
    "journey_size_check",
    "order_check",
    "share_checks",
]
