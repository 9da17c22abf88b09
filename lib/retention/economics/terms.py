"""What money is reckoned in: currency, discount, acquisition and keeping cost."""

import math
from dataclasses import dataclass

from retention.counts import MoneySource
from retention.economics.costs import CostSplit
from retention.projection.discounting import PERIODS_PER_YEAR, discount_per_period


@dataclass(frozen=True)
class Terms:
    """How a company's money is reckoned.

    Attributes
    ----------
    annual_discount_rate : float
        0.10 for 10 % a year.
    time_unit : str
        Unit of a period: day, week, month, quarter or year.
    currency : str
        Empty where none is declared.
    money : str
        "margin", or "revenue" where no margin is known.
    acquisition_cost : float
        Per customer who joined; missing where no cost is known.
    keeping_cost : float
        All other booked costs per customer and period; 0 where none are booked.
    acquisition_source : str
        Where the acquisition cost is from, in words.
    """

    annual_discount_rate: float = 0.10
    time_unit: str = "month"
    currency: str = ""
    money: str = "margin"
    acquisition_cost: float = math.nan
    keeping_cost: float = 0.0
    acquisition_source: str = ""

    @property
    def discount(self) -> float:
        """Worth today of a unit of money due a period from now."""
        return discount_per_period(self.annual_discount_rate, self.time_unit)

    @property
    def year(self) -> int:
        """Whole periods in a year."""
        return round(PERIODS_PER_YEAR[self.time_unit])

    @property
    def knows_acquisition(self) -> bool:
        """Whether a cost of acquisition is known."""
        return math.isfinite(self.acquisition_cost)

    @property
    def spent(self) -> float:
        """Acquisition cost, 0 where none is known."""
        return self.acquisition_cost if self.knows_acquisition else 0.0

    def per(self, what: str) -> str:
        """Unit of an amount, such as "EUR per customer"."""
        return f"{self.currency} per {what}".strip()

    @property
    def net_words(self) -> str:
        """How a worth is told that has the acquisition cost taken off."""
        return (
            "net of what winning it cost"
            if self.knows_acquisition
            else "before what winning it cost, which is not recorded"
        )


def company_terms(
    company,
    source: MoneySource,
    costs: CostSplit | None = None,
    *,
    annual_discount_rate: float | None = None,
) -> Terms:
    """Terms of a company, from its settings and its cost book.

    Parameters
    ----------
    company : Company
    source : MoneySource
        From `retention.counts.money_source`.
    costs : CostSplit, optional
        From :func:`retention.economics.cost_split`. Without it, or without an
        acquisition cost in it, ``[economics] acquisition_cost`` of workbook.toml
        serves if it is there.
    annual_discount_rate : float, optional
        Instead of ``[economics] annual_discount_rate``; 0.10 where neither is given.

    Returns
    -------
    Terms

    Examples
    --------
    >>> from retention import counts, economics
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> terms = economics.company_terms(company, counts.money_source(company))
    >>> terms.annual_discount_rate, terms.money, terms.per("customer")
    (0.1, 'margin', 'EUR per customer')
    """
    declared = company.settings.economics
    if annual_discount_rate is None:
        annual_discount_rate = float(declared.get("annual_discount_rate", 0.10))
    cost, said = math.nan, ""
    if costs is not None and costs.per_new_customer is not None:
        cost, said = costs.per_new_customer.value, "the cost book"
    elif "acquisition_cost" in declared:
        cost, said = float(declared["acquisition_cost"]), "workbook.toml"
    return Terms(
        annual_discount_rate=annual_discount_rate,
        time_unit=company.time_unit,
        currency=company.currency,
        money=source.word,
        acquisition_cost=cost,
        keeping_cost=costs.keeping_per_period(company.time_unit) if costs else 0.0,
        acquisition_source=said,
    )
