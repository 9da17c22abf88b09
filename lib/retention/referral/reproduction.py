"""Referrals a customer makes while it stays, and what they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.referral.resampled import (
    by_bucket,
    estimated,
    intervals_of,
    with_and_without,
)

FEWEST_AT_RISK = 50
METHOD = "mean cumulative function with leaving, delete-a-group jackknife"


@dataclass(frozen=True, eq=False)
class Reproduction:
    """Expected referrals by tenure, of a new customer.

    Attributes
    ----------
    table : DataFrame
        One row a period of tenure: `period`, `at_risk`, `survival` (share still here
        before it), `rate` (referrals of a customer in that period, of those still
        here), `referrals` (expected of a new customer by its end) with `lower`,
        `upper`, and `linked` (the same of referrals that links show).
    rates, survival : ndarray, shape (1 + buckets, periods)
        With all buckets, then without each.
    n : int
        Customers at risk in the first period.
    corrected : bool
        Whether the referrals that links miss were added.
    crude : float
        Linked referrals over customers, which forgets that most customers are still
        here and that links miss most referrals.
    """

    table: pd.DataFrame
    rates: np.ndarray
    survival: np.ndarray
    n: int
    corrected: bool
    crude: float

    @property
    def last(self) -> int:
        """Last period with at least 50 customers at risk."""
        enough = self.table.loc[self.table["at_risk"] >= FEWEST_AT_RISK, "period"]
        return int(enough.max()) if len(enough) else 0

    @property
    def average_rate(self) -> float:
        """Referrals of a customer per period, over all periods at risk."""
        at_risk = self.table["at_risk"]
        return float((self.table["rate"] * at_risk).sum() / max(at_risk.sum(), 1))

    def within(self, periods: int, *, annual_discount_rate: float = 0.0) -> Estimate:
        """Expected referrals of a new customer in its first periods.

        Parameters
        ----------
        periods : int
        annual_discount_rate : float
            Of later referrals; periods are taken as months.

        Returns
        -------
        Estimate
        """
        periods = min(periods, self.rates.shape[1])
        worth = (1 + annual_discount_rate) ** (-np.arange(1, periods + 1) / 12)
        values = self.rates[:, :periods] * self.survival[:, :periods] @ worth
        return estimated(values, self.n, method=METHOD, unit="referrals per customer")

    def share_at(self, growth: float) -> Estimate:
        """Referred share of new customers that these rates make, at steady growth.

        Parameters
        ----------
        growth : float
            Of new customers, a period; 0.01 is 1 %. At 0 the share is the number of
            referrals of a customer over its life.

        Returns
        -------
        Estimate
        """
        last = max(self.last, 1)
        older = (1 + growth) ** -np.arange(1, last + 1.0)
        values = self.rates[:, :last] * self.survival[:, :last] @ older
        return estimated(values, self.n, method=METHOD, unit="%")


def reproduction(
    tenure: pd.DataFrame,
    made: pd.DataFrame,
    acquired: pd.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
) -> Reproduction:
    """Mean cumulative number of referrals of a new customer, leaving allowed for.

    In each period, referrals over the customers at risk, times the share still here
    before it. The referrals that links miss are added in proportion to how many they
    miss of each stratum of new customers.

    Parameters
    ----------
    tenure : DataFrame
        From `retention.counts.tenure`, with buckets.
    made : DataFrame
        From `retention.counts.referrals_made`, by the strata.
    acquired : DataFrame, optional
        From `retention.counts.acquisitions`, by the strata and with buckets. Without
        it, or where nobody was asked, only links count and the answer is a lower
        bound.
    by : sequence of str
        Strata of new customers in which the two records are independent.

    Returns
    -------
    Reproduction

    References
    ----------
    Cook and Lawless (1997), "Marginal analysis of recurrent events and a terminating
    event", Statistics in Medicine 16, 911-924.

    Examples
    --------
    Of 100 customers 20 leave in each of two months; they send 10 in the first and 8 in
    the second: 10 / 100 + 0.8 x 8 / 80.

    >>> tenure = pd.DataFrame({"entry": 0, "duration": [1, 2, 2], "event": [1, 1, 0],
    ...                        "bucket": ["00", "01", "01"], "n": [20, 20, 60]})
    >>> made = pd.DataFrame({"period": [1, 2], "bucket": ["00", "01"], "n": [10, 8]})
    >>> found = reproduction(tenure, made)
    >>> found.table[["period", "at_risk", "survival", "rate", "referrals"]].round(3)
       period  at_risk  survival  rate  referrals
    0       1      100       1.0   0.1       0.10
    1       2       80       0.8   0.1       0.18
    """
    known = [t["bucket"] for t in (tenure, made, acquired) if t is not None]
    buckets = sorted(set().union(*known))
    last = int(tenure["duration"].max())
    made = made[made["period"] <= last]
    at_risk, gone = at_risk_and_lost(tenure, buckets, last)
    strata = _strata(made, by)
    axes = [(strata, strata.max(initial=0) + 1), (made["period"] - 1, last)]
    counted = with_and_without(by_bucket(made, buckets, axes))
    missed, corrected = _missed(made, acquired, by, buckets, counted)
    safe = np.maximum(at_risk, 1)
    rates = np.einsum("bsk,bs->bk", counted, missed) / safe
    linked = counted.sum(axis=1) / safe
    survival = np.cumprod(1 - gone / safe, axis=1)
    survival = np.concatenate([np.ones((len(survival), 1)), survival[:, :-1]], axis=1)
    grown = (rates * survival).cumsum(axis=1)
    low, high = intervals_of(grown)
    table = pd.DataFrame(
        {
            "period": np.arange(1, last + 1),
            "at_risk": at_risk[0].astype(int),
            "survival": survival[0],
            "rate": rates[0],
            "referrals": grown[0],
            "lower": low,
            "upper": high,
            "linked": (linked * survival).cumsum(axis=1)[0],
        }
    )
    customers = int(tenure["n"].sum())
    crude = float(made["n"].sum() / max(customers, 1))
    return Reproduction(table, rates, survival, customers, corrected, crude)


def monthly_growth(months: pd.DataFrame) -> float:
    """Growth of new customers a month, from the slope of their logarithm.

    Parameters
    ----------
    months : DataFrame
        From `retention.counts.acquisitions_by_month`.

    Returns
    -------
    float
        0.01 is 1 % a month; 0 with fewer than twelve months.

    Examples
    --------
    >>> months = pd.DataFrame({"month": np.arange(12)})
    >>> months["n"] = 100 * 1.02 ** months["month"]
    >>> round(monthly_growth(months), 4)
    0.02
    """
    if len(months) < 12:
        return 0.0
    slope = np.polyfit(months["month"], np.log(months["n"]), 1)[0]
    return float(np.expm1(slope))


def at_risk_and_lost(
    tenure: pd.DataFrame, buckets, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Customers at risk and lost in each period."""
    ends = with_and_without(
        by_bucket(tenure, buckets, [(tenure["duration"], last + 1)])
    )
    begins = with_and_without(by_bucket(tenure, buckets, [(tenure["entry"], last + 1)]))
    lost = tenure[tenure["event"] == 1]
    events = with_and_without(by_bucket(lost, buckets, [(lost["duration"], last + 1)]))
    still = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
    still -= begins[:, ::-1].cumsum(axis=1)[:, ::-1]
    return still[:, 1:], events[:, 1:]


