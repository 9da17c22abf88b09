"""Figures of what customers are worth and who is drifting away."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import (
    ACCENT,
    COLOURS,
    INK,
    LINES,
    MUTED,
    TRUTH,
    axes,
    note,
    per_cent,
)


def lorenz_curves(
    curves: dict[str, pd.DataFrame],
    ax: Axes | None = None,
    *,
    top: float = 0.2,
    n: int | None = None,
) -> Axes:
    """Share of the money by share of customers, the largest customers first.

    Parameters
    ----------
    curves : dict of str to DataFrame
        Name of the money to `customers` and `money`, cumulative shares from the
        lowest customer up.
    ax : Axes, optional
    top : float
        Share of customers that is marked.
    n : int, optional
        Customers, for the note.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> curve = pd.DataFrame({"customers": [0, 0.5, 1], "money": [0, 0.2, 1]})
    >>> ax = plots.lorenz_curves({"revenue": curve}, n=100)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('share of customers, largest first', 'share of the money')
    """
    ax = axes(ax, height=4.8)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, label="all customers alike")
    for place, (name, curve) in enumerate(curves.items()):
        x, y = 1 - curve["customers"], 1 - curve["money"]
        ax.plot(x, y, ls=LINES[place], color=COLOURS[place], label=name)
    ax.plot(top, 0.8, "D", color=TRUTH, markersize=7, label="80 from 20")
    ax.axvline(top, color=MUTED, lw=1, ls=":")
    ax.set(
        xlabel="share of customers, largest first",
        ylabel="share of the money",
        title="How much do the largest customers bring?",
        xlim=(0, 1),
        ylim=(0, max(1.02, *(1.02 - c["money"].min() for c in curves.values()))),
    )
    per_cent(ax)
    per_cent(ax, axis="x")
    ax.legend(loc="lower right")
    if n is not None:
        note(ax, f"{n:,} customers with money in the window")
    return ax


def whale_curve(
    table: pd.DataFrame, ax: Axes | None = None, *, n: int | None = None
) -> Axes:
    """Cumulative net margin from the most to the least profitable customer.

    Parameters
    ----------
    table : DataFrame
        `customers` and `money`: cumulative shares, best customer first.
    ax : Axes, optional
    n : int, optional
        Customers, for the note.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"customers": [0, 0.2, 0.8, 1.0],
    ...                       "money": [0, 0.7, 1.2, 1.0]})
    >>> ax = plots.whale_curve(table, n=100)
    >>> ax.get_title("left")
    'What would be earned with only the best customers?'
    """
    ax = axes(ax)
    ax.plot(table["customers"], table["money"], color=ACCENT)
    ax.axhline(1, color=INK, lw=1)
    peak = table.loc[table["money"].idxmax()]
    over = peak["money"] > 1.0005
    if over:
        ax.fill_between(
            table["customers"], 1, table["money"].clip(lower=1), color="#d7e9ec"
        )
    ax.plot(peak["customers"], peak["money"], "o", color=ACCENT, markersize=7)
    ax.text(
        0.97,
        0.08,
        f"peak: {_share(peak['money'])} at {_share(peak['customers'])} of customers",
        transform=ax.transAxes,
        ha="right",
    )
    ax.set(
        xlabel="share of customers, most profitable first",
        ylabel="share of all net margin",
        title="What would be earned with only the best customers?",
        xlim=(0, 1.01),
        ylim=(0, max(1.08, 1.05 * peak["money"])),
    )
    per_cent(ax)
    per_cent(ax, axis="x")
    if n is not None:
        note(ax, f"{n:,} customers; above the line: lost again on the others")
    return ax


def profit_by_revenue(
    table: pd.DataFrame, ax: Axes | None = None, *, currency: str = ""
) -> Axes:
    """Margin, cost of serving and what is left, by groups of revenue.

    Parameters
    ----------
    table : DataFrame
        `group` (1 = largest revenue), `margin`, `cost`, `net` per customer,
        `below_zero`.
    ax : Axes, optional
    currency : str

    Returns
    -------
    Axes
        The figures above the bars are the share of the group that is below zero.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"group": [1, 2], "margin": [40.0, 10.0],
    ...                       "cost": [15.0, 12.0], "net": [25.0, -2.0],
    ...                       "below_zero": [0.1, 0.6], "customers": 50})
    >>> ax = plots.profit_by_revenue(table, currency="EUR")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('tenths of customers by revenue, 1 = largest', 'EUR per customer')
    """
    ax = axes(ax)
    place = np.arange(len(table))
    ax.bar(place, table["margin"], width=0.72, color="#d9dde3", label="margin")
    ax.bar(place, table["net"], width=0.42, color=ACCENT, label="net margin")
    ax.plot(place, table["cost"], "v", color=TRUTH, markersize=7, label="cost to serve")
    for at, row in zip(place, table.itertuples(), strict=True):
        ax.annotate(
            _share(row.below_zero),
            (at, max(row.margin, row.net, 0)),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
            color=INK,
        )
    ax.axhline(0, color=INK, lw=1)
    ax.set_xticks(place, table["group"])
    ax.set(
        xlabel="tenths of customers by revenue, 1 = largest",
        ylabel=f"{currency} per customer".strip(),
        title="Does revenue reach the bottom line?",
    )
    ax.margins(y=0.12)
    ax.legend(loc="upper right")
    customers = int(table["customers"].sum())
    note(ax, f"{customers:,} customers; above each bar the share that is below zero")
    return ax


def next_window(
    table: pd.DataFrame, ax: Axes | None = None, *, currency: str = ""
) -> Axes:
    """Net of each class in this window and in the next: regression to the mean.

    Parameters
    ----------
    table : DataFrame
        `this_window`, `next_window`, `lower`, `upper`: net per customer, low to high.
    ax : Axes, optional
    currency : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"this_window": [-20.0, 40, 120],
    ...                       "next_window": [5.0, 50, 100],
    ...                       "lower": [-5.0, 45, 90], "upper": [15.0, 55, 110],
    ...                       "now": [0, 1, 2], "customers": [10, 45, 45]})
    >>> ax = plots.next_window(table, currency="EUR")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('classes by net now, low to high', 'EUR per customer')
    """
    ax = axes(ax)
    place = np.arange(len(table))
    ax.plot(place, table["this_window"], "o", mfc="white", color=MUTED, label="now")
    ax.vlines(place, table["lower"], table["upper"], color=ACCENT, lw=2.4)
    ax.plot(place, table["next_window"], "o", color=ACCENT, label="next window")
    ax.vlines(
        place, table["this_window"], table["next_window"], color=MUTED, lw=0.8, zorder=0
    )
    ax.axhline(0, color=INK, lw=1)
    names = ["below zero", *(str(k) for k in range(1, len(table)))]
    ax.set_xticks(place, names[: len(table)])
    ax.set(
        xlabel="classes by net now, low to high",
        ylabel=f"{currency} per customer".strip(),
        title="What became of this year's classes?",
    )
    ax.legend(loc="upper left")
    n = int(table["customers"].sum())
    note(ax, f"{n:,} customers present in both windows; bars: 95 % interval")
    return ax


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
