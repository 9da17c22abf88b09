"""The shifted-beta-geometric model of contract renewal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from retention.intervals import Estimate, delta, measured
from retention.projection.discounting import discount_per_period
from retention.projection.heterogeneity import (
    beta_parameters,
    log_survival,
    on_fit_scale,
    parameter_table,
    projection_table,
    retention_series,
    survival_series,
)


@dataclass(frozen=True, eq=False)
class ShiftedBetaGeometric:
    """Each customer has a churn of their own, Beta(alpha, beta) across customers.

    Attributes
    ----------
    alpha, beta : float
        Parameters of the beta distribution; mean churn is alpha / (alpha + beta).
    covariance : array, shape (2, 2)
        Of the logit of the mean churn and of log(alpha + beta), from the curvature
        of the likelihood. The second is 0 where customers showed no difference and
        alpha + beta ran to its bound. Missing values without a fit.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers; 0 without a fit.

    Examples
    --------
    >>> model = ShiftedBetaGeometric(3.8, 15.2)
    >>> model.survival([0, 1, 5]).round(3).tolist()
    [1.0, 0.8, 0.367]
    """

    alpha: float
    beta: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((2, 2), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def _theta(self) -> np.ndarray:
        return on_fit_scale(self.alpha, self.beta)

    @property
    def differing(self) -> bool:
        """Whether customers were seen to differ; if not, churn is constant."""
        return bool(self.covariance[1, 1] != 0)

    @property
    def aic(self) -> float:
        """Akaike's criterion: smaller is better."""
        return 4 - 2 * self.log_likelihood

    def parameters(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with intervals on the log scale.

        Parameters
        ----------
        confidence : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``alpha``, ``beta`` and ``mean_churn`` as rows; ``value``, ``se``,
            ``lower``, ``upper``.
        """
        return parameter_table(self._theta, self.covariance, confidence)

    def survival(self, periods: Iterable[float]) -> pd.Series:
        """Share still here after so many periods: B(a, b + t) / B(a, b).

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
        """Share of those still here who renew: (b + t - 1) / (a + b + t - 1) in t.

        Parameters
        ----------
        periods : iterable of int
            From 1.

        Returns
        -------
        Series
            Indexed by the periods. It rises although nobody becomes more loyal:
            those who leave easily are gone.
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

    def discounted_lifetime(
        self,
        *,
        annual_discount_rate: float,
        time_unit: str = "month",
        confidence: float = 0.95,
    ) -> Estimate:
        """Discounted expected lifetime (DEL) of a new customer, first period included.

        Parameters
        ----------
        annual_discount_rate : float
            0.10 for 10 % a year; more than 0.
        time_unit : {"day", "week", "month", "quarter", "year"}
            One period.
        confidence : float
            Coverage; delta method on the log scale.

        Returns
        -------
        Estimate
            The sum of S(t) / (1 + d)^t over t = 0, 1, ... with d the discount rate per
            period, which is 2F1(1, b; a + b; 1 / (1 + d)).

        References
        ----------
        Fader & Hardie (2010), "Customer-base valuation in a contractual setting: the
        perils of ignoring heterogeneity", Marketing Science 29, 85-93.
        """
        discount = _positive_discount(annual_discount_rate, time_unit)
        return self._discounted(partial(_lifetime, discount), time_unit, confidence)

    def discounted_residual_lifetime(
        self,
        renewals: int,
        *,
        annual_discount_rate: float,
        time_unit: str = "month",
        confidence: float = 0.95,
    ) -> Estimate:
        """Discounted expected residual lifetime (DERL) before the next renewal.

        Parameters
        ----------
        renewals : int
            Period in which the customer is, from 1: the next event is its end.
        annual_discount_rate : float
            0.10 for 10 % a year; more than 0.
        time_unit : {"day", "week", "month", "quarter", "year"}
            One period.
        confidence : float
            Coverage; delta method on the log scale.

        Returns
        -------
        Estimate
            The sum of S(t) / S(n - 1) / (1 + d)^(t - n) over t = n, n + 1, ... with n
            the argument and d the discount rate per period.

        References
        ----------
        Fader & Hardie (2010), Marketing Science 29, 85-93.

        Examples
        --------
        >>> regular = ShiftedBetaGeometric(0.7041, 1.1820)
        >>> [
        ...     round(
        ...         regular.discounted_residual_lifetime(
        ...             n, annual_discount_rate=0.10, time_unit="year"
        ...         ).value,
        ...         3,
        ...     )
        ...     for n in (1, 2, 3)
        ... ]
        [2.964, 4.103, 4.87]
        """
        if renewals < 1:
            raise ValueError("renewals counts the customer's periods from 1.")
        discount = _positive_discount(annual_discount_rate, time_unit)
        residual = partial(_residual_lifetime, renewals, discount)
        return self._discounted(residual, time_unit, confidence)

    def _discounted(
        self, lifetime: Callable, time_unit: str, confidence: float
    ) -> Estimate:
        found = delta(lifetime, self._theta, self.covariance).iloc[0]
        return measured(
            found["value"].item(),
            found["se"].item(),
            self.n,
            method="sBG, discounted",
            unit=f"{time_unit}s",
            scale="log",
            confidence=confidence,
        )


def _positive_discount(annual_discount_rate: float, time_unit: str) -> float:
    discount = discount_per_period(annual_discount_rate, time_unit)
    if discount == 1:
        raise ValueError(
            "Without discounting the expected lifetime is infinite where alpha is 1 "
            "or less: give an annual discount rate above 0."
        )
    return discount


def _lifetime(discount: float, theta: np.ndarray) -> np.ndarray:
    # The series: scipy's hyp2f1 returns NaN for large alpha or beta.
    periods = np.arange(np.ceil(np.log(1e-14) / np.log(discount)))
    terms = np.exp(log_survival(theta, periods)) * discount**periods
    return np.atleast_1d(terms.sum())


def _residual_lifetime(renewals: int, discount: float, theta: np.ndarray) -> np.ndarray:
    # Those who have renewed so often are an sBG with a larger beta.
    alpha, beta = beta_parameters(theta)
    older = on_fit_scale(alpha, beta + renewals - 1)
    return (_lifetime(discount, older) - 1) / discount
