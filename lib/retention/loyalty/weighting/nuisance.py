"""Chance of being a member, and outcome as a non-member, each fitted on others."""

import numpy as np
from numpy.typing import NDArray

from retention.loyalty.weighting.design import with_constant

Vector = NDArray[np.float64]
HIGHEST = 0.9999


def logistic(
    design: np.ndarray, treated: Vector, *, start: Vector | None = None
) -> Vector:
    """Coefficients of a logistic regression, by Newton's method.

    A ridge far below one customer's weight keeps separated data finite.
    """
    beta = np.zeros(design.shape[1]) if start is None else start.copy()
    ridge = 1e-6 * np.eye(len(beta))
    ridge[0, 0] = 0.0
    for _ in range(50):
        p = expit(design @ beta)
        score = design.T @ (treated - p) - ridge @ beta
        information = (design.T * (p * (1 - p))) @ design + ridge
        step = np.linalg.solve(information, score)
        beta += step * min(1.0, 5.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-6:  # the next would be its square
            break
    return beta


def expit(x: Vector) -> Vector:
    """Inverse of the logit, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def least_squares(design: np.ndarray, y: Vector, weights: Vector | None = None):
    """Coefficients of a (weighted) linear regression."""
    scaled = design if weights is None else design * weights[:, None]
    return np.linalg.lstsq(scaled.T @ design, scaled.T @ y, rcond=None)[0]


def cross_fitted(
    design: np.ndarray, treated: Vector, y: Vector, *, folds: int, seed: int
) -> tuple[Vector, Vector]:
    """Propensity and outcome as a non-member, from customers of other folds.

    With one fold both are fitted on everybody.
    """
    matrix = with_constant(design)
    fold = np.random.default_rng(seed).permutation(len(y)) % folds
    propensity, outcome = np.empty(len(y)), np.empty(len(y))
    beta = None
    for k in range(folds):
        here = fold == k
        others = ~here if folds > 1 else here
        untreated = others & (treated == 0)
        beta = logistic(matrix[others], treated[others], start=beta)
        slope = least_squares(matrix[untreated], y[untreated])
        propensity[here] = expit(matrix[here] @ beta)
        outcome[here] = matrix[here] @ slope
    return np.clip(propensity, 1 - HIGHEST, HIGHEST), outcome
