"""Survival of customers whose churn differs by a beta distribution.

Parameter vectors hold the logit of the mean churn, log(alpha + beta) and, for the
beta-discrete-Weibull, the log of its exponent: the scale on which the likelihood is
smooth, and on which customers who do not differ lie at the end of one axis.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from retention.intervals import delta
from retention.survival.parametric import survival_band


def beta_parameters(theta: np.ndarray) -> tuple[float, float]:
    """Alpha and beta of a parameter vector."""
    total, churn = np.exp(theta[1]), 1 / (1 + np.exp(-theta[0]))
    return total * churn, total * (1 - churn)


def on_fit_scale(alpha: float, beta: float, *exponent: float) -> np.ndarray:
    """Parameter vector of alpha, beta and, where there is one, the exponent."""
    return np.log([alpha / beta, alpha + beta, *exponent])


def log_survival(theta: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Log of B(alpha, beta + t^c) / B(alpha, beta)."""
    from scipy.special import betaln

    alpha, beta = beta_parameters(theta)
    power = time ** np.exp(theta[2]) if len(theta) == 3 else time
    return betaln(alpha, beta + power) - betaln(alpha, beta)


def survival_series(theta: np.ndarray, periods: Iterable[float]) -> pd.Series:
    """Survival indexed by the periods."""
    time = pd.Index(list(periods), name="time")
    survival = np.exp(log_survival(theta, time.to_numpy(float)))
    return pd.Series(survival, time, name="survival")


def retention_series(theta: np.ndarray, periods: Iterable[int]) -> pd.Series:
    """Share renewing in each period of those who reached it, indexed by the periods."""
    time = pd.Index(list(periods), name="time")
    end = time.to_numpy(float)
    kept = np.exp(log_survival(theta, end) - log_survival(theta, end - 1))
    return pd.Series(kept, time, name="retention")


def projection_table(
    theta: np.ndarray,
    covariance: np.ndarray,
    periods: Iterable[float],
    confidence: float,
) -> pd.DataFrame:
    """Survival with intervals."""
    return survival_band(
        lambda parameters, time: np.exp(log_survival(parameters, time)),
        theta,
        covariance,
        periods,
        confidence,
    )


def parameter_table(
    theta: np.ndarray, covariance: np.ndarray, confidence: float
) -> pd.DataFrame:
    """Parameters with intervals; without bounds where customers did not differ."""
    names = ["alpha", "beta", "mean_churn", "exponent"][: len(theta) + 1]

    def parameters(t: np.ndarray) -> np.ndarray:
        alpha, beta = beta_parameters(t)
        return np.array([alpha, beta, alpha / (alpha + beta), *np.exp(t[2:])])

    table = delta(parameters, theta, covariance, scale="log", confidence=confidence)
    if covariance[1, 1] == 0:
        table.loc[:1, ["lower", "upper"]] = 0.0, np.inf
    return table.set_axis(pd.Index(names, name="parameter"))
