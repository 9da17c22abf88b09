"""Sums an arm of a randomised comparison, counted in the engine."""

from retention.counts.arms.assigned import (
    action_arms,
    arm_sizes,
    chosen_experiment,
    control_arm,
    holdout_arms,
)
from retention.counts.arms.covariates import arm_covariates, group_moments

__all__ = [
    "action_arms",
    "arm_covariates",
    "arm_sizes",
    "chosen_experiment",
    "control_arm",
    "group_moments",
    "holdout_arms",
]
