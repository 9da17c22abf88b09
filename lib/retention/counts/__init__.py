"""Group-bys that turn company tables into small count tables.

This is the last room that knows the engine. What leaves it are pandas tables of
counts: `tenure` (cells of entry, duration, event), `periods` (risk sets),
`cohort_triangle` and `landmark`. `cox_sums` hands up a function that runs one
group-by of sums a Newton step.
"""

from retention.counts.calendar import window
from retention.counts.cohorts import cohort_triangle, landmark
from retention.counts.columns import comparable, split, widths
from retention.counts.drivers import tenure_sums
from retention.counts.engine import collect
from retention.counts.flow import about, halves, tenure_flow
from retention.counts.risk import censored_at, periods, strata_of
from retention.counts.sums import CoxSums, cox_sums
from retention.counts.tenure import (
    tenure,
    tenure_counts,
    tenure_frame,
)

__all__ = [
    "CoxSums",
    "about",
    "censored_at",
    "cohort_triangle",
    "collect",
    "comparable",
    "cox_sums",
    "halves",
    "landmark",
    "periods",
    "split",
    "strata_of",
    "tenure",
    "tenure_counts",
    "tenure_flow",
    "tenure_frame",
    "tenure_sums",
    "widths",
    "window",
]
