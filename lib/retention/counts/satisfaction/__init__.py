"""Survey answers, what became of those who gave them, and sums of their ratings."""

from retention.counts.satisfaction.asked import asked_frame, usual_outcome
from retention.counts.satisfaction.frame import known_of_invited
from retention.counts.satisfaction.products import Products, rating_products
from retention.counts.satisfaction.scales import Scale, rating_columns, score_scale
from retention.counts.satisfaction.tables import (
    exit_answers,
    survey_flow,
    survey_losses,
    survey_tenure,
    usual_reason,
)

__all__ = [
    "Products",
    "Scale",
    "asked_frame",
    "exit_answers",
    "known_of_invited",
    "rating_columns",
    "rating_products",
    "score_scale",
    "survey_flow",
    "survey_losses",
    "survey_tenure",
    "usual_outcome",
    "usual_reason",
]
