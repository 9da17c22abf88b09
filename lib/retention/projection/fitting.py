"""Maximum-likelihood fits of the renewal models."""

import numpy as np
import pandas as pd

from retention.intervals import Maximum, maximum_likelihood
from retention.projection.beta_geometric import ShiftedBetaGeometric
from retention.projection.beta_weibull import BetaDiscreteWeibull
from retention.projection.cohorts import cells
from retention.projection.heterogeneity import beta_parameters, log_survival
from retention.survival.parametric import period_log_likelihood

# logit of the mean churn, log(alpha + beta), log of the BdW exponent
START = [-1.5, 1.0, 0.0]
BOUNDS = [(-15.0, 15.0), (-7.0, 10.0), (-3.0, 3.0)]


def fit_sbg(kept_or_tenure: pd.Series | pd.DataFrame) -> ShiftedBetaGeometric:
    """Maximum-likelihood sBG fit to one cohort's survivors or to a tenure table.

    Parameters
    ----------
    kept_or_tenure : Series of int or DataFrame
        Either customers still active after 0, 1, ..., T renewals, never increasing,
        indexed by these; or a tenure table, whose late entrants are conditioned on
        having stayed until they came under observation.

    Returns
    -------
    ShiftedBetaGeometric
        Standard errors come from the curvature of the likelihood at its maximum.

    Raises
    ------
    ValueError
        When the survivors rise, are not whole numbers or nobody left.

    References
    ----------
    Fader & Hardie (2007), "How to project customer retention", Journal of
    Interactive Marketing 21(1), 76-90.

    Examples
    --------
    The "Regular" segment, per 1,000 customers:

    >>> kept = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> model = fit_sbg(kept)
    >>> round(model.alpha, 3), round(model.beta, 3)
    (0.704, 1.182)
    >>> model.survival([7]).round(3).tolist()
    [0.239]
    """
    table = cells(kept_or_tenure)
    best = _maximum(table, START[:2])
    alpha, beta = beta_parameters(best.parameters)
    return ShiftedBetaGeometric(
        float(alpha),
        float(beta),
        best.covariance,
        best.log_likelihood,
        round(float(table["n"].sum())),
    )


def fit_bdw(kept_or_tenure: pd.Series | pd.DataFrame) -> BetaDiscreteWeibull:
    """Maximum-likelihood beta-discrete-Weibull fit to survivors or a tenure table.

    Parameters
    ----------
    kept_or_tenure : Series of int or DataFrame
        As in :func:`fit_sbg`; the third parameter needs more periods.

    Returns
    -------
    BetaDiscreteWeibull

    Raises
    ------
    ValueError
        As in :func:`fit_sbg`, or when the periods cannot tell three parameters apart.

    References
    ----------
    Fader, Hardie, Liu, Davin & Steenburgh (2018), "'How to project customer
    retention' revisited: the role of duration dependence", Journal of Interactive
    Marketing 43, 1-16.

    Examples
    --------
    >>> kept = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> model = fit_bdw(kept)
    >>> round(model.alpha, 2), round(model.beta, 2), round(model.exponent, 2)
    (0.46, 0.78, 1.28)
    """
    table = cells(kept_or_tenure)
    simpler = _maximum(table, START[:2])
    best = _maximum(table, [*simpler.parameters, 0.0])
    alpha, beta = beta_parameters(best.parameters)
    return BetaDiscreteWeibull(
        float(alpha),
        float(beta),
        float(np.exp(best.parameters[2])),
        best.covariance,
        best.log_likelihood,
        round(float(table["n"].sum())),
    )


def _maximum(table: pd.DataFrame, start: list[float]) -> Maximum:
    return maximum_likelihood(
        lambda theta: period_log_likelihood(
            lambda time: log_survival(theta, time), table
        ),
        start,
        bounds=BOUNDS[: len(start)],
    )