def _strata(made: pd.DataFrame, by: Sequence[str]) -> np.ndarray:
    if not by:
        return np.zeros(len(made), int)
    return made.groupby(list(by), sort=True, dropna=False).ngroup().to_numpy()


def _missed(made, acquired, by, buckets, counted) -> tuple[np.ndarray, bool]:
    """Referrals for each linked one, by stratum; all ones where that is unknown."""
    linked = counted.sum(axis=2)
    ones = np.ones_like(linked)
    if acquired is None or not (acquired["told"] == "referral").any():
        return ones, False
    names = _names(made, by)
    places = _places(acquired, by, names)
    inside = acquired[places >= 0]
    axes = [(places[places >= 0], len(names))]
    told = inside["told"] == "referral"
    lists = [inside["coded"] == 1, told, (inside["coded"] == 1) & told]
    first, second, both = (
        with_and_without(by_bucket(inside.assign(n=inside["n"] * held), buckets, axes))
        for held in lists
    )
    if (both[0] < 1).any():
        return ones, False
    referred = (first + 1) * (second + 1) / (both + 1) - 1
    return np.maximum(referred / np.maximum(linked, 1), 1.0), True


def _names(made, by):
    if not by:
        return [()]
    return sorted(made[list(by)].drop_duplicates().itertuples(index=False, name=None))


def _places(acquired, by, names) -> np.ndarray:
    if not by:
        return np.zeros(len(acquired), int)
    found = acquired[list(by)].itertuples(index=False, name=None)
    return np.array([names.index(row) if row in names else -1 for row in found])
