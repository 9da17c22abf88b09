"""Customers' value across windows: rows where ranks need them, sums elsewhere."""

from retention.counts.value.rows.classes import class_sums
from retention.counts.value.rows.orders import order_moments
from retention.counts.value.rows.scores import score_rows
from retention.counts.value.rows.tenure import tenure_margins

__all__ = ["class_sums", "order_moments", "score_rows", "tenure_margins"]
