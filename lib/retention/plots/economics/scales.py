"""Scales of money and of customers."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter


def thousands(ax: Axes) -> None:
    """Write the numbers of the upright axis with separators."""
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
