"""What people say they will do, what they do, and which question foretells it."""

from retention.satisfaction.prediction.intent import (
    IntentAndBehaviour,
    intending_share,
    intent_and_behaviour,
    net_promoter,
)
from retention.satisfaction.prediction.trial import foretelling, questions

__all__ = [
    "IntentAndBehaviour",
    "foretelling",
    "intending_share",
    "intent_and_behaviour",
    "net_promoter",
    "questions",
]
