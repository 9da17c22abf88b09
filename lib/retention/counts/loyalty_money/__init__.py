"""Spend and memberships in calendar months, and the programme's money by bucket."""

from retention.counts.loyalty_money.members import (
    enrolments,
    main_programme,
    programmes,
)
from retention.counts.loyalty_money.months import (
    last_month,
    monthly_spend,
    number,
    of_study,
)
from retention.counts.loyalty_money.spend import programme_money, spend_by_membership

__all__ = [
    "enrolments",
    "last_month",
    "main_programme",
    "monthly_spend",
    "number",
    "of_study",
    "programme_money",
    "programmes",
    "spend_by_membership",
]
