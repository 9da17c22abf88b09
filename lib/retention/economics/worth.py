"""What a customer is worth: new, lost, and one for the other."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.economics.course import Course, course
from retention.economics.replicates import Replicates, jackknifed, ratio, replicates
from retention.economics.terms import Terms
from retention.intervals import Estimate


@dataclass(frozen=True, eq=False)
class Worth:
    """Worth of a company's customers, all payments discounted.

    Attributes
    ----------
    new : Estimate
        Of a new customer, before what winning it cost.
    net : Estimate
        The same less that cost, where it is known.
    lost : Estimate
        Of what a customer who left would still have paid, had it gone on like others
        of its tenure.
    difference : Estimate
        `net` less `lost`: what swapping one for one changes.
    new_for_one_lost : Estimate or None
        `lost` over `net`; None where a new customer is worth nothing net.
    beyond : float
        Share of `new` that lies beyond the observed periods.
    table : DataFrame
        `age` (completed periods), `worth`, `lower`, `upper`: of what a customer of
        that age will still pay, the next payment due now.
    terms : Terms
    """

    new: Estimate
    net: Estimate
    lost: Estimate
    difference: Estimate
    new_for_one_lost: Estimate | None
    beyond: float
    table: pd.DataFrame = field(repr=False)
    terms: Terms

    @property
    def summary(self) -> str:
        """The answer in one sentence."""
        word, rate = self.terms.money, self.terms.annual_discount_rate
        known = self.terms.knows_acquisition
        net = f", and {self.net.text} after what winning it cost" if known else ""
        return (
            f"A new customer is worth {self.new.text} in {word}{net}; one who left "
            f"would still have been worth {self.lost.text} (n = {self.new.n:,}, "
            f"discounted at {100 * rate:g} % a year)."
        )

    def swap(self, customers: int = 100) -> str:
        """What losing so many customers and winning as many does, in one sentence."""
        one = self.difference
        many = Estimate(
            *(customers * v for v in (one.value, one.lower, one.upper)),
            one.n,
            one.method,
            self.terms.currency,
            customers * one.se,
        )
        loses = "loses" if one.value < 0 else "gains"
        shown = many if one.value >= 0 else _turned(many)
        return (
            f"Losing {customers} customers and winning {customers} leaves their number "
            f"as it was and {loses} {shown.text} of {self.terms.money}, "
            f"{self.terms.net_words}."
        )


def worth(payments: pd.DataFrame, terms: Terms) -> Worth:
    """Worth of new and of lost customers from their own staying and paying.

    Parameters
    ----------
    payments : DataFrame
        From `retention.counts.payments`, of one stratum, with its buckets.
    terms : Terms

    Returns
    -------
    Worth
        Each period is paid for at its beginning by those who are here then. Beyond
        the last period with 50 customers at risk, staying and paying are held at
        their means over the year before it.

    Raises
    ------
    ValueError
        If the table is empty.

    Examples
    --------
    Ten customers pay 5 a year; every year a fifth leaves:

    >>> table = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [500.0, 400.0]})
    >>> found = worth(table, Terms(annual_discount_rate=0.0, time_unit="year"))
    >>> round(found.new.value, 6)  # 5 / 0.2
    25.0
    """
    sums = replicates(payments)
    path = course(sums, discount=terms.discount, year=terms.year, money=terms.money)
    values = path.worth()
    new, lost = values[:, 0], _of_leavers(sums, values)
    net, unit = new - terms.spent, terms.currency
    endless = not np.isfinite(new).all()
    change = np.full(len(new), np.nan) if endless else net - lost

    def told(statistic: np.ndarray, unit: str = unit) -> Estimate:
        return jackknifed(statistic, sums.n, unit=unit)

    worthless = endless or not (net > 0).all()
    return Worth(
        new=told(new),
        net=told(net),
        lost=told(lost),
        difference=told(change),
        new_for_one_lost=None if worthless else told(lost / net, ""),
        beyond=path.beyond() if new[0] and not endless else float(endless),
        table=_by_age(values, sums),
        terms=terms,
    )


def worth_by(payments: pd.DataFrame, by: str, terms: Terms) -> pd.DataFrame:
    """Worth of a new customer in each group, before what winning it cost.

    Parameters
    ----------
    payments : DataFrame
        From `retention.counts.payments` with the stratum, and buckets.
    by : str
        Its column.
    terms : Terms

    Returns
    -------
    DataFrame
        The group, `customers`, `yearly` (money a customer and year), `kept_a_year`
        (share of new customers here after a year), `worth`, `lower`, `upper`.
    """
    rows = []
    for name, cells in payments.groupby(by, sort=True):
        sums = replicates(cells)
        path = course(sums, discount=terms.discount, year=terms.year, money=terms.money)
        found = jackknifed(path.worth()[:, 0], sums.n)
        paid = sums.margin[0] if terms.money == "margin" else sums.revenue[0]
        yearly = terms.year * float(ratio(paid.sum(), sums.at_risk[0].sum()))
        kept = float(path.kept(terms.year)[0, 0])
        rows.append((name, sums.n, yearly, kept, found.value, found.lower, found.upper))
    names = ["customers", "yearly", "kept_a_year", "worth", "lower", "upper"]
    return pd.DataFrame(rows, columns=[by, *names])


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


def _of_leavers(sums: Replicates, values: np.ndarray) -> np.ndarray:
    """Mean worth at the ages at which customers left; of all at risk if none did."""
    if not np.isfinite(values).all():
        return values[:, -1]
    last = values.shape[1] - 1
    events = sums.events if sums.events[0].any() else sums.at_risk
    ages = np.minimum(np.arange(events.shape[1]), last)
    return ratio((events * values[:, ages]).sum(axis=1), events.sum(axis=1))


def _mean_tenure_of_leavers(sums: Replicates) -> float:
    events = sums.events[0]
    return float(ratio((events * np.arange(len(events))).sum(), events.sum()))


def _by_age(values: np.ndarray, sums: Replicates) -> pd.DataFrame:
    found = [jackknifed(values[:, age], sums.n) for age in range(values.shape[1])]
    return pd.DataFrame(
        [(age, e.value, e.lower, e.upper) for age, e in enumerate(found)],
        columns=["age", "worth", "lower", "upper"],
    )


def _turned(many: Estimate) -> Estimate:
    return Estimate(
        -many.value,
        -many.upper,
        -many.lower,
        many.n,
        many.method,
        many.unit,
        many.se,
    )
