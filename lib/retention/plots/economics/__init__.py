"""Figures of the leaky bucket: stock, worth, five points, forecast, prospects."""

from retention.plots.economics.ahead import lead_outcomes, stock_forecast
from retention.plots.economics.bucket import bucket_grid, bucket_paths
from retention.plots.economics.worth import five_percent, worth_by_age

__all__ = [
    "bucket_grid",
    "bucket_paths",
    "five_percent",
    "lead_outcomes",
    "stock_forecast",
    "worth_by_age",
]
