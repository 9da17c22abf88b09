"""The study of value finds the truth that is planted in the simulated company."""

import math
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from retention import counts, value
from retention.company import open_company
from retention.simulate import DEFAULT_SEED, simulate
from retention.simulate.known import tiers_after_16_quarters

# As the simulator has them: log hazard ratios of taking a further product.
CROSS_BUY = {
    ("tenure", "later"): 0.30,
    ("plan", "premium"): 0.40,
    ("engagement", ""): 0.20,
}
TABLES = ("customers", "activity", "orders", "contacts", "tiers")
SEEDS = range(20)
LEAST_COVERAGE = 0.80
MOST_BIAS = 0.5


@lru_cache(maxsize=2)
def world(seed: int):
    simulated = simulate(seed=seed)
    tables = {name: simulated.tables[name] for name in TABLES}
    return simulated, open_company(tables, settings=simulated.settings)


def estimates(seed: int) -> pd.DataFrame:
    """Value, standard error and truth of what has a truth, a row each."""
    _, company = world(seed)
    base = value.ground(company)
    spells = counts.holding_spells(
        company, by=["plan", "segment"], widths={"engagement": 0.25}
    )
    # Of those who hold nothing yet the planted hazard is exactly proportional; holders
    # of different products are unlike each other, which draws ratios towards 1.
    fit = value.cross_buy(spells[spells["holding"] == "0"]).table.set_index(
        ["term", "level"]
    )
    rows = [
        ("_".join(k), fit.loc[k, "coef"], fit.loc[k, "se"], true)
        for k, true in CROSS_BUY.items()
    ]
    truth = tiers_after_16_quarters()
    lower = value.lower_given_top(base.tier_spans, base.tiers)
    rise = value.top_given_lower(base.tier_spans, base.tiers)
    for name, found, true in (
        ("lower given top", lower, truth["upgraded_given_private"]),
        ("top given lower", rise, truth["private_given_lower"]),
    ):
        reach = (found.upper - found.lower) / 2 / 1.96
        rows.append((name, found.value, reach, true))
    return pd.DataFrame(rows, columns=["what", "value", "se", "truth"])


def covered(table: pd.DataFrame) -> pd.Series:
    return (table["value"] - table["truth"]).abs() <= 1.96 * table["se"]


def test_shares_counted_from_cells_are_those_of_the_rows():
    simulated, company = world(DEFAULT_SEED)
    base = value.ground(company)
    came = simulated.parameters["realised"]
    cells = base.cells("revenue")
    assert value.top_share(cells) == pytest.approx(
        came["top_fifth_of_revenue"], abs=1e-4
    )
    assert value.below_zero(base.cells("net")).value == pytest.approx(
        came["below_zero"], abs=1e-6
    )
    old = value.margin_after_first_year(base.ages, of="revenue")
    assert old.value == pytest.approx(came["revenue_after_first_year"], abs=1e-3)


def test_one_company_holds_its_truths():
    table = estimates(DEFAULT_SEED)
    z = (table["value"] - table["truth"]).abs() / table["se"]
    assert (z < 3).all(), table
    assert covered(table).mean() >= LEAST_COVERAGE


def test_being_upgraded_is_not_rising():
    _, company = world(DEFAULT_SEED)
    base = value.ground(company)
    top = value.lower_given_top(base.tier_spans, base.tiers)
    rise = value.top_given_lower(base.tier_spans, base.tiers)
    assert top.value > 0.85
    assert rise.upper < 0.02


def test_early_warning_is_calibrated_on_a_later_time():
    _, company = world(DEFAULT_SEED)
    watch = value.watch(value.ground(company), features="contract plan engagement")
    slope = value.calibration_slope(watch.test)
    assert slope.lower <= 1 <= slope.upper
    ratio = np.average(watch.test["risk"], weights=watch.test["n"])
    ratio /= value.observed_risk(watch.test, horizon=watch.span)
    assert abs(math.log(ratio)) < 0.15
    assert value.lift(watch.test, capacity=500, horizon=6)["lift"].lower > 1.5


def test_the_list_of_names_is_the_head_of_the_watch():
    _, company = world(DEFAULT_SEED)
    watch = value.watch(value.ground(company), features="contract plan engagement")
    listed = watch.listed(200)
    assert len(listed) == listed["customer_id"].nunique() == 200
    riskiest = watch.today["risk"].repeat(watch.today["n"]).head(200)
    assert np.allclose(listed["risk"], riskiest)


def test_heavy_users_below_zero_regress_to_the_mean():
    _, company = world(DEFAULT_SEED)
    base = value.ground(company)
    sides = [(w, "net", [-0.005]) for w in base.windows[-2:]]
    again = value.below_zero_again(base.crossed(*sides))
    assert again.upper < 0.8
    changes = value.regression_to_the_mean(base.crossed(*sides))
    lowest = changes.iloc[0]
    assert lowest["next_window"] > lowest["this_window"]


@pytest.mark.slow
def test_twenty_companies_hold_their_truths():
    found = pd.concat(estimates(seed) for seed in SEEDS)
    world.cache_clear()
    hits = covered(found).groupby(found["what"]).mean()
    assert (hits >= LEAST_COVERAGE).all(), hits
    bias = (found["value"] - found["truth"]) / found["se"]
    assert (bias.groupby(found["what"]).mean().abs() < MOST_BIAS).all(), bias
