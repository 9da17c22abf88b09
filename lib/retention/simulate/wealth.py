"""The wealth arm: value tiers of its clients at seventeen quarter ends."""

import numpy as np
import pandas as pd

from retention.simulate.clock import RECORDS, first_day, nanoseconds
from retention.simulate.referral import text_ids

TIERS = np.array(["mass", "affluent", "private", "closed"], object)
CLOSED = 3

PLANTED = {
    "start": [0.966, 0.032, 0.002, 0.0],
    "quarterly": [
        [0.9755, 0.0040, 0.0005, 0.0200],
        [0.0150, 0.9630, 0.0120, 0.0100],
        [0.0010, 0.0090, 0.9840, 0.0060],
        [0.0, 0.0, 0.0, 1.0],
    ],
    "customers": 20_000,
    "quarters": 16,
    "years_before_records": {"mean": 9.0, "longest": 40.0},
}


def wealth(scale, rng):
    """Customers of the wealth arm and their tiers, closed accounts included."""
    n = max(1, round(PLANTED["customers"] * scale))
    ids, state = text_ids("T", range(n)), tier_paths(n, rng)
    ends = first_day(RECORDS + 3 * np.arange(PLANTED["quarters"] + 1)) - 1
    tiers = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, len(ends)),
            "period": nanoseconds(np.tile(ends, n)),
            "tier": TIERS[state.T.ravel()],
        }
    )
    gone = state[-1] == CLOSED
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "joined_on": nanoseconds(joining_days(ends[0], n, rng)),
            "left_on": nanoseconds(closing_days(state, ends, rng), gone),
            "leave_reason": np.where(gone, "other", None),
            "business": "wealth",
        }
    )
    return customers, tiers


def tier_paths(n, rng):
    """Tier numbers, one row a quarter end and one column a customer."""
    steps = np.cumsum(PLANTED["quarterly"], axis=1)
    start = np.cumsum(PLANTED["start"])[:-1]
    path = [np.searchsorted(start, rng.random(n), side="right")]
    for _ in range(PLANTED["quarters"]):
        path.append((rng.random((n, 1)) >= steps[path[-1], :-1]).sum(axis=1))
    return np.array(path)


def joining_days(opening, n, rng):
    """When the accounts were opened: all before the first quarter end."""
    years = PLANTED["years_before_records"]
    age = np.minimum(rng.exponential(years["mean"], n), years["longest"])
    return opening - np.ceil(age * 365.25).astype(int)


def closing_days(state, ends, rng):
    """A day in the quarter at whose end the account is first seen closed."""
    first = np.maximum(np.argmax(state == CLOSED, axis=0), 1)
    length = (ends[first] - ends[first - 1]).astype(int)
    back = np.floor(rng.random(len(first)) * length).astype(int)
    return ends[first] - back
