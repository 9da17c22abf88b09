"""Weibull and log-logistic tenure from whole periods, as interval-censored data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.intervals import Estimate, delta, limits, maximum_likelihood
from retention.survival.curves.risk_sets import checked_tenure

# log S as a function of time and of the logs of scale and shape
FAMILIES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "Weibull": lambda time, theta: -((time / np.exp(theta[0])) ** np.exp(theta[1])),
    "log-logistic": lambda time, theta: (
        -np.log1p((time / np.exp(theta[0])) ** np.exp(theta[1]))
    ),
}


@dataclass(frozen=True, eq=False)
class ParametricCurve:
    """Smooth survival curve with a scale and a shape.

    Attributes
    ----------
    family : str
        "Weibull", S(t) = exp(-(t / scale)^shape), or "log-logistic",
        S(t) = 1 / (1 + (t / scale)^shape).
    scale, shape : Estimate
        With intervals made on the log scale; the scale is in periods. A Weibull
        shape below 1 is a falling hazard; a log-logistic scale is the median.
    covariance : array, shape (2, 2)
        Of log scale and log shape.
    log_likelihood, aic : float
        Comparable between families fitted to the same table.
    n, left : int
        Customers, and how many of them left.
    """

    family: str
    scale: Estimate
    shape: Estimate
    covariance: np.ndarray = field(repr=False)
    log_likelihood: float
    n: int
    left: int

    @property
    def aic(self) -> float:
        """Akaike's criterion: smaller is better."""
        return 4 - 2 * self.log_likelihood

    def survival(self, periods: Iterable[float]) -> pd.Series:
        """Share still here after so many periods.

        Parameters
        ----------
        periods : iterable of number
            Completed periods, also beyond what was observed.

        Returns
        -------
        Series
            Indexed by the periods.
        """
        time = pd.Index(list(periods), name="time")
        survival = self._survival(self._theta, time.to_numpy(float))
        return pd.Series(survival, time, name="survival")

    def projection(
        self, periods: Iterable[float], *, confidence: float = 0.95
    ) -> pd.DataFrame:
        """Survival with delta-method intervals on the log-log scale.

        Parameters
        ----------
        periods : iterable of number
            Completed periods.
        confidence : float
            Coverage. The interval holds the family to be right.

        Returns
        -------
        DataFrame
            ``time``, ``survival``, ``se``, ``lower``, ``upper``.
        """
        return survival_band(
            self._survival, self._theta, self.covariance, periods, confidence
        )

    @property
    def median(self) -> Estimate:
        """Moment at which half have left, in periods, as a projection if need be."""
        weibull = self.family == "Weibull"
        factor = np.log(np.log(2)) if weibull else 0.0
        found = delta(
            lambda theta: np.exp(theta[0] + factor * np.exp(-theta[1])),
            self._theta,
            self.covariance,
            scale="log",
            confidence=self.scale.confidence,
        ).iloc[0]
        return Estimate(
            found["value"].item(),
            found["lower"].item(),
            found["upper"].item(),
            self.n,
            f"{self.family} median",
            self.scale.unit,
            found["se"].item(),
            self.scale.confidence,
        )

    @property
    def _theta(self) -> np.ndarray:
        return np.log([self.scale.value, self.shape.value])

    def _survival(self, theta: np.ndarray, time: np.ndarray) -> np.ndarray:
        return np.exp(FAMILIES[self.family](time, theta))


def weibull(
    tenure: pd.DataFrame, *, unit: str = "periods", confidence: float = 0.95
) -> ParametricCurve:
    """Weibull curve fitted to whole periods by maximum likelihood.

    Leaving in period k means leaving between k - 1 and k. Taking the whole number
    as the exact moment makes a falling hazard look constant.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table; customers who came under observation late are conditioned on
        having stayed until then.
    unit : str
        What a period is called, in the plural.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    ParametricCurve

    Raises
    ------
    ValueError
        When nobody left, or the data cannot tell scale and shape apart.

    References
    ----------
    Klein & Moeschberger (2003), Survival Analysis, section 3.5, for the likelihood
    of interval-censored and left-truncated data.

    Examples
    --------
    Of 1,000 customers, losses in three periods as a Weibull(8, 0.8) has them:

    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3, 3], "event": [1, 1, 1, 0], "n": [173, 109, 85, 633]}
    ... )
    >>> curve = weibull(tenure)
    >>> round(curve.scale.value, 1), round(curve.shape.value, 2)
    (8.0, 0.8)
    """
    return _fitted("Weibull", tenure, unit, confidence)


