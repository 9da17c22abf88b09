"""E-values of ratios."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class EValue:
    """Strength of an unseen cause that would explain a ratio away.

    Attributes
    ----------
    point, bound : float
        Risk ratio with both membership and outcome that would move the estimate, and
        the end of its interval nearer to 1, to no effect. The bound is 1 where the
        interval holds 1, and nan without an interval.
    """

    point: float
    bound: float

    @property
    def summary(self) -> str:
        """How strong it would have to be, in one sentence."""
        rest = (
            ""
            if math.isnan(self.bound)
            else f", and one of {self.bound:.2f} the interval"
        )
        return (
            f"An unseen cause that goes with membership and with the outcome by a "
            f"ratio of {self.point:.2f} each could explain the estimate away{rest}."
        )


def e_value(
    ratio: float,
    *,
    lower: float = math.nan,
    upper: float = math.nan,
    kind: str = "risk",
    common: bool = False,
) -> EValue:
    """E-value of a risk ratio, odds ratio or hazard ratio.

    Parameters
    ----------
    ratio : float
        Positive.
    lower, upper : float
        Its interval.
    kind : {"risk", "odds", "hazard"}
    common : bool
        Whether the outcome is common (more than 15 % have it by the end), which makes
        odds and hazard ratios larger than risk ratios.

    Returns
    -------
    EValue

    Raises
    ------
    ValueError
        If the ratio is not positive or the kind is unknown.

    References
    ----------
    VanderWeele, T. J. and Ding, P. (2017). Sensitivity analysis in observational
    research: introducing the E-value. Annals of Internal Medicine 167, 268-274.

    Examples
    --------
    >>> found = e_value(3.9, lower=1.8, upper=8.7)
    >>> round(found.point, 2), round(found.bound, 2)
    (7.26, 3.0)
    >>> round(e_value(0.8, kind="hazard", common=True).point, 2)
    1.61
    """
    if not ratio > 0:
        raise ValueError(f"A ratio is positive, not {ratio:g}.")
    point = _of(_risk(ratio, kind, common))
    near = upper if ratio < 1 else lower
    if math.isnan(near):
        return EValue(point, math.nan)
    crosses = (near - 1) * (ratio - 1) <= 0
    return EValue(point, 1.0 if crosses else _of(_risk(near, kind, common)))


def _risk(ratio: float, kind: str, common: bool) -> float:
    """The risk ratio that a ratio stands for."""
    if kind not in ("risk", "odds", "hazard"):
        raise ValueError(f"kind is {kind!r}; it can be risk, odds or hazard.")
    if kind == "risk" or not common:
        return ratio
    if kind == "odds":
        return math.sqrt(ratio)
    return (1 - 0.5 ** math.sqrt(ratio)) / (1 - 0.5 ** math.sqrt(1 / ratio))


def _of(risk: float) -> float:
    high = max(risk, 1 / risk)
    return high + math.sqrt(high * (high - 1))
