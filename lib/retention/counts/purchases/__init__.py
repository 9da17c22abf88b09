"""Repeat purchases counted in the engine: how many, when last, and what came after.

The clock of a customer starts with the first order. Orders of one day are one purchase
(of one hour, if asked for), and only the purchases after the first are counted: ``x``
of them by the cut-off day, the last ``t_x`` weeks and the cut-off ``T`` weeks after it.
"""

from retention.counts.purchases.counted import purchase_rows, purchases
from retention.counts.purchases.days import Choice, Day, cutoff_days, in_cohort
from retention.counts.purchases.frame import GRAINS, WEEK, moments, purchase_frame

__all__ = [
    "GRAINS",
    "WEEK",
    "Choice",
    "Day",
    "cutoff_days",
    "in_cohort",
    "moments",
    "purchase_frame",
    "purchase_rows",
    "purchases",
]
