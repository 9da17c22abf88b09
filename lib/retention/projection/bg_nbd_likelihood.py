"""Log-likelihood of the BG/NBD on collapsed counts, with its gradient."""

import numpy as np
import pandas as pd

from retention.projection.buyers_fitting import beta_parameters, gamma_parameters


class Likelihood:
    """Callable: fit scale to log-likelihood and gradient.

    Special functions and logarithms are taken once a distinct x, t_x and T; what is
    left for each cell is one logarithm of a sum of two.
    """

    def __init__(self, cells: pd.DataFrame):
        """Take cells of x, t_x, T and n."""
        self.n = cells["n"].to_numpy()
        self.x, self.place_x = np.unique(cells["x"].to_numpy(), return_inverse=True)
        self.t_x, self.place_t = np.unique(cells["t_x"], return_inverse=True)
        self.T, self.place_T = np.unique(cells["T"], return_inverse=True)
        self.repeats = self.x[self.place_x]
        self.by_x = self._sum_x(self.n)

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Log-likelihood and its gradient."""
        r, alpha = gamma_parameters(*theta[:2])
        a, b = beta_parameters(*theta[2:])
        log_t, log_T = np.log(alpha + self.t_x), np.log(alpha + self.T)
        stopped = self._stopped(a, b, r, log_t, log_T)
        value = self._value(r, a, b, alpha, log_T, stopped)
        # share of the likelihood that comes from having stopped, customers weighted
        gone = self.n / (1 + np.exp(-stopped))
        slopes = self._slopes(r, alpha, a, b, log_t, log_T, gone)
        return value, _on_fit_scale(slopes, r, alpha, a, b)

    def _stopped(self, a, b, r, log_t, log_T) -> np.ndarray:
        """Log odds of having stopped after the last order, by cell."""
        ends = np.log(a) - np.log(b + np.maximum(self.x, 1) - 1)
        ends = np.where(self.x > 0, ends, -np.inf)[self.place_x]
        wait = log_T[self.place_T] - log_t[self.place_t]
        return np.maximum(ends + (r + self.repeats) * wait, -700.0)

    def _value(self, r, a, b, alpha, log_T, stopped) -> float:
        from scipy.special import betaln, gammaln

        rate = gammaln(r + self.x) - gammaln(r) + r * np.log(alpha)
        going = betaln(a, b + self.x) - betaln(a, b)
        silence = -(r + self.repeats) * log_T[self.place_T]
        both = silence + np.logaddexp(0, stopped)
        return float(self.by_x @ (rate + going) + self.n @ both)

    def _slopes(self, r, alpha, a, b, log_t, log_T, gone) -> list[float]:
        """Derivatives by r, alpha, a and b."""
        from scipy.special import psi

        at_T, at_t, by_x = self._sum_T(self.n - gone), self._sum_t(gone), self.by_x
        gone_x = self._sum_x(gone)
        steeper = (r + self.repeats) * (self.n - gone), (r + self.repeats) * gone
        far, near = self._sum_T(steeper[0]), self._sum_t(steeper[1])
        both = psi(a + b) - psi(a + b + self.x)
        by_r = by_x @ (psi(r + self.x) - psi(r) + np.log(alpha))
        kept = psi(b + self.x) - psi(b)
        ends = gone_x / (b + np.maximum(self.x, 1) - 1)
        return [
            by_r - at_T @ log_T - at_t @ log_t,
            by_x.sum() * r / alpha
            - far @ (1 / (alpha + self.T))
            - near @ (1 / (alpha + self.t_x)),
            by_x @ both + gone_x.sum() / a,
            by_x @ (both + kept) - ends[self.x > 0].sum(),
        ]

    def _sum_x(self, values) -> np.ndarray:
        return np.bincount(self.place_x, values, len(self.x))

    def _sum_t(self, values) -> np.ndarray:
        return np.bincount(self.place_t, values, len(self.t_x))

    def _sum_T(self, values) -> np.ndarray:
        return np.bincount(self.place_T, values, len(self.T))


def natural(theta: np.ndarray) -> tuple[float, float, float, float]:
    """Parameters r, alpha, a, b from the fit scale."""
    pair = gamma_parameters(*theta[:2]), beta_parameters(*theta[2:])
    return tuple(float(value) for both in pair for value in both)


def _on_fit_scale(slopes: list[float], r, alpha, a, b) -> np.ndarray:
    by_r, by_alpha, by_a, by_b = slopes
    swap = a * b / (a + b)
    return np.array(
        [
            -alpha * by_alpha,
            r * by_r + alpha * by_alpha,
            swap * (by_a - by_b),
            a * by_a + b * by_b,
        ]
    )
