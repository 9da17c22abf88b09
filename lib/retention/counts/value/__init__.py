"""What customers brought in a window, counted into cells of equal value.

Sums of money are exact. Customers are ranked by cells 1/`STEPS` of a decade wide
(0.9 %), so that the table stays small however many customers there are.
"""

from retention.counts.value.ages import margin_by_age
from retention.counts.value.cells import (
    class_of,
    value_cells,
    value_crossed,
    value_cuts,
)
from retention.counts.value.frame import value_frame

__all__ = [
    "class_of",
    "margin_by_age",
    "value_cells",
    "value_crossed",
    "value_cuts",
    "value_frame",
]
