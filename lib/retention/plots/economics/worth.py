"""Figures of what a customer is worth and of what five points add to it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.economics.scales import thousands
from retention.plots.survival import tenure_axis
from retention.plots.theme import (
    ACCENT,
    COLOURS,
    INK,
    LINES,
    MARKERS,
    MUTED,
    axes,
    note,
    per_cent,
)

_CLAIMED = (0.25, 0.50, 0.85, 1.00)


def worth_by_age(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "month",
    currency: str = "",
    money: str = "margin",
    acquisition_cost: float = np.nan,
    n: int = 0,
) -> Axes:
    """What customers of each tenure will still pay, with its interval.

    Parameters
    ----------
    table : DataFrame
        `age`, `worth`, `lower`, `upper`, from `retention.economics.worth`.
    ax : Axes, optional
    unit, currency, money : str
    acquisition_cost : float
        Drawn as a line where it is known.
    n : int
        Customers behind the estimate.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"age": [0, 1, 2], "worth": [900.0, 1_000, 1_100],
    ...                       "lower": [880.0, 960, 1_000],
    ...                       "upper": [920.0, 1_040, 1_200]})
    >>> ax = plots.worth_by_age(table, currency="EUR", acquisition_cost=80, n=5_000)
    >>> ax.get_xlabel(), len(ax.lines)
    ('months since joining', 3)
    """
    ax = axes(ax)
    ax.fill_between(
        table["age"], table["lower"], table["upper"], color=ACCENT, alpha=0.18, lw=0
    )
    ax.plot(table["age"], table["worth"], color=ACCENT)
    ax.axhline(0, color=INK, lw=0.8)
    if np.isfinite(acquisition_cost):
        ax.axhline(acquisition_cost, color=MUTED, ls="--", lw=1.4)
        ax.annotate(
            "cost of winning one",
            xy=(1, acquisition_cost),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 4),
            textcoords="offset points",
            ha="right",
            fontsize=9,
            color=INK,
        )
    ax.set(
        ylim=(min(0, 1.1 * table["worth"].min()), None),
        ylabel=f"{money} still to come{f' ({currency})' if currency else ''}",
        title="What a customer will still bring, by tenure",
    )
    tenure_axis(ax, max(int(table["age"].max()), 1), unit)
    thousands(ax)
    note(ax, f"Band: 95 % interval (jackknife), point by point. n = {n:,} customers.")
    return ax


def five_percent(
    lines: pd.DataFrame,
    ax: Axes | None = None,
    *,
    here: pd.DataFrame | None = None,
    claimed: Sequence[float] = _CLAIMED,
    points: float = 0.05,
) -> Axes:
    """Rise in worth from five points less churn, along the churn before.

    Parameters
    ----------
    lines : DataFrame
        From `retention.economics.uplift_lines`: `annual_discount_rate`,
        `acquisition_cost`, `yearly_churn`, `uplift`.
    ax : Axes, optional
    here : DataFrame, optional
        Points of a company: `label`, `yearly_churn`, `uplift`, `lower`, `upper`.
    claimed : sequence of float
        Rises that are claimed, drawn as level lines.
    points : float
        0.05 for five points.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from retention import economics, plots
    >>> ax = plots.five_percent(economics.uplift_lines(annual_discount_rates=[0.0]))
    >>> ax.get_xlabel()
    'share of customers lost a year, before'
    """
    ax = axes(ax, height=5.0)
    keys = ["annual_discount_rate", "acquisition_cost"]
    top = 1.30
    for place, ((rate, cost), line) in enumerate(lines.groupby(keys)):
        shown = line[line["uplift"] <= top]
        said = f"discounted at {100 * rate:g} %" if rate else "not discounted"
        said += f", winning one costs {cost:g} yearly margins" if cost else ""
        look = {"color": COLOURS[place % 6], "ls": LINES[place % 6]}
        ax.plot(shown["yearly_churn"], shown["uplift"], label=said, **look)
    for share in claimed:
        ax.axhline(share, color=MUTED, lw=0.9, ls=(0, (1, 2)))
        ax.annotate(
            f"“{100 * share:.0f} %”",
            xy=(1.005, share),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            color=INK,
        )
    _here(ax, here)
    ax.set(
        xlim=(points, lines["yearly_churn"].max()),
        ylim=(0, top),
        xlabel="share of customers lost a year, before",
        ylabel="rise in a customer's worth",
        title=f"What {100 * points:g} points more retention are worth",
    )
    per_cent(ax)
    per_cent(ax, axis="x")
    ax.legend(loc="upper right")
    note(
        ax,
        "Lines: the formula with one rate of leaving. Points: this company, 95 % "
        "interval.",
    )
    return ax


def _here(ax: Axes, here: pd.DataFrame | None) -> None:
    rows = [] if here is None else here.itertuples()
    for place, row in enumerate(rows):
        ax.vlines(row.yearly_churn, row.lower, row.upper, color=INK, lw=2.4, zorder=4)
        ax.plot(
            row.yearly_churn,
            row.uplift,
            MARKERS[place % 6],
            color=INK,
            markersize=7,
            zorder=5,
        )
        ax.annotate(
            row.label,
            xy=(row.yearly_churn, row.uplift),
            xytext=(9, 7 if place % 2 == 0 else -14),
            textcoords="offset points",
            fontsize=9,
            color=INK,
        )
