"""Climbing a partial likelihood with few passes over the customers."""

from dataclasses import dataclass, replace

import numpy as np

from retention.survival.cox.efron import PartialLikelihood, efron
from retention.survival.cox.risk import RiskSets
from retention.survival.hazards.ascent import (
    Peak,
    ascend,
    newton,
    term_names,
    unsettled,
)

CLOSE = 3e-5  # a step of this size leaves an error of its square
CLOSE_IN_ERRORS = 1e-7  # and standard errors off by its product with them
MOST_PASSES = 25


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Partial likelihood around a point where the engine's sums are known.

    `total` holds the sums of the covariates over each set's deaths, `centre` the
    point, and `exact` the groups' sums there. At the centre, and everywhere if there
    are only categorical covariates, the likelihood is exact; elsewhere it takes the
    continuous covariates as normal within each group.
    """

    sets: RiskSets
    total: np.ndarray
    centre: np.ndarray
    exact: np.ndarray

    def slope(self, beta: np.ndarray) -> np.ndarray:
        """Coefficients of the continuous covariates."""
        return beta[self.sets.design.shape[1] :]

    def likelihood(self, beta: np.ndarray) -> PartialLikelihood:
        """Likelihood and its derivatives at beta."""
        near = tilted(self.exact, self.slope(beta) - self.slope(self.centre))
        at_risk, lost = self.sets.moments(beta, near)
        deaths = self.sets.deaths
        return efron(at_risk, lost, deaths=deaths, total=self.total, beta=beta)

    def moved(self, step: np.ndarray) -> "Surroundings":
        """Surroundings of the point a step ahead, after one pass of the engine.

        The step is halved while the exact likelihood falls.
        """
        here = self.likelihood(self.centre).log_likelihood
        for _ in range(20):
            centre = self.centre + step
            exact = self.sets.sums.weighted(self.slope(centre))
            ahead = replace(self, centre=centre, exact=exact)
            if ahead.likelihood(centre).log_likelihood >= here - 1e-10 * abs(here):
                break
            step = step / 2
        return ahead


def climbed(near: Surroundings, *, held: dict[int, str]) -> tuple[Peak, int]:
    """Top of the likelihood, and how many passes it took after the first."""
    names = term_names(near.sets.terms)
    for passes in range(MOST_PASSES):
        peak = ascend(near.likelihood, near.centre, names=names, held=held)
        step, held = peak.theta - near.centre, peak.held
        if not peak.settled:
            # the model of the surroundings fails: take the exact Newton step instead
            step = newton(near.likelihood(near.centre), held)
        elif _close(near.slope(step), near.slope(np.diag(peak.covariance()))):
            return peak, passes
        near = near.moved(step)
    raise unsettled(names, peak)


def _close(step: np.ndarray, variance: np.ndarray) -> bool:
    """Whether the last step, of standardised covariates, needs no exact sums."""
    error = np.sqrt(np.nan_to_num(variance))
    return bool(
        (np.abs(step) < np.minimum(CLOSE, CLOSE_IN_ERRORS / (error + 1e-9))).all()
    )


def tilted(exact: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Sums after tilting each group by exp(slope'z), z taken as normal within it.

    A group is then a count, a mean and a covariance; the tilt moves the mean by
    covariance times slope and leaves the covariance. Exact for a slope of 0, and for
    groups of one.
    """
    if not slope.any():
        return exact
    i, j = np.triu_indices(len(slope))
    n, first, square = np.split(exact, [1, 1 + len(slope)], axis=1)
    mean = first / n
    spread = square / n - mean[:, i] * mean[:, j]
    shift = spread @ _lower_and_upper(slope, i, j)
    growth = np.minimum((mean + shift / 2) @ slope, 300)
    mean = mean + shift
    second = spread + mean[:, i] * mean[:, j]
    return n * np.exp(growth)[:, None] * np.hstack([np.ones_like(n), mean, second])


def _lower_and_upper(slope: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Matrix that takes the upper triangle of a symmetric matrix to it times slope."""
    out, pair = np.zeros((len(i), len(slope))), np.arange(len(i))
    out[pair, i] = slope[j]
    out[pair, j] = slope[i]
    return out
