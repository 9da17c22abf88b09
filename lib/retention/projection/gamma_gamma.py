"""The gamma-gamma model of what customers spend on an order."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, delta, measured
from retention.projection.buyers_fitting import maximum, parameter_table, weighted

START = [1.0, 1.0, 1.0]
# log p, log q, log(gamma / typical amount)
BOUNDS = [(-7.0, 9.0), (-7.0, 9.0), (-12.0, 12.0)]
UNRELATED, RELATED = 0.15, 0.30


@dataclass(frozen=True, eq=False)
class GammaGamma:
    """Orders vary around a mean of each customer's own, whatever their number.

    The amount of an order is gamma distributed with shape p around the customer's
    mean; p over that mean is Gamma(q, gamma) across customers.

    Attributes
    ----------
    p, q, gamma : float
        Parameters; the mean amount across customers is p gamma / (q - 1).
    covariance : array, shape (3, 3)
        Of the logs of p, q and gamma, from the curvature of the likelihood; missing
        values without a fit.
    log_likelihood : float
        At the maximum; missing without a fit.
    n : int
        Customers with a repeat order; 0 without a fit.

    References
    ----------
    Fader, Hardie & Lee (2005), "RFM and CLV: using iso-value curves for customer base
    analysis", Journal of Marketing Research 42, 415-430.

    Examples
    --------
    >>> model = GammaGamma(6.25, 3.74, 15.44)
    >>> model.expected_value([0, 2], [0, 22.35]).round(2).tolist()
    [35.22, 24.66]
    """

    p: float
    q: float
    gamma: float
    covariance: np.ndarray = field(
        default_factory=lambda: np.full((3, 3), np.nan), repr=False
    )
    log_likelihood: float = np.nan
    n: int = 0

    @property
    def theta(self) -> np.ndarray:
        """Parameters on the scale of the covariance."""
        return np.log([self.p, self.q, self.gamma])

    def parameters(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Parameters with intervals on the log scale.

        Parameters
        ----------
        confidence : float
            Coverage of the intervals.

        Returns
        -------
        DataFrame
            ``p``, ``q`` and ``gamma`` as rows; ``value``, ``se``, ``lower``,
            ``upper``.
        """
        at_edge = np.diag(self.covariance) == 0
        return parameter_table(
            ["p", "q", "gamma"],
            np.exp,
            self.theta,
            self.covariance,
            unbounded=at_edge,
            confidence=confidence,
        )

    def mean_value(
        self, *, unit: str = "an order", confidence: float = 0.95
    ) -> Estimate:
        """Mean amount of an order across customers.

        Parameters
        ----------
        unit : str
            As in `Estimate`, with the currency first: "EUR an order".
        confidence : float
            Coverage; delta method on the log scale.

        Returns
        -------
        Estimate
            p gamma / (q - 1); infinite where q is 1 or less.
        """
        found = delta(_mean, self.theta, self.covariance).iloc[0]
        return measured(
            found["value"].item(),
            found["se"].item(),
            self.n,
            method="gamma-gamma, delta",
            unit=unit,
            scale="log",
            confidence=confidence,
        )

    def expected_value(self, x, mean_amount) -> np.ndarray:
        """Mean amount to expect of a customer's next orders.

        Parameters
        ----------
        x : number or array
            Repeat orders so far.
        mean_amount : number or array
            Their mean amount; anything, also missing, where x is 0.

        Returns
        -------
        array
            Between the customer's own mean and the mean across customers, the nearer
            to the first the more orders there were; infinite where q is 1 or less
            and x is 0.

        References
        ----------
        Fader, Hardie & Lee (2005), Journal of Marketing Research 42, 415-430.
        """
        x, own = np.asarray(x, float), np.asarray(mean_amount, float)
        spent = np.where(x > 0, x * own, 0.0)
        weight = self.p * x + self.q - 1
        with np.errstate(divide="ignore"):
            value = self.p * (self.gamma + spent) / weight
        return np.where(weight > 0, value, np.inf)


