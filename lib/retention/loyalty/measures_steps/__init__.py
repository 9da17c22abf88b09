"""The steps of the loyalty study, each from the company to its answer."""

from retention.loyalty.measures_steps.drawn import (
    drawn_arms,
    holdout_effect,
    must_be_drawn,
    points_redeemed,
    programme_return,
    tried_actions,
)
from retention.loyalty.measures_steps.members import (
    campaign_change,
    ever_members,
    leave_reason,
    member_hazard,
    member_rows,
    member_spend,
    spend_effect,
)

__all__ = [
    "campaign_change",
    "drawn_arms",
    "ever_members",
    "holdout_effect",
    "leave_reason",
    "member_hazard",
    "member_rows",
    "member_spend",
    "must_be_drawn",
    "points_redeemed",
    "programme_return",
    "spend_effect",
    "tried_actions",
]
