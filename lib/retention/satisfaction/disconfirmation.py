"""Experience against expectation: tested as a model, never as a difference score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts.satisfaction import Products
from retention.intervals import Estimate
from retention.satisfaction.clusters import normal_test
from retention.satisfaction.drivers import LinearFit, least_squares
from retention.satisfaction.weighted import (
    FOLLOWED,
    LOST,
    WeightedLosses,
    weighted_losses,
)

REGIMES = ["below", "met", "above"]


@dataclass(frozen=True, eq=False)
class Disconfirmation:
    """Weights of experience and of expectation in satisfaction.

    Attributes
    ----------
    experience, expectation : Estimate
        Points of satisfaction from one end of the scale to the other.
    ratio : Estimate
        Minus the weight of expectation over that of experience: 1 if satisfaction is
        their difference, 0 if expectation has no part.
    equality_p : float
        Of the test that the two weights add up to zero.
    r2_both, r2_difference : float
        Variance explained by the two weights, and by their difference alone.
    """

    experience: Estimate
    expectation: Estimate
    ratio: Estimate
    equality_p: float
    r2_both: float
    r2_difference: float

    @property
    def summary(self) -> str:
        """What a difference would claim, and what the data say."""
        return (
            f"A full scale of experience moves satisfaction by {self.experience.text}, "
            f"one of expectation by {self.expectation.text}. A difference would make "
            f"the second minus the first; the ratio is {self.ratio.text}."
        )


def disconfirmation(products: Products) -> Disconfirmation:
    """Satisfaction on experience and expectation with a weight for each.

    A difference score ("experience minus expectation") forces the two weights to be
    equal and opposite. Here each has its own, and the equality is tested. Experience
    is the mean of the drivers' ratings; both are parts of their scale.

    Parameters
    ----------
    products : Products
        With `experience` and `expectation`.

    Returns
    -------
    Disconfirmation

    References
    ----------
    Edwards, J. R. (1994). The study of congruence in organizational behavior research:
    critique and a proposed alternative. Organizational Behavior and Human Decision
    Processes 58, 51-100.

    Examples
    --------
    Satisfaction that is experience less half of expectation:

    >>> table = pd.DataFrame({"experience": [0.0, 0, 1, 1] * 2,
    ...     "expectation": [0.0, 1, 0, 1] * 2})
    >>> table["satisfaction"] = 4 * table["experience"] - 2 * table["expectation"]
    >>> found = disconfirmation(Products.of(table, range(8)))
    >>> round(found.experience.value, 6), round(found.ratio.value, 6)
    (4.0, 0.5)
    >>> round(found.r2_both, 3), round(found.r2_difference, 3)
    (1.0, 0.9)
    """
    fit = least_squares(
        products, ["experience", "expectation"], response="satisfaction"
    )
    total = fit.combined(lambda b: b["experience"] + b["expectation"])
    return Disconfirmation(
        experience=fit.combined(lambda b: b["experience"], unit="points"),
        expectation=fit.combined(lambda b: b["expectation"], unit="points"),
        ratio=fit.combined(lambda b: -b["expectation"] / b["experience"], unit="times"),
        equality_p=normal_test(total.value, total.se)[1],
        r2_both=fit.r2,
        r2_difference=_r2_of_difference(products),
    )


def _r2_of_difference(products: Products) -> float:
    total, n = products.total, products.n
    covariance = total / n - np.outer(total[0], total[0]) / n**2
    y, x, e = (
        products.names.index(k) for k in ("satisfaction", "experience", "expectation")
    )
    both = covariance[y, x] - covariance[y, e]
    own = covariance[x, x] + covariance[e, e] - 2 * covariance[x, e]
    return float(both**2 / (own * covariance[y, y]))


def response_surface(products: Products) -> pd.DataFrame:
    """Satisfaction as a curved surface over experience and expectation.

    Parameters
    ----------
    products : Products

    Returns
    -------
    DataFrame
        Index `slope along agreement`, `bend along agreement`, `slope along
        disagreement`, `bend along disagreement`: `value`, `se`, `lower`, `upper`.
        Were satisfaction the difference, the first two would be 0, the third twice
        the weight of experience and the last 0.

    References
    ----------
    Edwards, J. R. and Parry, M. E. (1993). On the use of polynomial regression
    equations as an alternative to difference scores in organizational research.
    Academy of Management Journal 36, 1577-1613.

    Examples
    --------
    Satisfaction that is four times the difference of the two:

    >>> x, e = (part.ravel() for part in np.meshgrid([-0.5, 0, 0.5], [-0.5, 0, 0.5]))
    >>> table = pd.DataFrame({"experience": x, "expectation": e, "experience_2": x * x,
    ...     "experience_expectation": x * e, "expectation_2": e * e,
    ...     "satisfaction": 4 * (x - e)})
    >>> surface = response_surface(Products.of(table, range(9)))
    >>> surface["value"].round(6).abs()
    slope along agreement       0.0
    bend along agreement        0.0
    slope along disagreement    8.0
    bend along disagreement     0.0
    Name: value, dtype: float64
    """
    fit = surface_fit(products)
    x, e, xx, xe, ee = fit.names[1:]
    along = {
        "slope along agreement": lambda b: b[x] + b[e],
        "bend along agreement": lambda b: b[xx] + b[xe] + b[ee],
        "slope along disagreement": lambda b: b[x] - b[e],
        "bend along disagreement": lambda b: b[xx] - b[xe] + b[ee],
    }
    found = {name: fit.combined(of) for name, of in along.items()}
    rows = {k: (v.value, v.se, v.lower, v.upper) for k, v in found.items()}
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["value", "se", "lower", "upper"]
    )


def surface_fit(products: Products) -> LinearFit:
    """The polynomial regression behind `response_surface`."""
    columns = [
        "experience",
        "expectation",
        "experience_2",
        "experience_expectation",
        "expectation_2",
    ]
    return least_squares(products, columns, response="satisfaction")


def regimes(losses: pd.DataFrame) -> WeightedLosses:
    """Losses when experience was below, about equal to, or above expectation.

    Parameters
    ----------
    losses : DataFrame
        From `counts.survey_losses(by=["met"])`. Equal means within half a point of
        the scale of expectation.

    Returns
    -------
    WeightedLosses
        With the groups "below", "met", "above".

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> losses = counts.survey_losses(company, horizon=12, by=["met"])
    >>> regimes(losses).table[["score", "followed", "lost", "loss"]].round(3)
       score  followed  lost   loss
    0  below      5892  1176  0.200
    1    met      6502  1095  0.168
    2  above      9066  1395  0.154
    """
    return weighted_losses(losses, group="met", groups=REGIMES)


def regime_measures(found: WeightedLosses) -> dict[str, Estimate | str]:
    """What the saying claims of the three regimes.

    Parameters
    ----------
    found : WeightedLosses
        From `regimes`.

    Returns
    -------
    dict of str to Estimate or str
        `loss_below_minus_met` and `loss_met_minus_above` (percentage points),
        `left_given_met` (share lost) and `gain_before_delight`: of the fall in loss
        from below to above, the share that comes with merely meeting expectation.
        Texts where fewer than five were lost in a group, or where there is no fall.

    Examples
    --------
    Of 100 each, 40 leave where expectation was missed, 16 where it was met and 8 where
    it was exceeded: 24 of the 32 points come with meeting it.

    >>> cells = [(met, lost, bucket) for met in REGIMES for lost in (1, 0)
    ...     for bucket in ("00", "01", "02", "03")]
    >>> losses = pd.DataFrame(cells, columns=["met", "lost", "bucket"])
    >>> losses = losses.assign(responded=1, followed=1, gone=losses["lost"],
    ...     n=np.repeat([40, 60, 16, 84, 8, 92], 4))
    >>> found = regime_measures(regimes(losses))
    >>> for name, estimate in found.items():
    ...     print(name, round(estimate.value, 2))
    loss_below_minus_met 0.24
    loss_met_minus_above 0.08
    left_given_met 0.16
    gain_before_delight 0.75
    """
    names = ("loss_below_minus_met", "loss_met_minus_above")
    if (found.counted["lost"] < 5).any():
        reason = "Fewer than five losses where expectation was missed, met or exceeded."
        return dict.fromkeys([*names, "left_given_met", "gain_before_delight"], reason)
    n = found.counted["followed"]

    def gap(a: int, b: int) -> Estimate:
        return found.number(
            lambda s: _loss(s, a) - _loss(s, b),
            n=int(n[a] + n[b]),
            unit="percentage points",
        )

    whole = gap(0, 2)
    gain: Estimate | str = (
        "Loss does not fall clearly from below to above expectation, so there is no "
        "gain to divide."
    )
    if whole.lower > 0:
        gain = found.number(
            lambda s: (_loss(s, 0) - _loss(s, 1)) / (_loss(s, 0) - _loss(s, 2)),
            n=int(n.sum()),
            unit="%",
        )
    return {
        names[0]: gap(0, 1),
        names[1]: gap(1, 2),
        "left_given_met": found.share(lambda s: _loss(s, 1), n=int(n[1])),
        "gain_before_delight": gain,
    }


def _loss(s: np.ndarray, row: int) -> float:
    return s[row, LOST] / s[row, FOLLOWED]
