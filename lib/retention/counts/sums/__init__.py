"""Sums for the Cox model: one group-by in the engine for each Newton step.

In whole periods of tenure customers share their times, so the risk-set sums of the
partial likelihood are reverse cumulative sums over groups of (stratum, covariate
cell, time, kind of record). Categorical covariates enter through their cells, and a
table of counts is all that they need. Continuous covariates need, for each new value
of their coefficients, the sums of r, r z and r z z' over each group, with
r = exp(slope'z).
"""

from retention.counts.sums.cox import CoxSums, cox_sums
from retention.counts.sums.records import CENSORED, ENTRY, EVENT, NEVER

__all__ = ["CENSORED", "ENTRY", "EVENT", "NEVER", "CoxSums", "cox_sums"]
