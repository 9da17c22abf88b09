"""Repeat buyers: the truth planted in the simulated shop is found again.

The shop's customers decide order by order, so orders are told apart by the hour: where
orders of one day are merged, as is right for a shop whose customers split one purchase
over several baskets, the parameters are those of days with a purchase.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from retention import counts
from retention.company import open_company
from retention.projection import (
    fit_bg_nbd,
    fit_gamma_gamma,
    forecast,
    holdout_track,
    independence_check,
    track_check,
)
from retention.simulate import DEFAULT_SEED, simulate
from retention.simulate.shop import shop

WEEKS = 52
SHOP = {"holdout_weeks": WEEKS, "grain": "hour", "where": {"business": ["shop"]}}
PLANTED = {"r": 0.55, "alpha": 6.0, "a": 0.9, "b": 2.8}
MEANS = {"orders_per_week": 0.55 / 6.0, "stops_after_an_order": 0.9 / 3.7}
AMOUNTS = {"p": 6.25, "q": 3.74, "gamma": 15.44}

# Twenty shops pin a coverage of 95 % to about 5 points. What an interval should hold is
# allowed to fall out of 4 in 20, and the forecast must be right on average.
SEEDS = range(20)
LEAST_COVERAGE = 0.80
MOST_BIAS = 0.5
SETTINGS = {"company": {"name": "Shop", "observed_to": dt.date(2026, 10, 31)}}


def found(company):
    """Parameters with intervals and truth, and the forecast with what came."""
    cells = counts.purchases(company, **SHOP)
    amounts = counts.order_values(company, **SHOP)
    orders = fit_bg_nbd(cells)
    tables = [orders.parameters(), fit_gamma_gamma(amounts).parameters()]
    table = pd.concat(tables)
    table["truth"] = pd.Series(PLANTED | MEANS | AMOUNTS)
    return table, forecast(orders, cells, weeks=WEEKS), cells["holdout"].sum()


def covered(table):
    return table["truth"].between(table["lower"], table["upper"])


@pytest.fixture(scope="module")
def simulated():
    return simulate(seed=DEFAULT_SEED)


@pytest.fixture(scope="module")
def company(simulated):
    tables = {name: simulated.tables[name] for name in ("customers", "orders")}
    return open_company(tables, settings=simulated.settings)


def test_the_planted_values_are_those_of_the_simulator(simulated):
    planted = simulated.parameters["planted"]["shop"]
    assert {name: planted[name] for name in PLANTED | AMOUNTS} == PLANTED | AMOUNTS
    assert planted["holdout_weeks"] == WEEKS


def test_parameters_and_held_out_orders_are_covered(company):
    table, expected, came = found(company)
    assert covered(table).all(), table.to_string()
    assert expected.lower <= came <= expected.upper, expected.text


def test_the_track_passes_and_values_go_their_own_way(company):
    cells = counts.purchases(company, **SHOP)
    weekly = counts.weekly_orders(company, **SHOP)
    track = holdout_track(fit_bg_nbd(cells), cells, weekly)
    assert (
        track["orders"].sum()
        == cells["holdout"].sum() + (cells["x"] * cells["n"]).sum()
    )
    assert track_check(track).status == "PASS"
    assert independence_check(counts.order_values(company, **SHOP)).status == "PASS"


def test_who_is_left_is_known_on_average(company, simulated):
    """The probability of being active is right for those who can have stopped."""
    rows = counts.purchase_rows(company, **SHOP)
    model = fit_bg_nbd(rows)
    truth = simulated.truth["shop"].set_index("customer_id")["alive"]
    alive = rows["customer_id"].map(truth)  # at the end of the holdout
    p = model.p_alive(rows["x"], rows["t_x"], rows["T"])
    # who was active at the cut-off and stopped later had an order in the holdout
    lost = alive.eq(0) & rows["holdout"].eq(0) & rows["x"].gt(0)
    expected = (1 - p)[rows["x"] > 0].sum()
    assert lost.sum() == pytest.approx(expected, rel=0.05)


@pytest.mark.slow
def test_twenty_shops_are_covered():
    tables, forecasts = [], []
    for seed in SEEDS:
        customers, orders, _ = shop(1.0, np.random.default_rng(1000 + seed))
        frames = {"customers": customers, "orders": orders}
        table, expected, came = found(open_company(frames, settings=SETTINGS))
        tables.append(table.assign(seed=seed))
        forecasts.append(
            (expected.lower <= came <= expected.upper, expected.value / came)
        )
    every = pd.concat(tables)
    every["covered"] = covered(every)
    # on the log scale, on which the intervals are made
    error = np.log(every["value"] / every["truth"])
    every["z"] = error / (every["se"] / every["value"])
    told = every.groupby(level=0)[["covered", "z"]].mean()
    assert (told["covered"] >= LEAST_COVERAGE).all(), told.to_string()
    assert (told["z"].abs() < MOST_BIAS).all(), told.to_string()
    hits, ratios = map(np.array, zip(*forecasts, strict=True))
    assert hits.mean() >= LEAST_COVERAGE, ratios
    assert ratios.mean() == pytest.approx(1, abs=0.02)
