"""A weighted score of customers, and whether its weights earn their keep."""

from retention.value.score.ranking import (
    capture,
    captures,
    ridge_prediction,
    rivals,
    score_minus,
    weight_draws,
)
from retention.value.score.weights import high_value_score, ranked, weights_of

__all__ = [
    "capture",
    "captures",
    "high_value_score",
    "ranked",
    "ridge_prediction",
    "rivals",
    "score_minus",
    "weight_draws",
    "weights_of",
]
