"""How strong something unseen would have to be to explain an effect away."""

from retention.loyalty.sensitivity.confounder import (
    Confounding,
    confounding,
    robustness_value,
    tipping_point,
)
from retention.loyalty.sensitivity.evalue import EValue, e_value
from retention.loyalty.sensitivity.pairs import rosenbaum, rosenbaum_gamma

__all__ = [
    "Confounding",
    "EValue",
    "confounding",
    "e_value",
    "robustness_value",
    "rosenbaum",
    "rosenbaum_gamma",
    "tipping_point",
]
