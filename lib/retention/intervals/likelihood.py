"""Maximum likelihood with a covariance that is one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a log-likelihood is largest, and how sharply it falls around there.

    Attributes
    ----------
    parameters : array, shape (p,)
        The estimates.
    covariance : array, shape (p, p)
        Inverse of the curvature; zero for parameters that ran to their bound.
    log_likelihood : float
        Its value at the estimates.
    at_bound : array of bool, shape (p,)
        Parameters that the data push beyond every value tried.
    """

    parameters: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    at_bound: np.ndarray


def maximum_likelihood(
    log_likelihood: Callable[[np.ndarray], float],
    start: Sequence[float],
    *,
    bounds: Sequence[tuple[float, float]],
) -> Maximum:
    """Maximum of a smooth log-likelihood in two or three parameters.

    The simplex method finds it and numerical second differences give the curvature.
    The inverse Hessian that quasi-Newton optimisers carry along is a by-product of
    their path and is not used.

    Parameters
    ----------
    log_likelihood : callable
        From a parameter vector to a float.
    start : sequence of float
        Where to begin.
    bounds : sequence of pairs
        Range of each parameter; wide, on a scale where the likelihood is smooth.

    Returns
    -------
    Maximum

    Raises
    ------
    ValueError
        When the likelihood has no curvature at its maximum.

    Examples
    --------
    A share of 30 in 100, on the logit scale:

    >>> best = maximum_likelihood(
    ...     lambda t: 30 * t[0] - 100 * np.log1p(np.exp(t[0])), [0.0], bounds=[(-9, 9)]
    ... )
    >>> round(float(1 / (1 + np.exp(-best.parameters[0]))), 4)
    0.3
    >>> round(float(best.covariance[0, 0] ** 0.5), 4)
    0.2182
    """
    from scipy.optimize import minimize

    low, high = np.array(bounds, float).T
    best = np.array(start, float)
    for _ in range(2):  # a fresh simplex frees a search that collapsed early
        best = minimize(
            lambda theta: -log_likelihood(theta),
            best,
            method="Nelder-Mead",
            bounds=list(bounds),
            options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 5000, "maxfev": 5000},
        ).x
    edge = 1e-3 * (high - low)
    at_bound = (best < low + edge) | (best > high - edge)
    covariance = _covariance(log_likelihood, best, ~at_bound)
    return Maximum(best, covariance, float(log_likelihood(best)), at_bound)


def _covariance(
    log_likelihood: Callable, best: np.ndarray, free: np.ndarray
) -> np.ndarray:
    from statsmodels.tools.numdiff import approx_hess

    def along(theta: np.ndarray) -> float:
        full = best.copy()
        full[free] = theta
        return log_likelihood(full)

    covariance = np.zeros((len(best), len(best)))
    if not free.any():
        return covariance
    curvature = -approx_hess(best[free], along)
    eigenvalues = np.linalg.eigvalsh(curvature)
    if not np.isfinite(eigenvalues).all() or eigenvalues[0] <= 0:
        raise ValueError(
            "The likelihood is flat at its maximum, so these data cannot tell the "
            "parameters apart: use more periods, more customers or a simpler model."
        )
    covariance[np.ix_(free, free)] = np.linalg.inv(curvature)
    return covariance
