"""Satisfaction against behaviour: score, response, expectation, drivers.

Everything here takes the count tables of `retention.counts.satisfaction` and never
sees a customer row or the engine. A score is known on the day it was given and what
the customer did is counted from that day on.
"""

from retention.satisfaction.answer import (
    SatisfactionAnswer,
    satisfaction_answer,
    top_against_satisfied,
)
from retention.satisfaction.checks import driver_check, satisfaction_checks
from retention.satisfaction.clusters import clustered
from retention.satisfaction.complaints import after_complaint
from retention.satisfaction.disconfirmation import (
    Disconfirmation,
    disconfirmation,
    regime_measures,
    regimes,
    response_surface,
)
from retention.satisfaction.drivers import (
    LinearFit,
    asymmetry,
    driver_shares,
    inflation,
    least_squares,
    penalties_and_rewards,
    penalty_fit,
)
from retention.satisfaction.gain import value_of_satisfaction
from retention.satisfaction.hazards import (
    ScoreHazards,
    score_curves,
    score_hazards,
    waited,
)
from retention.satisfaction.measures import measures
from retention.satisfaction.ordinal import OrdinalFit, cut_logits, proportional_odds
from retention.satisfaction.prediction import (
    IntentAndBehaviour,
    foretelling,
    intending_share,
    intent_and_behaviour,
    net_promoter,
    questions,
)
from retention.satisfaction.response import ResponseModel, response_model
from retention.satisfaction.shape import (
    Threshold,
    convexity,
    delight_threshold,
    last_step_gain,
    smooth_losses,
    straightness,
)
from retention.satisfaction.silent import (
    no_assumption_bounds,
    silent_customers,
    turning_tilt,
)
from retention.satisfaction.traps import (
    attributable_share,
    naive_shares,
    pooled_with_exits,
)
from retention.satisfaction.weighted import WeightedLosses, weighted_losses

__all__ = [
    "Disconfirmation",
    "IntentAndBehaviour",
    "LinearFit",
    "OrdinalFit",
    "ResponseModel",
    "SatisfactionAnswer",
    "ScoreHazards",
    "Threshold",
    "WeightedLosses",
    "after_complaint",
    "asymmetry",
    "attributable_share",
    "clustered",
    "convexity",
    "cut_logits",
    "delight_threshold",
    "disconfirmation",
    "driver_check",
    "driver_shares",
    "foretelling",
    "inflation",
    "intending_share",
    "intent_and_behaviour",
    "last_step_gain",
    "least_squares",
    "measures",
    "naive_shares",
    "net_promoter",
    "no_assumption_bounds",
    "penalties_and_rewards",
    "penalty_fit",
    "pooled_with_exits",
    "proportional_odds",
    "questions",
    "regime_measures",
    "regimes",
    "response_model",
    "response_surface",
    "satisfaction_answer",
    "satisfaction_checks",
    "score_curves",
    "score_hazards",
    "silent_customers",
    "smooth_losses",
    "straightness",
    "top_against_satisfied",
    "turning_tilt",
    "value_of_satisfaction",
    "waited",
    "weighted_losses",
]
