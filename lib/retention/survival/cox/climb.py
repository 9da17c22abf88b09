"""Climbing a partial likelihood with few passes over the customers."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from retention.survival.cox.efron import PartialLikelihood, efron, impossible
from retention.survival.cox.risk import RiskSets
from retention.survival.hazards.ascent import (
    Peak,
    ascend,
    newton,
    runaway,
    term_names,
    uninformed,
    unsettled,
)

CLOSE = 3e-5  # a step of this size leaves an error of its square
CLOSE_IN_ERRORS = 1e-7  # and standard errors off by its product with them
ROUGH = 0.05  # part of the way: the model is off by more than what is left
TRUSTED = 2.0  # how far the model of the surroundings may be followed
MOST_PASSES = 40


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Partial likelihood around a point where the engine's sums are known.

    `total` holds the sums of the covariates over each set's deaths, `centre` the
    point, and `exact` the groups' sums there, as `RiskSets.moments` takes them. At the
    centre, and everywhere if there are only categorical covariates, the likelihood
    is exact; elsewhere it takes the continuous covariates as normal within a group.
    """

    sets: RiskSets
    total: np.ndarray
    centre: np.ndarray
    exact: np.ndarray

    def slope(self, beta: np.ndarray) -> np.ndarray:
        """Coefficients of the continuous covariates."""
        return beta[self.sets.design.shape[1] :]

    @property
    def exact_everywhere(self) -> bool:
        """Whether there is nothing to model."""
        return not self.sets.sums.continuous

    @cached_property
    def here(self) -> PartialLikelihood:
        """Likelihood at the centre."""
        return self.likelihood(self.centre.copy())

    def likelihood(self, beta: np.ndarray) -> PartialLikelihood:
        """Likelihood and its derivatives at beta."""
        if beta is self.centre:
            return self.here
        tilt = self.slope(beta) - self.slope(self.centre)
        if np.abs(tilt).max(initial=0.0) > TRUSTED:
            return impossible(self.total)
        near = self._tilted(tilt)
        at_risk, lost = self.sets.moments(beta, near)
        deaths = self.sets.deaths
        return efron(at_risk, lost, deaths=deaths, total=self.total, beta=beta)

    @cached_property
    def _normal(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Count, mean and covariance (its upper triangle) of each group, in columns."""
        q = len(self.slope(self.centre))
        i, j = np.triu_indices(q)
        n, first, square = np.split(self.exact, [1, 1 + q])
        mean = first / n
        return n, mean, square / n - mean[i] * mean[j]

    def _tilted(self, slope: np.ndarray) -> np.ndarray:
        """Sums after tilting each group by exp(slope'z), z taken as normal within it.

        The tilt moves the mean by covariance times slope and leaves the covariance.
        It is exact for a slope of 0, and for groups of one.
        """
        if not slope.any():
            return self.exact
        i, j = np.triu_indices(len(slope))
        n, mean, spread = self._normal
        shift = _by_pair(slope, i, j) @ spread
        weight = n * np.exp(np.minimum(slope @ (mean + shift / 2), 300))
        mean = mean + shift
        second = spread + mean[i] * mean[j]
        return np.vstack([weight, weight * mean, weight * second])

    def moved(self, step: np.ndarray) -> "Surroundings":
        """Surroundings of the point a step ahead, after one pass of the engine.

        The step is halved while the exact likelihood falls.
        """
        least = self.here.log_likelihood - 1e-10 * abs(self.here.log_likelihood)
        for _ in range(20):
            centre = self.centre + step
            exact = self.sets.arranged(self.sets.sums.weighted(self.slope(centre)))
            ahead = replace(self, centre=centre, exact=exact)
            if ahead.here.log_likelihood >= least:
                break
            step = step / 2
        return ahead


def climbed(near: Surroundings, *, held: dict[int, str]) -> tuple[Peak, int]:
    """Top of the likelihood, and how many passes it took after the first."""
    names = term_names(near.sets.terms)
    for passes in range(MOST_PASSES):
        held = held | uninformed(near.here, held)
        part = 0.0 if near.exact_everywhere else ROUGH
        peak = ascend(near.likelihood, near.centre, names=names, held=held, part=part)
        if near.exact_everywhere and peak.settled:
            return peak, passes
        step = peak.theta - near.centre
        if not peak.settled or peak.held != held:
            # the model of the surroundings fails: take the exact Newton step
            step = newton(near.here, held)
            gone = runaway(near.centre, step)
            if gone:
                held = held | gone
                continue
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


def _by_pair(slope: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Matrix that takes the upper triangle of a symmetric matrix to it times slope."""
    out, pair = np.zeros((len(slope), len(i))), np.arange(len(i))
    out[i, pair] = slope[j]
    out[j, pair] = slope[i]
    return out
