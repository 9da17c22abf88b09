"""Figures of the satisfaction study, one function a result."""

from retention.plots.satisfaction.drivers import (
    driver_parts,
    intent_and_behaviour,
    penalties_rewards,
)
from retention.plots.satisfaction.scores import (
    both_conditionals,
    curves_after_answer,
    loss_along_points,
    loss_by_score,
    loss_with_exits,
)
from retention.plots.satisfaction.silence import silent_share

__all__ = [
    "both_conditionals",
    "curves_after_answer",
    "driver_parts",
    "intent_and_behaviour",
    "loss_along_points",
    "loss_by_score",
    "loss_with_exits",
    "penalties_rewards",
    "silent_share",
]
