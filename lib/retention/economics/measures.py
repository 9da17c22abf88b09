"""Every number that the sayings of the leaky bucket are judged by."""

import numpy as np

from retention import counts
from retention.economics.costs import CostSplit, cost_split
from retention.economics.course import course
from retention.economics.prospects import prospects
from retention.economics.replicates import jackknifed, ratio, replicates
from retention.economics.terms import Terms, company_terms
from retention.economics.uplift import five_per_cent
from retention.economics.worth import lifetime_share, worth
from retention.intervals import Estimate

Measures = dict[str, Estimate | str]

NO_COSTS = "The company brings no cost of winning and of keeping customers."
NO_TRIAL = (
    "No spending on acquisition was varied at random, so nobody knows how many of the "
    "customers who joined came because of it."
)
NO_TRIAL_AT_ALL = f"{NO_TRIAL} Nor was any action to keep customers."


def measures(company) -> Measures:
    """What the sayings of this study are about, from the company alone.

    Parameters
    ----------
    company : Company

    Returns
    -------
    dict of str to (Estimate or str)
        By the keys in `data/claims/leaky_bucket.toml`; a text says why one cannot be
        told here.

    Examples
    --------
    >>> from retention import economics
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = economics.measures(company)
    >>> sorted(found)[:3]
    ['acquisition_share', 'cost_ratio_average', 'cost_ratio_incremental']
    """
    source = counts.money_source(company)
    costs = company_costs(company)
    terms = company_terms(company, source, costs)
    payments = counts.payments(company, bucket=True)
    ages = counts.stock_ages(company, company.tenure_to)
    found = _of_costs(costs, company.has("experiments"))
    if payments.empty:
        reason = "No customer was seen for a whole period while money was recorded."
        return found | dict.fromkeys(_OF_WORTH, reason) | _of_leads(company)
    found |= _of_worth(payments, ages, terms)
    found |= _of_tenure(
        payments, counts.payments(company, bucket=True, across=terms.year), terms
    )
    return found | _of_leads(company)


def company_costs(company) -> CostSplit | None:
    """Cost split of a company, None where it brings no costs.

    Parameters
    ----------
    company : Company

    Returns
    -------
    CostSplit or None

    Examples
    --------
    >>> from retention import economics
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> split = economics.company_costs(company)
    >>> print(split.ratio.text)
    3.36 (95 % CI 3.31 to 3.40)
    """
    book = counts.cost_book(company)
    if book.empty:
        return None
    return cost_split(book, counts.customer_months(company), currency=company.currency)


_OF_WORTH = (
    "uplift_five_points",
    "uplift_five_per_cent",
    "profit_uplift_five_points",
    "new_for_one_lost",
    "swap_of_one",
    "stew_leonard_share",
    "margin_ratio_gross",
    "margin_ratio_net",
    "margin_ratio_same_customers",
)


def _of_costs(costs: CostSplit | None, trial: bool) -> Measures:
    ratio_of = costs.ratio if costs else None
    share = costs.acquisition_share if costs else None
    return {
        "cost_ratio_average": ratio_of or NO_COSTS,
        "cost_ratio_incremental": NO_TRIAL if trial else NO_TRIAL_AT_ALL,
        "acquisition_share": share or NO_COSTS,
    }


def _of_worth(payments, ages, terms: Terms) -> Measures:
    here = worth(payments, terms)
    if not ages["n"].sum():
        nobody = "Nobody is a customer any more."
        rises: list[Estimate | str] = [nobody] * 3
    else:
        uplift = five_per_cent(payments, ages, terms)
        rises = [uplift.five_points, uplift.five_per_cent, uplift.long_run_profit]
    worthless = "A new customer is worth nothing or less, net of winning it."
    return {
        "uplift_five_points": rises[0],
        "uplift_five_per_cent": rises[1],
        "profit_uplift_five_points": rises[2],
        "new_for_one_lost": here.new_for_one_lost or worthless,
        "swap_of_one": here.difference,
        "stew_leonard_share": lifetime_share(payments, terms),
    }


def _of_tenure(payments, same, terms: Terms) -> Measures:
    """Yearly money of a customer after the first year, over that in the first."""
    year = terms.year
    if not (payments["period"] > year).any():
        reason = "Nobody was seen for more than a year."
        return dict.fromkeys(_OF_WORTH[-3:], reason)
    sums = replicates(payments)
    young, old = (
        _yearly(sums, terms, slice(1, year + 1)),
        _yearly(sums, terms, slice(year + 1, None)),
    )
    first = _first_year(sums, terms)
    net = first - terms.spent
    gross = _over(old, young, sums.n)
    return {
        "margin_ratio_gross": gross,
        "margin_ratio_net": _over(old, net, sums.n)
        if terms.knows_acquisition
        else NO_COSTS,
        "margin_ratio_same_customers": _same(same, terms),
    }


def _same(same, terms: Terms) -> Estimate | str:
    year = terms.year
    if same.empty or not (same["period"] > year).any():
        return "Nobody was seen both in the first year and after it."
    sums = replicates(same)
    young = _yearly(sums, terms, slice(1, year + 1))
    return _over(_yearly(sums, terms, slice(year + 1, None)), young, sums.n)


def _yearly(sums, terms: Terms, periods: slice) -> np.ndarray:
    paid = sums.margin if terms.money == "margin" else sums.revenue
    here = sums.at_risk[:, periods].sum(axis=1)
    return terms.year * ratio(paid[:, periods].sum(axis=1), here)


def _first_year(sums, terms: Terms) -> np.ndarray:
    """What a new customer pays within its first year, undiscounted."""
    path = course(sums, discount=1.0, year=terms.year, money=terms.money)
    first = min(terms.year, path.last)
    here = path.survival()[:, :first]
    return (here * path.margin[:, 1 : first + 1]).sum(axis=1)


def _over(top: np.ndarray, bottom: np.ndarray, n: int) -> Estimate | str:
    if (bottom <= 0).any():
        return "Customers bring nothing or less in their first year: no ratio to it."
    return jackknifed(top / bottom, n)


def _of_leads(company) -> Measures:
    names = ("leads_abandoned_in_a_year", "leads_abandoned_in_the_end")
    if not company.has("leads", "closed_on"):
        return dict.fromkeys(names, "Leads with a closing day are not recorded.")
    leads = counts.lead_outcomes(company)
    if leads.empty:
        return dict.fromkeys(names, "No lead was opened since the records began.")
    year = company_year(company)
    found = prospects(leads, horizon=year)
    return dict(zip(names, (found.abandoned, found.abandoned_in_the_end), strict=True))


def company_year(company) -> int:
    """Whole periods of a company's time unit in a year."""
    return Terms(time_unit=company.time_unit).year
