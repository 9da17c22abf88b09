"""The leaky bucket finds what is planted in the simulated company.

Worth has no closed form there: its truth is the mean over twenty other companies of
twice the size (seeds 501 to 520), whose own standard error is given beside it. What
becomes of leads follows from their planted chances, and a forecast has come true or
not. It is made for the last year before the loyalty programme, which no forecast of
the year before could know.
"""

import functools

import pandas as pd
import pytest

from retention import counts, economics
from retention.company import open_company
from retention.simulate import DEFAULT_SEED, simulate

# value, standard error over the twenty
TRUTH = {
    "new": (891.19, 1.57),
    "lost": (1053.94, 4.18),
    "net": (810.56, 1.57),
    "difference": (-243.38, 2.87),
    "new_for_one_lost": (1.3002, 0.0031),
    "five_points": (0.3372, 0.0015),
    "long_run_profit": (0.5510, 0.0058),
    "yearly_churn": (0.1859, 0.0003),
}
STRATA = ("segment", "region")
SEEDS = range(20)
# Twenty companies pin a coverage of 95 % to about 5 points, a mean error to .22 se.
LEAST_COVERAGE, MOST_BIAS = 0.80, 0.5
BROUGHT = ("customers", "activity", "costs", "leads")


@functools.cache
def company(seed):
    made = simulate(seed=seed)
    tables = {name: made.tables[name] for name in BROUGHT}
    before = {name: tables[name] for name in ("customers", "activity")}
    return (
        open_company(tables, settings=made.settings),
        open_company(before, settings=made.settings, as_of="2024-10"),
        made.parameters["analytic"]["leads_12_months"],
    )


def recovered(seed):
    """Estimates beside the truth, a row each."""
    firm, _, outcomes = company(seed)
    paid = counts.payments(firm, bucket=True)
    costs = economics.company_costs(firm)
    terms = economics.company_terms(firm, counts.money_source(firm), costs)
    worth = economics.worth(paid, terms)
    ages = counts.stock_ages(firm, firm.tenure_to)
    uplift = economics.five_per_cent(paid, ages, terms)
    leads = economics.prospects(counts.lead_outcomes(firm))
    found = {
        name: (getattr(worth, name, None) or getattr(uplift, name), *TRUTH[name])
        for name in TRUTH
    }
    found["abandoned"] = (leads.abandoned, outcomes["abandoned"], 0.0)
    found["won"] = (leads.won, outcomes["won"], 0.0)
    rows = [
        (name, estimate.value, estimate.lower, estimate.upper, estimate.se, true, se)
        for name, (estimate, true, se) in found.items()
    ]
    names = ["name", "value", "lower", "upper", "se", "truth", "truth_se"]
    return pd.DataFrame(rows, columns=names).set_index("name")


def covered(found):
    """Whether each interval, widened by the truth's own error, holds the truth."""
    slack = 2 * found["truth_se"]
    low, high = found["lower"] - slack, found["upper"] + slack
    return (low <= found["truth"]) & (found["truth"] <= high)


def forecast(seed):
    """Whether the forecast for the year before the programme held what came."""
    _, before, _ = company(seed)
    rows = []
    for by in ((), *((name,) for name in STRATA)):
        outcome = economics.outlook(before, look_back=12, by=by).outcome
        rows.append(outcome[outcome["step"].isin([1, 6, 12])].assign(by=str(by)))
    return pd.concat(rows)


def test_the_shipped_seed_covers_the_truth():
    found = recovered(DEFAULT_SEED)
    assert covered(found).all(), f"\n{found.round(4).to_string()}"


def test_the_shipped_seed_was_forecast():
    outcome = forecast(DEFAULT_SEED)
    assert outcome["inside"].mean() >= 0.8
    assert outcome["error"].abs().max() < 0.06


@pytest.mark.slow
def test_intervals_cover_in_twenty_companies():
    found, outcomes = [], []
    for seed in SEEDS:
        found.append(recovered(seed))
        outcomes.append(forecast(seed))
        company.cache_clear()
    table = pd.concat(found)
    coverage = covered(table).groupby(level=0).mean()
    error = (table["value"] - table["truth"]).groupby(level=0).mean()
    bias = error / table["se"].groupby(level=0).mean()
    shown = pd.DataFrame({"coverage": coverage, "bias": bias}).round(3)
    assert (coverage >= LEAST_COVERAGE).all(), f"\n{shown}"
    assert (bias.abs() < MOST_BIAS).all(), f"\n{shown}"
    held = pd.concat(outcomes).groupby(["by", "step"])["inside"].mean()
    assert held.mean() >= 0.90, f"\n{held}"
    assert (held >= LEAST_COVERAGE - 0.05).all(), f"\n{held}"
