"""Loss by score: each score, both conditionals, exit surveys, the fine scale."""

from retention.plots.satisfaction.scores.answers import (
    both_conditionals,
    curves_after_answer,
)
from retention.plots.satisfaction.scores.losses import (
    loss_along_points,
    loss_by_score,
    loss_with_exits,
)

__all__ = [
    "both_conditionals",
    "curves_after_answer",
    "loss_along_points",
    "loss_by_score",
    "loss_with_exits",
]
