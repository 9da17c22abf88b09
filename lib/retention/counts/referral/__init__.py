"""Who sent the new customers: what each record says, counted in the engine."""

from retention.counts.referral.acquisitions import (
    WORDS,
    acquisitions,
    counted,
    with_evidence,
)
from retention.counts.referral.described import (
    acquisitions_by_month,
    attributes,
    audited,
    referral_flow,
)

__all__ = [
    "WORDS",
    "acquisitions",
    "acquisitions_by_month",
    "attributes",
    "audited",
    "counted",
    "referral_flow",
    "with_evidence",
]
