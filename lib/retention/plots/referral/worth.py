"""What referred customers and referrals are worth, and word of mouth."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import (
    ACCENT,
    INK,
    LINES,
    MUTED,
    axes,
    note,
    per_cent,
)


def margin_gap(table: pd.DataFrame, ax: Axes | None = None, *, unit: str = "") -> Axes:
    """Monthly margin of referred customers less that of others, by tenure.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.margin_gap`.
    ax : Axes, optional
    unit : str
        Currency.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"months": ["1-6", "7 on"], "customer_months": [500, 700],
    ...                       "gap": [1.5, 0.2], "lower": [1.0, -0.2],
    ...                       "upper": [2.0, 0.6]})
    >>> ax = plots.margin_gap(table, unit="EUR")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months of tenure', 'EUR a month, referred less others')
    """
    ax = axes(ax, height=3.6)
    place = np.arange(len(table))
    ax.axhline(0, color=INK, lw=1)
    ax.vlines(place, table["lower"], table["upper"], color=ACCENT, lw=2.4)
    ax.plot(place, table["gap"], "o-", color=ACCENT, lw=1)
    ax.set_xticks(place, table["months"])
    ax.set(
        xlabel="months of tenure",
        ylabel=f"{unit} a month, referred less others".strip(),
        xlim=(-0.4, len(table) - 0.6),
    )
    ax.set_title("Does the margin premium of referred customers last?")
    months = int(table["customer_months"].sum())
    note(ax, f"n = {months:,} customer-months; 95 % interval (jackknife).")
    return ax


def referral_worth(
    table: pd.DataFrame, ax: Axes | None = None, *, unit: str = "", own: float = np.nan
) -> Axes:
    """Value of a customer's referrals by the share that would not have joined anyway.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.referral_worth`.
    ax : Axes, optional
    unit : str
        Currency.
    own : float
        Value of the customer's own purchases, drawn beside it.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"type_one": [0.0, 0.5, 1.0],
    ...                       "value_per_customer": [20.0, 70.0, 120.0],
    ...                       "lower": [18.0, 63.0, 108.0],
    ...                       "upper": [22.0, 77.0, 132.0]})
    >>> ax = plots.referral_worth(table, unit="EUR", own=300.0)
    >>> ax.get_xlabel()
    'share of referred customers who would not have joined otherwise'
    """
    ax = axes(ax, height=3.8)
    ax.fill_between(
        table["type_one"], table["lower"], table["upper"], color=ACCENT, alpha=0.2, lw=0
    )
    ax.plot(
        table["type_one"],
        table["value_per_customer"],
        "o-",
        color=ACCENT,
        label="its referrals",
    )
    if np.isfinite(own):
        ax.axhline(own, color=MUTED, ls=LINES[1], lw=1.6, label="its own purchases")
        ax.legend(loc="center left")
    ax.set(
        xlabel="share of referred customers who would not have joined otherwise",
        ylabel=f"{unit} per customer".strip(),
        ylim=(min(0, table["lower"].min()), None),
    )
    per_cent(ax, axis="x")
    ax.set_title("What a customer is worth: purchases and referrals")
    note(ax, "Band: 95 % interval, given the share on the axis, which is not known.")
    return ax


def word_of_mouth(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """People told, interested and joined, per customer, on a log scale.

    Parameters
    ----------
    table : DataFrame
        `stage`, `per_customer` with `lower`, `upper` (NaN where there is none), and
        `said` (what the saying claims; NaN where it claims nothing).
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"stage": ["told", "interested", "joined"],
    ...                       "per_customer": [6.0, 1.5, 0.2],
    ...                       "lower": [5.5, 1.3, 0.15],
    ...                       "upper": [6.5, 1.7, 0.25], "said": [25.0, 8.0, 1.0]})
    >>> ax = plots.word_of_mouth(table)
    >>> ax.get_xscale(), [label.get_text() for label in ax.get_yticklabels()]
    ('log', ['joined', 'interested', 'told'])
    """
    ax = axes(ax, height=1.7 + 0.55 * len(table))
    shown = table.iloc[::-1].reset_index(drop=True)
    place = np.arange(len(shown))
    ax.hlines(place, shown["lower"], shown["upper"], color=ACCENT, lw=2.4)
    ax.plot(
        shown["per_customer"], place, "o", color=ACCENT, ms=8, label="customers asked"
    )
    ax.plot(
        shown["said"], place, "D", color=MUTED, mfc="white", mew=1.6, label="1:25:8:1"
    )
    ax.set_xscale("log")
    ticks = np.array([0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100])
    low, high = np.nanmin(shown["lower"]) / 1.5, np.nanmax(shown["said"]) * 1.6
    inside = ticks[(ticks >= low) & (ticks <= high)]
    ax.set_xticks(inside, [f"{tick:g}" for tick in inside])
    ax.set_xticks([], minor=True)
    ax.set_yticks(place, shown["stage"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel="people per customer (log scale)",
        xlim=(low, high),
        ylim=(-0.6, len(shown) - 0.4),
    )
    ax.set_title("Told, interested, joined")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    note(ax, "Lines: 95 % interval.")
    return ax