def fit_gamma_gamma(values: pd.DataFrame) -> GammaGamma:
    """Maximum-likelihood gamma-gamma fit to the mean amounts of repeat orders.

    Parameters
    ----------
    values : DataFrame
        From `retention.counts.order_values`, or any table with ``x`` (repeat
        orders), ``mean_amount`` (of these) and ``n`` (customers; 1 a row if it is
        not there). Rows with x = 0 are left out.

    Returns
    -------
    GammaGamma
        Standard errors come from the curvature of the likelihood at its maximum.

    Raises
    ------
    ValueError
        When an amount is 0 or less, fewer than ten customers bought again, all amounts
        are the same or the data cannot tell the parameters apart.

    References
    ----------
    Fader, Hardie & Lee (2005), Journal of Marketing Research 42, 415-430.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> mean = 6 / rng.gamma(4, 1 / 15, 5000)
    >>> amounts = pd.DataFrame({"x": 2, "mean_amount": rng.gamma(12, mean / 12)})
    >>> fit_gamma_gamma(amounts).mean_value(unit="EUR an order").text
    'EUR 30.24 an order (95 % CI 29.60 to 30.89)'
    """
    cells = _amounts(values)
    log_amount = np.log(cells["mean_amount"])
    typical = float(np.exp(np.average(log_amount, weights=cells["n"])))
    cells["mean_amount"] /= typical  # the search must not depend on the currency
    best = maximum(_likelihood(cells), START, BOUNDS)
    p, q, gamma = map(float, np.exp(best.parameters))
    people = cells["n"].sum()
    shift = (cells["n"] * np.log(typical)).sum()  # densities are per unit of money
    return GammaGamma(
        p,
        q,
        gamma * typical,
        best.covariance,
        float(best.log_likelihood - shift),
        round(people),
    )


def independence_check(values: pd.DataFrame) -> Check:
    """Whether customers who order more often also spend more or less an order.

    Parameters
    ----------
    values : DataFrame
        As in `fit_gamma_gamma`, which takes the two as unrelated.

    Returns
    -------
    Check
        Of the correlation between repeat orders and their mean amount: PASS below
        0.15 in size, REVIEW below 0.30, FAIL from there. With CDNOW's it is 0.11.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [1, 2, 3] * 4, "mean_amount": [9, 11, 10.0] * 4})
    >>> independence_check(rows).status
    'FAIL'
    """
    cells = _amounts(values)
    name = "order value does not go with the number of orders"
    spread = np.cov(cells["x"], cells["mean_amount"], fweights=cells["n"].round())
    if not np.diag(spread).all():
        finding = "All customers are alike in one of the two, so no relation can show."
        return Check(name, "REVIEW", finding, "Wait for more orders.")
    related = float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))
    size = abs(related)
    status = "PASS" if size < UNRELATED else "REVIEW" if size < RELATED else "FAIL"
    remedy = {
        "PASS": "",
        "REVIEW": "Fit frequent and rare buyers apart and see whether values agree.",
        "FAIL": "Do not multiply expected orders by expected value for all customers "
        "alike; fit groups of like frequency apart.",
    }[status]
    finding = (
        "The correlation between repeat orders and their mean amount is "
        f"{related:+.2f} ({cells['n'].sum():,.0f} customers)."
    )
    return Check(name, status, finding, remedy)


def _mean(theta: np.ndarray) -> np.ndarray:
    p, q, gamma = np.exp(theta)
    return np.atleast_1d(p * gamma / (q - 1) if q > 1 else np.inf)


def _amounts(values: pd.DataFrame) -> pd.DataFrame:
    cells = weighted(values, ["x", "mean_amount"])
    cells = cells[cells["x"] > 0].reset_index(drop=True)
    few = cells["n"].sum() < 10
    if few or cells["mean_amount"].nunique() < 2:
        raise ValueError(
            f"{cells['n'].sum():,.0f} customers bought again, with "
            f"{cells['mean_amount'].nunique()} different mean amounts: too little to "
            "tell how order values differ between customers."
        )
    wrong = ~(cells["mean_amount"] > 0)
    if wrong.any():
        raise ValueError(
            f"{wrong.sum()} rows have a mean amount that is not above 0, and the "
            "gamma-gamma model is for positive amounts: leave out returns and free "
            "orders, or use revenue in place of margin."
        )
    return cells


def _likelihood(cells: pd.DataFrame):
    from scipy.special import gammaln, psi

    x, mean, n = (cells[name].to_numpy() for name in ("x", "mean_amount", "n"))
    total, log_total = x * mean, np.log(x * mean)
    fixed = -n @ np.log(mean)

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        p, q, gamma = np.exp(theta)
        log_sum = np.log(gamma + total)
        shape = p * x
        each = (
            gammaln(shape + q)
            - gammaln(shape)
            - gammaln(q)
            + q * np.log(gamma)
            + shape * log_total
            - (shape + q) * log_sum
        )
        by_p = x * (psi(shape + q) - psi(shape) + log_total - log_sum)
        by_q = psi(shape + q) - psi(q) + np.log(gamma) - log_sum
        by_gamma = q / gamma - (shape + q) / (gamma + total)
        slopes = np.array([n @ by_p * p, n @ by_q * q, n @ by_gamma * gamma])
        return float(n @ each + fixed), slopes

    return objective
