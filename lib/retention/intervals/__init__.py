"""Estimates with their intervals, and the rule that turns them into verdicts."""

from retention.intervals.estimate import Estimate, difference
from retention.intervals.formulas import delta, limits, measured, wilson
from retention.intervals.likelihood import Maximum, maximum_likelihood
from retention.intervals.multiplicity import benjamini_hochberg
from retention.intervals.resampling import bootstrap, jackknife
from retention.intervals.verdict import Check, Region, Verdict, verdict
from retention.intervals.wording import number, quantity

__all__ = [
    "Check",
    "Estimate",
    "Maximum",
    "Region",
    "Verdict",
    "benjamini_hochberg",
    "bootstrap",
    "delta",
    "difference",
    "jackknife",
    "limits",
    "maximum_likelihood",
    "measured",
    "number",
    "quantity",
    "verdict",
    "wilson",
]
