"""The web shop: BG/NBD purchases in weeks, gamma-gamma amounts, four categories."""

import numpy as np
import pandas as pd

from retention.simulate.clock import MONTHS, first_day, nanoseconds
from retention.simulate.referral import text_ids

CATEGORIES = np.array(["Home", "Kitchen", "Garden", "Travel"], object)
SECONDS_A_WEEK = 7 * 86_400

PLANTED = {
    "r": 0.55,
    "alpha": 6.0,
    "a": 0.9,
    "b": 2.8,
    "p": 6.25,
    "q": 3.74,
    "gamma": 15.44,
    "customers": 3000,
    "weeks_before_holdout": [52, 78],
    "holdout_weeks": 52,
    "first_category": {"Home": 0.4, "Kitchen": 0.3, "Garden": 0.2, "Travel": 0.1},
    "other_category": 0.30,
    "margin_share": 0.30,
}


def shop(scale, rng):
    """Customers, orders and what nobody sees of the shop's customers.

    Returns
    -------
    customers, orders, truth : pandas.DataFrame
        `truth` has `customer_id`, `orders_per_week`, `stops_after_an_order`
        (probability), `mean_amount`, `calibration_weeks`, `alive` (0/1 at the end).
    """
    n = max(1, round(PLANTED["customers"] * scale))
    ids, truth = text_ids("W", range(n)), hidden(n, rng)
    number, week, alive = purchases(truth, rng)
    moment = order_moments(truth["calibration_weeks"].to_numpy()[number], week)
    amount = amounts(truth["mean_amount"].to_numpy()[number], rng)
    orders = pd.DataFrame(
        {
            "customer_id": ids[number],
            "ordered_on": moment,
            "amount": amount,
            "margin": np.round(PLANTED["margin_share"] * amount, 2),
            "product": categories(number, week, rng),
        }
    )
    first = moment[week == 0].astype("datetime64[D]")
    customers = pd.DataFrame({"customer_id": ids, "joined_on": nanoseconds(first)})
    truth.insert(0, "customer_id", ids)
    return customers.assign(business="shop"), orders, truth.assign(alive=alive)


def hidden(n, rng):
    """Each customer's rate, risk of stopping, mean amount and weeks in view."""
    p = PLANTED
    spread = rng.gamma(p["q"], 1 / p["gamma"], n)
    return pd.DataFrame(
        {
            "orders_per_week": rng.gamma(p["r"], 1 / p["alpha"], n),
            "stops_after_an_order": rng.beta(p["a"], p["b"], n),
            "mean_amount": p["p"] / spread,
            "calibration_weeks": rng.uniform(*p["weeks_before_holdout"], n),
        }
    )


def purchases(truth, rng):
    """Customer numbers and weeks since the first order of all orders, and who lives."""
    n = len(truth)
    rate, stops, weeks = (truth[name].to_numpy() for name in truth.columns[[0, 1, 3]])
    horizon = weeks + PLANTED["holdout_weeks"]
    alive, active = np.ones(n, bool), np.arange(n)
    rounds, time = [(np.arange(n), np.zeros(n))], np.zeros(n)
    while len(active):
        time[active] += rng.standard_exponential(len(active)) / rate[active]
        active = active[time[active] < horizon[active]]
        rounds.append((active, time[active]))
        stopped = rng.random(len(active)) < stops[active]
        alive[active[stopped]] = False
        active = active[~stopped]
    number, week = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
    order = np.lexsort((week, number))
    return number[order], week[order], alive.astype("int8")


def order_moments(calibration_weeks, week):
    """Time stamps to the second; all windows end with the last day of the records."""
    end = first_day(MONTHS).astype("datetime64[s]")
    ago = calibration_weeks + PLANTED["holdout_weeks"] - week
    return end - np.ceil(ago * SECONDS_A_WEEK).astype("timedelta64[s]")


def amounts(mean, rng):
    """Order amounts in EUR around each customer's mean, rounded to cents."""
    drawn = rng.gamma(PLANTED["p"], mean / PLANTED["p"])
    return np.round(np.maximum(drawn, 0.01), 2)


def categories(number, week, rng):
    """A home category for each customer, and now and then one of the others."""
    weights = list(PLANTED["first_category"].values())
    home = rng.choice(len(weights), number[-1] + 1, p=weights)[number]
    strays = (week > 0) & (rng.random(len(number)) < PLANTED["other_category"])
    step = rng.integers(1, len(weights), len(number))
    return CATEGORIES[(home + strays * step) % len(weights)]
