"""Worth of new and of lost customers."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.economics.course import course
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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, worth_by
    >>> years = pd.DataFrame({
    ...     "plan": ["basic", "basic", "plus", "plus"], "period": [1, 2] * 2,
    ...     "at_risk": [100, 80, 100, 90], "events": [20, 16, 10, 9], "n": [100, 0] * 2,
    ...     "revenue": [500.0, 400.0, 500.0, 450.0],
    ...     "margin": [500.0, 400.0, 500.0, 450.0]})
    >>> terms = Terms(annual_discount_rate=0.0, time_unit="year")
    >>> worth_by(years, "plan", terms)[["plan", "kept_a_year", "worth"]].round(2)
        plan  kept_a_year  worth
    0  basic          0.8   25.0
    1   plus          0.9   50.0
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


def _of_leavers(sums: Replicates, values: np.ndarray) -> np.ndarray:
    """Mean worth at the ages at which customers left; of all at risk if none did."""
    if not np.isfinite(values).all():
        return values[:, -1]
    last = values.shape[1] - 1
    events = sums.events if sums.events[0].any() else sums.at_risk
    ages = np.minimum(np.arange(events.shape[1]), last)
    return ratio((events * values[:, ages]).sum(axis=1), events.sum(axis=1))


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
