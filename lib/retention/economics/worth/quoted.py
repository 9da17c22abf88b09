"""Numbers that are quoted for the worth of a customer."""

import numpy as np
import pandas as pd

from retention.economics.course import Course, course
from retention.economics.replicates import Replicates, jackknifed, ratio, replicates
from retention.economics.terms import Terms


def naive_worth(payments: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Four numbers that are quoted for the worth of a customer.

    Parameters
    ----------
    payments, terms
        As in :func:`worth`.

    Returns
    -------
    DataFrame
        `quoted` (what it is), `worth` and `why` (what is wrong with it).

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, naive_worth
    >>> years = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [500.0, 400.0]})
    >>> quoted = naive_worth(years, Terms(annual_discount_rate=0.10, time_unit="year"))
    >>> quoted[["quoted", "worth"]].round(2)
                                       quoted  worth
    0                    ten years of revenue  50.00
    1                  margin / average churn  25.00
    2         one rate of leaving, discounted  18.33
    3  mean tenure of leavers x yearly margin   7.22
    """
    sums = replicates(payments)
    paid, sold = sums.margin[0].sum(), sums.revenue[0].sum()
    periods, left = sums.at_risk[0].sum(), sums.events[0].sum()
    paid = paid if terms.money == "margin" else sold
    churn, mean = ratio(left, periods), ratio(paid, periods)
    rate = terms.discount * (1 - churn)
    rows = [
        (
            "ten years of revenue",
            float(10 * terms.year * ratio(sold, periods)),
            "nobody leaves, nothing is discounted, revenue is not profit",
        ),
        (
            f"{terms.money} / average churn",
            float(mean / churn) if churn else np.inf,
            "later money counts like money now",
        ),
        (
            "one rate of leaving, discounted",
            float(mean / (1 - rate)) if rate < 1 else np.inf,
            "new customers leave faster than the average one",
        ),
        (
            "mean tenure of leavers x yearly " + terms.money,
            float(mean * _mean_tenure_of_leavers(sums)),
            "those who stay longest have not left yet",
        ),
    ]
    return pd.DataFrame(rows, columns=["quoted", "worth", "why"])


def lifetime_share(payments: pd.DataFrame, terms: Terms, *, years: int = 10):
    """What a customer brings in some years over what a tale of its sales says.

    Parameters
    ----------
    payments, terms
        As in :func:`worth`.
    years : int

    Returns
    -------
    Estimate
        Discounted margin of a new customer within the years, those who leave gone,
        over the revenue in as many years of a customer who never leaves.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, lifetime_share
    >>> years = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [250.0, 200.0]})
    >>> terms = Terms(annual_discount_rate=0.0, time_unit="year")
    >>> share = lifetime_share(years, terms, years=2)
    >>> round(share.value, 3)  # (1 + 0.8) * 2.50 / (2 * 5)
    0.45
    """
    sums = replicates(payments)
    path = course(sums, discount=terms.discount, year=terms.year, money=terms.money)
    sold = course(sums, discount=1.0, year=terms.year, money="revenue")
    periods = years * terms.year
    here = np.concatenate(
        [np.ones((len(path.stay), 1)), _survival_to(path, periods)], axis=1
    )[:, :periods]
    worth = (_pays(path, periods) * here * terms.discount ** np.arange(periods)).sum(1)
    return jackknifed(ratio(worth, _pays(sold, periods).sum(axis=1)), sums.n)


def _survival_to(path: Course, periods: int) -> np.ndarray:
    return np.cumprod(_through(path.stay, path.last, periods), axis=1)


def _pays(path: Course, periods: int) -> np.ndarray:
    return _through(path.margin, path.last, periods)


def _through(values: np.ndarray, last: int, periods: int) -> np.ndarray:
    """Columns of periods 1 to `periods`, the tail's repeated as often as needed."""
    tail = np.repeat(values[:, -1:], max(periods - last, 0), axis=1)
    return np.hstack([values[:, 1 : last + 1], tail])[:, :periods]


def _mean_tenure_of_leavers(sums: Replicates) -> float:
    events = sums.events[0]
    return float(ratio((events * np.arange(len(events))).sum(), events.sum()))
