"""The beta-discrete-Weibull model of contract renewal."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.projection.heterogeneity import (
    on_fit_scale,
    parameter_table,
    projection_table,
    retention_series,
    survival_series,
)


@dataclass(frozen=True, eq=False)
class BetaDiscreteWeibull:
    """Customers differ, and each one's churn may itself rise or fall with tenure.

    Attributes
    ----------
    alpha, beta : float
        Parameters of the beta distribution across customers.
    exponent : float
        c in S(t) = B(alpha, beta + t^c) / B(alpha, beta): above 1 a customer's own
        churn rises with tenure, below 1 it falls, at 1 it is the sBG.
    covariance : array, shape (3, 3)
        Of the logit of the mean churn in period 1, log(alpha + beta), log exponent.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers; 0 without a fit.
    """

    alpha: float
    beta: float
    exponent: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((3, 3), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def _theta(self) -> np.ndarray:
        return on_fit_scale(self.alpha, self.beta, self.exponent)

    @property
    def aic(self) -> float:
        """Akaike's criterion: smaller is better."""
        return 6 - 2 * self.log_likelihood

    def parameters(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with intervals on the log scale, as for the sBG.

        Parameters
        ----------
        confidence : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``alpha``, ``beta``, ``mean_churn`` and ``exponent`` as rows; ``value``,
            ``se``, ``lower``, ``upper``.
        """
        return parameter_table(self._theta, self.covariance, confidence)

    def survival(self, periods: Iterable[float]) -> pd.Series:
        """Share still here after so many periods, indexed by them.

        Parameters
        ----------
        periods : iterable of number
            Completed periods, also beyond those of the fit.

        Returns
        -------
        Series
            Indexed by the periods.
        """
        return survival_series(self._theta, periods)

    def retention(self, periods: Iterable[int]) -> pd.Series:
        """Share renewing in period t of those still here, t from 1.

        Parameters
        ----------
        periods : iterable of int
            From 1.

        Returns
        -------
        Series
            Indexed by the periods.
        """
        return retention_series(self._theta, periods)

    def projection(
        self, periods: Iterable[float], *, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Survival with delta-method intervals on the log-log scale.

        Parameters
        ----------
        periods : iterable of number
            Completed periods, also beyond those of the fit.
        confidence : float
            Coverage. The interval holds the model to be right.

        Returns
        -------
        DataFrame
            ``time``, ``survival``, ``se``, ``lower``, ``upper``.
        """
        return projection_table(self._theta, self.covariance, periods, confidence)
