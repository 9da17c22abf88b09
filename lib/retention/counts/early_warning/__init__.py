"""Customers present on a day, what was known of them, and what became of them."""

from retention.counts.early_warning.contract import (
    warning_cells,
    warning_frame,
    warning_reasons,
)
from retention.counts.early_warning.days import warning_days
from retention.counts.early_warning.silence import silence_cells, silence_frame

__all__ = [
    "silence_cells",
    "silence_frame",
    "warning_cells",
    "warning_days",
    "warning_frame",
    "warning_reasons",
]
