"""Annual plans: shifted-beta-geometric renewals of five half-yearly cohorts."""

import numpy as np
import pandas as pd

from retention.simulate.clock import MONTHS, RECORDS, first_day, nanoseconds
from retention.simulate.referral import text_ids

PLANTED = {
    "a": 0.80,
    "b": 2.40,
    "cohorts": 5,
    "months_between_cohorts": 6,
    "customers_per_cohort": 1500,
}


def annual_plans(scale, rng):
    """Customers of the plans business; a plan ends on the last day of a plan year."""
    size = max(1, round(PLANTED["customers_per_cohort"] * scale))
    cohort = np.repeat(np.arange(PLANTED["cohorts"]), size)
    start = RECORDS + PLANTED["months_between_cohorts"] * cohort
    leaves_each_year = rng.beta(PLANTED["a"], PLANTED["b"], len(cohort))
    years = rng.geometric(np.maximum(leaves_each_year, 1e-9))
    end = start + 12 * np.minimum(years, MONTHS)
    gone = end <= MONTHS
    return pd.DataFrame(
        {
            "customer_id": text_ids("P", range(len(cohort))),
            "joined_on": nanoseconds(first_day(start)),
            "left_on": nanoseconds(first_day(end) - 1, gone),
            "leave_reason": np.where(gone, "voluntary", None),
            "business": "plans",
            "contract": "annual",
        }
    )
