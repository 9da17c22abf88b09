"""Every measure of the study that the sayings are about, from the company alone."""

from retention.referral.study.sayings import measures
from retention.referral.study.steps import (
    Found,
    adjusting_columns,
    dependences_of_company,
    has_sources,
    hazard_of_company,
    reproduction_of_company,
    since,
    strata_of_company,
)

__all__ = [
    "Found",
    "adjusting_columns",
    "dependences_of_company",
    "has_sources",
    "hazard_of_company",
    "measures",
    "reproduction_of_company",
    "since",
    "strata_of_company",
]