def loglogistic(
    tenure: pd.DataFrame, *, unit: str = "periods", confidence: float = 0.95
) -> ParametricCurve:
    """Log-logistic curve fitted to whole periods by maximum likelihood.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table; customers who came under observation late are conditioned on
        having stayed until then.
    unit : str
        What a period is called, in the plural.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    ParametricCurve

    Raises
    ------
    ValueError
        When nobody left, or the data cannot tell scale and shape apart.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [1, 2, 3, 3], "event": [1, 1, 1, 0], "n": [200, 133, 96, 571]}
    ... )
    >>> curve = loglogistic(tenure, unit="months")
    >>> round(curve.scale.value, 1), round(curve.shape.value, 2)
    (4.0, 1.0)
    """
    return _fitted("log-logistic", tenure, unit, confidence)


def _fitted(
    family: str, tenure: pd.DataFrame, unit: str, confidence: float
) -> ParametricCurve:
    table = observed_cells(tenure)
    left = float(table.loc[table["event"] == 1, "n"].sum())
    exposure = float(((table["duration"] - table["entry"]) * table["n"]).sum())
    best = maximum_likelihood(
        lambda theta: period_log_likelihood(
            lambda time: FAMILIES[family](time, theta), table
        ),
        [np.log(exposure / left), 0.0],
        bounds=[(-12.0, 25.0), (-5.0, 4.0)],
    )
    if best.at_bound.any():
        raise ValueError(
            f"The {family} fit ran to the edge of its range, so these data do not "
            "determine its scale and shape: observe more periods in which customers "
            "leave."
        )
    n = round(float(table["n"].sum()))
    scale, shape = (
        _positive(value, se, n, f"{family} fit, interval-censored", u, confidence)
        for value, se, u in zip(
            np.exp(best.parameters),
            np.sqrt(np.diag(best.covariance)),
            (unit, ""),
            strict=True,
        )
    )
    return ParametricCurve(
        family, scale, shape, best.covariance, best.log_likelihood, n, round(left)
    )


def _positive(
    value: float, log_se: float, n: int, method: str, unit: str, confidence: float
) -> Estimate:
    """Estimate of a positive parameter from the standard error of its log."""
    se = float(value * log_se)
    lower, upper = limits(value, se, scale="log", confidence=confidence)
    return Estimate(
        float(value), float(lower), float(upper), n, method, unit, se, confidence
    )


def observed_cells(tenure: pd.DataFrame) -> pd.DataFrame:
    """Cells of a tenure table with anything to say, strata added up."""
    table = checked_tenure(tenure)
    table = table[(table["duration"] > table["entry"]) & (table["n"] > 0)]
    if not (table["event"] == 1).any():
        raise ValueError(
            "Nobody left in this tenure table, so no curve can be fitted: observe "
            "longer or pool strata."
        )
    return table.groupby(["entry", "duration", "event"], as_index=False)["n"].sum()


def period_log_likelihood(
    log_survival: Callable[[np.ndarray], np.ndarray], table: pd.DataFrame
) -> float:
    """Log-likelihood of whole periods, given having stayed until entry.

    Leaving in period k contributes S(k - 1) - S(k), being here after k contributes
    S(k), both over S(entry).
    """
    entry, duration, event, n = (
        table[c].to_numpy(float) for c in ("entry", "duration", "event", "n")
    )
    at_end, at_entry = log_survival(duration), log_survival(entry)
    before = log_survival(np.maximum(duration - 1, 0))
    with np.errstate(divide="ignore"):
        leaving = before + np.log(-np.expm1(at_end - before))
    # A curve that rules out what was seen is worse than any other, but not -inf.
    leaving = np.maximum(leaving, -1e6)
    return float(np.sum(n * (np.where(event == 1, leaving, at_end) - at_entry)))


def survival_band(
    survival: Callable[[np.ndarray, np.ndarray], np.ndarray],
    theta: np.ndarray,
    covariance: np.ndarray,
    periods: Iterable[float],
    confidence: float,
) -> pd.DataFrame:
    """Survival of fitted parameters, with intervals made on the log-log scale."""
    time = pd.Index(list(periods), name="time")
    table = delta(
        lambda parameters: survival(parameters, time.to_numpy(float)),
        theta,
        covariance,
        scale="log-log",
        confidence=confidence,
    )
    table.insert(0, "time", time)
    return table.rename(columns={"value": "survival"})
