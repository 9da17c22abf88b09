"""Likelihood of whole-period hazards, the baseline eliminated."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Cells:
    """Design (cells, p), band of each cell (sorted), at risk and events."""

    design: np.ndarray
    band: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """First cell of each band."""
        return np.flatnonzero(np.diff(self.band, prepend=-1))

    @property
    def bands(self) -> int:
        """Number of bands."""
        return int(self.band[-1]) + 1


@dataclass(frozen=True, eq=False)
class GroupedHazards:
    """Log-likelihood at a point, after the baseline has been eliminated.

    The baseline's block of the information is diagonal, so eliminating it costs one
    division a band, however many bands there are.
    """

    log_likelihood: float
    score: np.ndarray
    information: np.ndarray
    baseline_score: np.ndarray
    baseline_information: np.ndarray
    cross: np.ndarray

    def move(self, step: np.ndarray) -> np.ndarray:
        """Baseline step that goes with a step of the coefficients, and that step."""
        ahead = self.baseline_score - self.cross @ step
        return np.concatenate([ahead / self.baseline_information, step])


def evaluate(cells: Cells, theta: np.ndarray) -> GroupedHazards:
    """Likelihood of cells at theta: baseline terms first, then coefficients.

    The hazard is 1 - exp(-exp(eta)); the information is the observed one, by which
    Newton's method climbs safely even where hazards are large.
    """
    mu, hazard = _rates(cells, theta)
    d, n = cells.events, cells.at_risk
    bend = mu * (np.exp(-mu) / hazard) * (mu / hazard)
    weight = d * (bend - mu / hazard) + n * mu
    return _eliminated(cells, mu, hazard, np.maximum(weight, 0))


def expected(cells: Cells, theta: np.ndarray) -> GroupedHazards:
    """The same with the expected information, for standard errors."""
    mu, hazard = _rates(cells, theta)
    return _eliminated(
        cells, mu, hazard, cells.at_risk * mu * (mu * np.exp(-mu) / hazard)
    )


def _rates(cells: Cells, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    gamma, beta = np.split(theta, [cells.bands])
    eta = gamma[cells.band] + cells.design @ beta
    mu = np.exp(np.clip(eta, -300, 300))
    return mu, -np.expm1(-mu)


def _eliminated(cells, mu, hazard, weight) -> GroupedHazards:
    from scipy.sparse import csr_array

    d, n, design = cells.events, cells.at_risk, cells.design
    slope = mu * (d / hazard - n)
    a = np.maximum(np.add.reduceat(weight, cells.starts), 1e-300)
    edges = np.append(cells.starts, len(d))
    cross = csr_array((weight, np.arange(len(d)), edges)) @ design
    score_a = np.add.reduceat(slope, cells.starts)
    return GroupedHazards(
        log_likelihood=float(d @ np.log(hazard) - (n - d) @ mu),
        score=design.T @ slope - cross.T @ (score_a / a),
        information=(design.T * weight) @ design - cross.T @ (cross / a[:, None]),
        baseline_score=score_a,
        baseline_information=a,
        cross=cross,
    )


def start(cells: Cells) -> np.ndarray:
    """Each band's own hazard and no effects, as a point to begin at."""
    d = np.add.reduceat(cells.events, cells.starts)
    n = np.add.reduceat(cells.at_risk, cells.starts)
    return np.concatenate([np.log(-np.log1p(-d / n)), np.zeros(cells.design.shape[1])])
