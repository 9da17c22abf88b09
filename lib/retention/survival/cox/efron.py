"""Partial likelihood with Efron's treatment of ties, from moments of risk sets."""

from dataclasses import dataclass

import numpy as np

from retention.survival.cox.risk import Moments

MANY = 200
FEW_AT_ONCE = 1e4


@dataclass(frozen=True, eq=False)
class PartialLikelihood:
    """Log partial likelihood at a point, and its derivatives set by set.

    `score_at` has shape (sets, p) and `information_at` (sets, p, p).
    """

    log_likelihood: float
    score_at: np.ndarray
    information_at: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Slope of the log-likelihood."""
        return self.score_at.sum(axis=0)

    @property
    def information(self) -> np.ndarray:
        """Minus its curvature."""
        return self.information_at.sum(axis=0)

    def move(self, step: np.ndarray) -> np.ndarray:
        """Step of all parameters: there are no others than the coefficients."""
        return step


def efron(
    at_risk: Moments,
    lost: Moments,
    *,
    deaths: np.ndarray,
    total: np.ndarray,
    beta: np.ndarray,
) -> PartialLikelihood:
    """Likelihood from the moments of those at risk (R) and of those lost (D).

    The l-th of d tied deaths compares with R - (l/d) D, l = 0 .. d-1; `total` holds
    the sums of the covariates over each set's deaths. Sums that are only modelled
    can leave fewer at risk than are lost: there the likelihood is minus infinity.
    """
    if (at_risk.size < lost.size * (1 - 1e-6)).any():
        return impossible(total)
    size = np.maximum(at_risk.size, lost.size)
    log, a, fa, a2, fa2, ffa2 = _tied(size, lost.size, deaths)
    r, e = at_risk.first, lost.first
    score_at = total - a[:, None] * r + fa[:, None] * e
    rr, re, ee = (_outer(x, y) for x, y in ((r, r), (r, e), (e, e)))
    information_at = (
        _times(a, at_risk.second)
        - _times(fa, lost.second)
        - _times(a2, rr)
        + _times(fa2, re + re.transpose(0, 2, 1))
        - _times(ffa2, ee)
    )
    return PartialLikelihood(
        float((total @ beta).sum() - log.sum()), score_at, information_at
    )


def impossible(total: np.ndarray) -> PartialLikelihood:
    """Likelihood of minus infinity."""
    return PartialLikelihood(
        -np.inf, np.zeros_like(total), np.zeros((*total.shape, total.shape[1]))
    )


def _tied(r: np.ndarray, e: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """Six sums a set over its deaths, f = l/d: log 1/a, a, fa, a^2, f a^2, f^2 a^2.

    Here a = 1 / (r - f e). Many ties have a closed form; it would lose digits where
    there are few.
    """
    out = np.empty((6, len(deaths)))
    many = (deaths > MANY) & (r < FEW_AT_ONCE * e)
    if many.any():
        out[:, many] = _closed(r[many], e[many], deaths[many])
    if not many.all():
        out[:, ~many] = _added(r[~many], e[~many], deaths[~many])
    return out


def _added(r: np.ndarray, e: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    first = deaths.cumsum() - deaths
    each = np.repeat(np.arange(len(deaths)), deaths)
    f = (np.arange(len(each)) - first[each]) / deaths[each]
    left = r[each] - f * e[each]
    a = 1 / left
    sums = (np.log(left), a, f * a, a * a, f * a * a, f * f * a * a)
    return np.array([np.add.reduceat(s, first) for s in sums])


def _closed(r: np.ndarray, e: np.ndarray, deaths: np.ndarray) -> np.ndarray:
    """The same from gamma functions: 1/a runs over e/d times c, c - 1, ..., c - d + 1.

    From f a = (r a - 1) / e follow the sums with f.
    """
    from scipy.special import digamma, gammaln, zeta

    unit = e / deaths
    high = r / unit + 1
    low = high - deaths
    log = deaths * np.log(unit) + gammaln(high) - gammaln(low)
    a = (digamma(high) - digamma(low)) / unit
    a2 = (zeta(2, low) - zeta(2, high)) / unit**2
    fa = (r * a - deaths) / e
    fa2 = (r * a2 - a) / e
    return np.array([log, a, fa, a2, fa2, (r * fa2 - fa) / e])


def _outer(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return x[:, :, None] * y[:, None, :]


def _times(weight: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    return weight[:, None, None] * matrices
