"""Figures: one axes-level function a result, and nothing computed but the drawing.

Every function takes an optional `ax` and returns it. This is the only room that
imports matplotlib and seaborn.
"""

from retention.plots.cohorts import cohort_triangle, entries
from retention.plots.comparison import answers, sayings
from retention.plots.effects import effect_by_band, hazard_ratios
from retention.plots.survival import (
    cumulative_incidence,
    hazards,
    projected_survival,
    survival_curves,
)
from retention.plots.theme import use_theme

__all__ = [
    "answers",
    "cohort_triangle",
    "cumulative_incidence",
    "effect_by_band",
    "entries",
    "hazard_ratios",
    "hazards",
    "projected_survival",
    "sayings",
    "survival_curves",
    "use_theme",
]
