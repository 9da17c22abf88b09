"""Answers of different designs, set side by side and beside the truth."""

from retention.loyalty.measures_table.answers import (
    answers_for_record,
    members_counted,
    named_checks,
    side_by_side,
)
from retention.loyalty.measures_table.elsewhere import Elsewhere, moved_from_elsewhere
from retention.loyalty.measures_table.truth import against_truth, truth_lines

__all__ = [
    "Elsewhere",
    "against_truth",
    "answers_for_record",
    "members_counted",
    "moved_from_elsewhere",
    "named_checks",
    "side_by_side",
    "truth_lines",
]
