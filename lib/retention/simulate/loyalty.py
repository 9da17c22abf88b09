"""The loyalty programme: holdout, enrolment, review, memberships and points."""

import numpy as np
import pandas as pd

from retention.simulate.clock import (
    LAUNCH,
    MONTHS,
    NEVER,
    RELEASE,
    REVIEW,
    first_day,
    month_length,
    nanoseconds,
)

PROGRAMME = "Lakeshore Circle"
TIERS = np.array(["basic", "silver", "gold"], object)

PLANTED = {
    "holdout": 0.25,
    "eligible_tenure": 3,
    "enrolment": {"intercept": -3.6, "engagement": 0.6, "taste": 0.7},
    "review": {
        "tenure": 12,
        "silver": 700.0,
        "gold": 900.0,
        "reaches_down_to": 660.0,
        "reaches": 0.4,
        "overshoot": 15.0,
    },
    "points": {
        "per_eur": 1.0,
        "value_eur": 0.01,
        "redeemed": 0.80,
        "lag": 0.15,
        "expiry_months": 18,
    },
}


def enrols(stock, month, uniform):
    """Who joins the programme at the end of the month; it takes effect the next."""
    e = PLANTED["enrolment"]
    logit = (
        e["intercept"] + e["engagement"] * stock.engagement + e["taste"] * stock.taste
    )
    reached = stock.tenure(month) >= PLANTED["eligible_tenure"]
    free = (stock.member_from == NEVER) & ~(stock.holdout & (month < RELEASE))
    return reached & free & (uniform < 1 / (1 + np.exp(-logit)))


def under_review(stock):
    """Members of twelve months' tenure or more, whose spend sets their tier."""
    long_here = stock.tenure(REVIEW) >= PLANTED["review"]["tenure"]
    return stock.member(REVIEW) & long_here


def stretch(stock, spend, uniform):
    """Spend of the review month; some just below Silver buy their way over it.

    `stock.spent` holds the twelve months to the review, this one included.
    """
    r = PLANTED["review"]
    near = (stock.spent >= r["reaches_down_to"]) & (stock.spent < r["silver"])
    moves = under_review(stock) & near & (uniform[0] < r["reaches"])
    extra = r["silver"] - stock.spent + r["overshoot"] * uniform[1]
    return np.round(spend + np.where(moves, extra, 0.0), 2)


def review(stock):
    """Set tier and qualifying spend of the reviewed members, in place."""
    reviewed, spent = under_review(stock), np.round(stock.spent, 2)
    edges = [PLANTED["review"]["silver"], PLANTED["review"]["gold"]]
    tier = np.searchsorted(edges, spent, side="right")
    stock.tier = np.where(reviewed, tier, stock.tier)
    stock.qualifying = np.where(reviewed, spent, np.nan)


def memberships(history, ids):
    """One row for each subscriber since the launch, enrolled or not."""
    stock = history.customers
    rows = np.flatnonzero(history.left_month >= LAUNCH)
    enrolled = stock.member_from[rows] < MONTHS
    gone = enrolled & (history.left_month[rows] < MONTHS)
    left = history.left_on[rows]
    start = first_day(np.where(enrolled, stock.member_from[rows], 0))
    drawn = stock.joined[rows] <= LAUNCH
    return pd.DataFrame(
        {
            "customer_id": ids[rows],
            "enrolled_on": nanoseconds(start, enrolled),
            "ended_on": nanoseconds(left, gone),
            "holdout": pd.array(stock.holdout[rows], "Int8"),
            "eligible": eligible(history)[rows].astype("int8"),
            "tier": np.where(enrolled, TIERS[stock.tier[rows]], None),
            "qualifying_spend": stock.qualifying[rows],
            "programme": PROGRAMME,
        }
    ).assign(holdout=lambda table: table["holdout"].where(drawn))


def eligible(history):
    """Not held out, and here for the offer: tenure 3 at some month since the launch."""
    stock = history.customers
    last = np.minimum(history.left_month - 1, MONTHS - 1)
    reached = stock.tenure(last) >= PLANTED["eligible_tenure"]
    return reached & (last >= LAUNCH) & ~stock.holdout


def points(history, ids, rng):
    """Points earned, redeemed and expired; every member-month is one batch."""
    p, batches = PLANTED["points"], earned(history)
    lag = rng.geometric(p["lag"], len(batches))
    used = (rng.random(len(batches)) < p["redeemed"]) & (lag <= p["expiry_months"])
    day = np.floor(rng.random(len(batches)) * month_length(batches["batch"] + lag))
    month = batches["batch"] + np.where(used, lag, p["expiry_months"])
    day = np.where(used, day, month_length(month) - 1)
    kind = np.where(used, "redeem", "expire")
    closing = batches.assign(month=month, day=day.astype(int), kind=kind)
    opening = batches.assign(month=batches["batch"], day=0, kind="earn")
    rows = pd.concat([opening, closing[closing["month"] < MONTHS]])
    rows = rows.sort_values(["number", "month", "day", "batch"], kind="stable")
    return pd.DataFrame(
        {
            "customer_id": ids[rows["number"]],
            "occurred_on": nanoseconds(
                first_day(rows["month"]) + rows["day"].to_numpy()
            ),
            "kind": rows["kind"].to_numpy(),
            "points": rows["points"].to_numpy("int32"),
            "batch_on": nanoseconds(first_day(rows["batch"])),
        }
    )


def earned(history):
    """Batches: customer number, month of the batch and its points."""
    months = history.months
    member = months["month"] >= history.customers.member_from[months["number"]]
    amount = months["revenue"][member] * PLANTED["points"]["per_eur"]
    return pd.DataFrame(
        {
            "number": months["number"][member],
            "batch": months["month"][member],
            "points": np.maximum(np.round(amount), 1).astype(int),
        }
    )
