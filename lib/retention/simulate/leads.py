"""Prospects that sales works on from the first of a month: won, given up or open."""

import numpy as np
import pandas as pd

from retention.simulate.clock import (
    MONTHS,
    RECORDS,
    first_day,
    leaving_day,
    nanoseconds,
)
from retention.simulate.referral import text_ids

PLANTED = {
    "per_month": 250.0,
    "won": 0.047,
    "abandoned": 0.053,
    "source": {"rep": 0.45, "ads": 0.35, "organic": 0.20},
    "cost": {"opening": 15.0, "month": 8.0},
}


def leads(scale, rng):
    """Leads opened since the records began, with their outcome by the end of them."""
    opened = np.repeat(
        np.arange(RECORDS, MONTHS),
        rng.poisson(PLANTED["per_month"] * scale, MONTHS - RECORDS),
    )
    n, total = len(opened), PLANTED["won"] + PLANTED["abandoned"]
    worked = rng.geometric(total, n)
    month = opened + worked - 1
    closed, won = month < MONTHS, rng.random(n) * total < PLANTED["won"]
    day = first_day(month) + leaving_day(month, rng.random(n))
    names, weights = zip(*PLANTED["source"].items(), strict=True)
    p, paid = PLANTED["cost"], np.minimum(worked, MONTHS - opened)
    outcome = np.where(won, "won", "abandoned").astype(object)
    return pd.DataFrame(
        {
            "lead_id": text_ids("Q", range(n)),
            "opened_on": nanoseconds(first_day(opened)),
            "closed_on": nanoseconds(day, closed),
            "outcome": np.where(closed, outcome, "open"),
            "source": np.array(names, object)[rng.choice(len(names), n, p=weights)],
            "cost": p["opening"] + p["month"] * paid,
        }
    )
