"""Log-likelihood of the Pareto/NBD on collapsed counts, with its gradient.

A customer who is gone stopped at some moment between the last order and the cut-off.
The literature writes the integral over that moment as a difference of two
hypergeometric functions, which overflow for customers with hundreds of orders; here it
is a sum over nodes, which does not, and whose slopes are sums over the same nodes.
"""

import numpy as np
import pandas as pd

from retention.projection.buyers_fitting import gamma_parameters
from retention.projection.buyers_quadrature import steep_quadrature

CELLS = 4000  # at a time, to bound the memory


class Likelihood:
    """Callable: fit scale to log-likelihood and gradient."""

    def __init__(self, cells: pd.DataFrame):
        """Take cells of x, t_x, T and n."""
        columns = (cells[name].to_numpy(float) for name in ("x", "t_x", "T", "n"))
        parts = -(-len(cells) // CELLS)
        self.parts = list(
            zip(*(np.array_split(column, parts) for column in columns), strict=True)
        )

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Log-likelihood and its gradient."""
        parameters = natural(theta)
        pieces = [_part(parameters, *part) for part in self.parts]
        by_r, by_alpha, by_s, by_beta = np.sum([slopes for _, slopes in pieces], axis=0)
        r, alpha, s, beta = parameters
        slopes = [
            -alpha * by_alpha,
            r * by_r + alpha * by_alpha,
            -beta * by_beta,
            s * by_s + beta * by_beta,
        ]
        return float(sum(value for value, _ in pieces)), np.array(slopes)


def natural(theta: np.ndarray) -> tuple[float, float, float, float]:
    """Parameters r, alpha, s, beta from the fit scale."""
    pair = gamma_parameters(*theta[:2]), gamma_parameters(*theta[2:])
    return tuple(float(value) for both in pair for value in both)


def log_odds_of_being_gone(theta: np.ndarray, x, t_x, T) -> np.ndarray:
    """Log odds of having stopped before the cut-off, given what was seen."""
    r, alpha, s, beta = natural(theta)
    pasts, place = np.unique(
        np.stack([part.ravel() for part in (x, t_x, T)]), axis=1, return_inverse=True
    )
    odds = np.empty(pasts.shape[1])
    for first in range(0, len(odds), CELLS):
        here = slice(first, first + CELLS)
        k, since, until = r + pasts[0, here], pasts[1, here], pasts[2, here]
        heights, _, _ = _moments(k, alpha, s, beta, since, until)
        present = -k * np.log(alpha + until) - s * np.log(beta + until)
        odds[here] = np.log(s) + _log_sum(heights)[0] - present
    return odds[place.ravel()].reshape(np.shape(x))


def weeks_lived(s: float, rate, weeks) -> np.ndarray:
    """Expected weeks active out of the next ones; s = 1 is no exception."""
    log_share = np.log1p(weeks / rate)
    if abs(s - 1) < 1e-9:
        return rate * log_share
    return rate / (s - 1) * -np.expm1(-(s - 1) * log_share)


def order_counts(r: float, alpha: float, x: np.ndarray, weeks) -> np.ndarray:
    """Negative-binomial probabilities of x orders in some weeks."""
    from scipy.special import gammaln, xlogy

    weeks = np.asarray(weeks, float)[..., None]
    share = weeks / (alpha + weeks)
    ways = gammaln(r + x) - gammaln(r) - gammaln(x + 1)
    return np.exp(ways + r * np.log1p(-share) + xlogy(x, share))


def _part(parameters: tuple, x, t_x, T, n) -> tuple[float, np.ndarray]:
    """Log-likelihood of some cells and its slopes by r, alpha, s, beta."""
    from scipy.special import gammaln, psi

    r, alpha, s, beta = parameters
    heights, log_a, log_b = _moments(r + x, alpha, s, beta, t_x, T)
    gone, share = _log_sum(heights)
    far_a, far_b = np.log(alpha + T), np.log(beta + T)
    here, gone = -(r + x) * far_a - s * far_b, np.log(s) + gone
    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    value = n @ (front + np.logaddexp(here, gone))
    p = 1 / (1 + np.exp(np.minimum(here - gone, 700.0)))  # of being gone
    at_a, at_b = (share * np.exp(-log_a)).sum(axis=0), (share * np.exp(-log_b)).sum(0)
    near_a, near_b = (share * log_a).sum(axis=0), (share * log_b).sum(axis=0)
    slopes = [
        psi(r + x) - psi(r) + np.log(alpha) - (1 - p) * far_a - p * near_a,
        r / alpha - (r + x) * ((1 - p) * np.exp(-far_a) + p * at_a),
        np.log(beta) + p / s - (1 - p) * far_b - p * near_b,
        s / beta - (1 - p) * s * np.exp(-far_b) - p * (s + 1) * at_b,
    ]
    return float(value), np.array([n @ slope for slope in slopes])


def _moments(k, alpha, s, beta, t_x, T) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log of what each moment of stopping adds, and the logs it is made of."""
    at, share = steep_quadrature()
    wait = T - t_x
    w = t_x + np.multiply.outer(at, wait)
    log_a, log_b = np.log(alpha + w), np.log(beta + w)
    width = np.log(np.maximum(np.multiply.outer(share, wait), 1e-300))
    return width - k * log_a - (s + 1) * log_b, log_a, log_b


def _log_sum(heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log of the sum over moments, and the share of each."""
    top = heights.max(axis=0)
    parts = np.exp(heights - top)
    total = parts.sum(axis=0)
    return top + np.log(total), parts / total
