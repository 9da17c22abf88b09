"""Contacts, logins, activity and the cost book."""

import numpy as np
import pandas as pd

from retention.simulate.clock import (
    EXPERIMENT,
    LAUNCH,
    RECORDS,
    first_day,
    nanoseconds,
)
from retention.simulate.hazard import ARMS
from retention.simulate.spend import PLANTED as SPEND
from retention.simulate.stock import SOURCES

PLANTED = {
    "logins": {"mean": 8.0, "engagement": 0.3},
    "contacts_per_month": {"phone": 0.10, "chat": 0.15, "mail": 0.08, "visit": 0.01},
    "contact_cost": {"phone": 6.0, "chat": 2.5, "mail": 1.5, "visit": 40.0},
    "contact_minutes": {"phone": 8.0, "chat": 5.0, "mail": 4.0, "visit": 60.0},
    "complaint_channel": {"phone": 0.5, "chat": 0.3, "mail": 0.2},
    "reasons": {"question": 0.50, "billing": 0.30, "technical": 0.20},
    "heavy_share": 0.05,
    "heavy_factor": 12.0,
    "acquisition_cost": {"rep": 180.0, "ads": 90.0, "organic": 20.0, "referral": 35.0},
    "retention_per_customer_month": 2.0,
    "programme_per_member_year": 5.0,
    "experiment_per_month": {"control": 0.0, "card": 1.2, "call": 6.0},
}
REASONS = np.array(["complaint", *PLANTED["reasons"]], object)
REASON_SHARE = list(PLANTED["reasons"].values())
CHANNELS = np.array(list(PLANTED["contacts_per_month"]), object)
RATE, COST, MINUTES = (
    np.array(list(PLANTED[name].values()))
    for name in ("contacts_per_month", "contact_cost", "contact_minutes")
)


def activity(history, ids, rng):
    """Revenue, margin and logins of every customer-month since the records began."""
    months = history.recorded
    p, engagement = PLANTED["logins"], history.customers.engagement
    rate = p["mean"] * np.exp(p["engagement"] * engagement[months["number"]])
    logins = rng.poisson(rate)
    return pd.DataFrame(
        {
            "customer_id": ids[months["number"]],
            "month": nanoseconds(first_day(months["month"])),
            "revenue": months["revenue"],
            "margin": np.round(SPEND["margin_share"] * months["revenue"], 2),
            "logins": logins.astype("int16"),
        }
    )


def contacts(history, ids, heavy, rng):
    """Contacts since the records began; complaints carry the first of their month.

    A complaint is made when the customer forms an opinion, before the survey goes
    out, and so before anything else in that month.
    """
    parts = plain_contacts(history, heavy, rng), complaints(history, rng)
    rows = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort(rows[::-1])
    number, month, day, channel, reason, minutes = (row[order] for row in rows)
    return pd.DataFrame(
        {
            "customer_id": ids[number],
            "occurred_on": nanoseconds(first_day(month) + day),
            "channel": CHANNELS[channel],
            "reason": REASONS[reason],
            "minutes": minutes.astype("int16"),
            "cost": COST[channel],
        }
    )


def plain_contacts(history, heavy, rng):
    """Questions and the like, at random days while the customer is here.

    Columns: customer number, month, day, channel, reason, minutes. A Poisson number
    falls on each channel and then on the customer-months in proportion to their rate.
    """
    months = history.recorded
    factor = np.where(heavy, PLANTED["heavy_factor"], 1.0)[months["number"]]
    edges = np.cumsum(factor)
    channel = np.repeat(np.arange(len(RATE)), rng.poisson(RATE * factor.sum()))
    point = rng.random(len(channel)) * edges[-1]
    row = np.minimum(np.searchsorted(edges, point, side="right"), len(edges) - 1)
    number, month = months["number"][row], months["month"][row]
    day = (rng.random(len(row)) * history.days_here(number, month)).astype(int)
    reason = 1 + rng.choice(len(REASONS) - 1, len(row), p=REASON_SHARE)
    return number, month, day, channel, reason, minutes_taken(channel, rng)


def minutes_taken(channel, rng):
    """Whole minutes of each contact, at least one."""
    return np.maximum(rng.poisson(MINUTES[channel]), 1)


def complaints(history, rng):
    """One contact for each complaint since the records began, in the same columns."""
    made = history.complaints
    number, month = (made[k][made["month"] >= RECORDS] for k in ("number", "month"))
    weights = list(PLANTED["complaint_channel"].values())
    channel, first = rng.choice(len(weights), len(number), p=weights), 0 * number
    return number, month, first, channel, first, minutes_taken(channel, rng)


def experiments(history, ids):
    """Who was given which retention action, and since when."""
    stock = history.customers
    rows = np.flatnonzero(stock.arm > 0)
    return pd.DataFrame(
        {
            "customer_id": ids[rows],
            "experiment": "keep in touch",
            "arm": ARMS[stock.arm[rows]],
            "assigned_on": nanoseconds(np.full(len(rows), first_day(EXPERIMENT))),
        }
    )


def costs(history):
    """The monthly cost book since the records began: month, kind, amount, channel."""
    stock, months = history.customers, history.recorded
    number, month = months["number"], months["month"]
    member = month[month >= stock.member_from[number]]
    tried = (month >= EXPERIMENT) & (month < LAUNCH)
    joined = stock.joined >= RECORDS
    year, one = PLANTED["programme_per_member_year"], [None]
    care = [PLANTED["retention_per_customer_month"]]
    arm = [0.0, *PLANTED["experiment_per_month"].values()]
    new, parts = (
        list(PLANTED["acquisition_cost"].values()),
        (stock.joined, stock.source),
    )
    books = [
        book("acquisition", *(part[joined] for part in parts), SOURCES, new),
        book("retention", month, 0 * month, one, care),
        book("programme", member, 0 * member, one, [year / 12]),
        book("experiment", month[tried], stock.arm[number[tried]], ARMS, arm),
    ]
    table = pd.concat(books).sort_values(["month", "kind", "channel"])
    return table.reset_index(drop=True)


def book(kind, month, code, channels, price):
    """Amounts of one kind of cost: how many units of each code a month, times price."""
    units, count = np.unique(month * len(price) + code, return_counts=True)
    when, what = np.divmod(units, len(price))
    amount = np.round(count * np.array(price)[what], 2)
    rows = {
        "month": nanoseconds(first_day(when)),
        "kind": kind,
        "amount": amount,
        "channel": np.array(channels, object)[what],
    }
    return pd.DataFrame(rows)[amount > 0]
