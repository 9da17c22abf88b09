"""Figures of the designs that tell an effect from a difference."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention.plots.theme import ACCENT, INK, MUTED, axes, note

LIMIT = "#d1701c"
BALANCE = {
    "before": ("as they are", {"marker": "o", "mfc": "white", "color": MUTED}),
    "after": ("weighted", {"marker": "o", "mfc": ACCENT, "color": ACCENT}),
    "entropy": ("entropy balanced", {"marker": "D", "mfc": INK, "color": INK}),
    "smd": ("difference", {"marker": "o", "mfc": ACCENT, "color": ACCENT}),
}


def event_study(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "EUR per month",
    period: str = "month",
    fewest: int = 0,
    title: str = "What enrolment changed, month by month",
) -> Axes:
    """Effect by time since enrolment, with pointwise intervals and a joint band.

    Parameters
    ----------
    table : DataFrame
        `event_time`, `effect`, `lower`, `upper`, `band_lower`, `band_upper`, `n`: the
        `event_study` of `retention.loyalty.staggered`. Where there is no standard
        error only the points are drawn.
    ax : Axes, optional
    unit, period : str
        Of the outcome and of time.
    fewest : int
        Times with fewer enrolled customers are left out.
    title : str

    Returns
    -------
    Axes
        Hollow points before enrolment, where nothing should be seen.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"event_time": [-1, 0, 1], "effect": [0.1, 2.0, 2.2],
    ...                       "n": [200, 200, 150]})
    >>> for name, width in {"": 1, "band_": 2}.items():
    ...     table[f"{name}lower"] = table["effect"] - width
    ...     table[f"{name}upper"] = table["effect"] + width
    >>> ax = plots.event_study(table, unit="EUR per month")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months since enrolment', 'EUR per month')
    """
    ax = axes(ax)
    shown = table[table["n"] >= fewest].sort_values("event_time")
    time, effect = shown["event_time"], shown["effect"]
    before = time < 0
    for side in (before, ~before):
        if {"band_lower", "band_upper"} <= set(shown):
            band = shown["band_lower"][side], shown["band_upper"][side]
            ax.fill_between(time[side], *band, color=ACCENT, alpha=0.15, lw=0)
    ax.vlines(time, shown["lower"], shown["upper"], color=ACCENT, lw=1.6)
    ax.plot(time[before], effect[before], "o", mfc="white", mec=ACCENT, ms=6, mew=1.6)
    ax.plot(time[~before], effect[~before], "o", color=ACCENT, ms=6)
    ax.axhline(0, color=INK, lw=1)
    ax.axvline(-0.5, color=MUTED, lw=1, ls="--")
    ax.set(xlabel=f"{period}s since enrolment", ylabel=unit, title=title)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    sizes = f"{shown['n'].min():,} to {shown['n'].max():,}" if len(shown) else "no"
    text = f"Each point rests on {sizes} enrolled customers; hollow: before enrolment."
    if shown["lower"].notna().any():
        text += (
            "\nLines: 95 % intervals one by one. Band: 95 % for all of them together."
        )
    note(ax, text)
    return ax


def love_plot(
    balance: pd.DataFrame,
    ax: Axes | None = None,
    *,
    columns: tuple[str, ...] = ("before", "after"),
    limit: float = 0.10,
    most: int = 20,
    title: str = "Members and others: how different were they before?",
) -> Axes:
    """Standardised differences of every covariate, before and after weighting.

    Parameters
    ----------
    balance : DataFrame
        `label` and the columns to draw: the `balance` of
        `retention.loyalty.doubly_robust` (`before`, `after`, `entropy`), or the table
        of `retention.loyalty.balance` (`smd`).
    ax : Axes, optional
    columns : tuple of str
        Which differences.
    limit : float
        Largest tolerable one, as dashed lines.
    most : int
        Covariates shown, those that differ most first.
    title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> balance = pd.DataFrame({"label": ["tenure", "plan: plus"],
    ...                         "before": [0.4, -0.2],
    ...                         "after": [0.02, 0.01]})
    >>> ax = plots.love_plot(balance)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['plan: plus', 'tenure']
    """
    order = balance[columns[0]].abs().sort_values(ascending=False, kind="stable")
    shown = balance.loc[order.index[:most]].iloc[::-1].reset_index(drop=True)
    ax = axes(ax, height=1.8 + 0.3 * len(shown))
    place = np.arange(len(shown))
    for column in columns:
        label, look = BALANCE[column]
        ax.plot(shown[column], place, ls="none", ms=7, mew=1.6, label=label, **look)
    for edge in (-limit, limit):
        ax.axvline(edge, color=LIMIT, lw=1.2, ls="--")
    ax.axvline(0, color=INK, lw=1)
    ax.set_yticks(place, shown["label"].str.replace("_", " "))
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel="members minus others, in standard deviations",
        title=title,
        ylim=(-0.6, len(shown) - 0.4),
    )
    if len(columns) > 1:
        ax.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none")
    left = len(balance) - len(shown)
    rest = f" {left} that differ less are not shown." if left > 0 else ""
    note(ax, f"Dashed: {limit:g}, beyond which a difference matters.{rest}")
    return ax


def threshold_plot(
    curve: pd.DataFrame,
    ax: Axes | None = None,
    *,
    threshold: float = 0.0,
    bandwidth: float | None = None,
    xlabel: str = "spend that qualifies",
    ylabel: str = "EUR per month, afterwards",
    title: str = "What the tier changed at its threshold",
) -> Axes:
    """Means of narrow bins around a threshold, and the local lines.

    Parameters
    ----------
    curve : DataFrame
        `middle` (minus the threshold), `value`, `n`, `fit`: the `curve` of
        `retention.loyalty.threshold`.
    ax : Axes, optional
    threshold : float
        Where it lies, for the scale.
    bandwidth : float, optional
        Bins farther away than twice it are left out; those beyond it are pale.
    xlabel, ylabel, title : str

    Returns
    -------
    Axes
        The area of a point grows with its customers.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> curve = pd.DataFrame({"middle": [-15.0, -5.0, 5.0, 15.0],
    ...                       "value": [50.0, 51.0, 56.0, 57.0],
    ...                       "n": [40, 44, 42, 38], "fit": [50.0, 51.0, 56.0, 57.0]})
    >>> ax = plots.threshold_plot(curve, threshold=900, bandwidth=20)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('spend that qualifies', 'EUR per month, afterwards')
    """
    ax = axes(ax)
    reach = np.inf if bandwidth is None else 2 * bandwidth
    shown = curve[(curve["middle"].abs() <= reach) & (curve["n"] > 0)]
    used = shown["fit"].notna()
    size = 8 + 70 * shown["n"] / max(shown["n"].max(), 1)
    for part, colour in ((used, ACCENT), (~used, "#c5cad1")):
        own = shown[part]
        ax.scatter(
            own["middle"] + threshold, own["value"], s=size[part], color=colour, lw=0
        )
    for side in (shown["middle"] < 0, shown["middle"] > 0):
        own = shown[used & side]
        ax.plot(own["middle"] + threshold, own["fit"], color=INK, lw=2)
    ax.axvline(threshold, color=MUTED, lw=1.2, ls="--")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    n = int(shown.loc[used, "n"].sum())
    note(
        ax, f"Points: means of bins, area by customers. Lines: fitted to {n:,} of them."
    )
    return ax


def density_plot(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    threshold: float = 0.0,
    xlabel: str = "spend that qualifies",
    title: str = "Did customers push themselves over the threshold?",
) -> Axes:
    """Histogram around a threshold, with the density on either side of it.

    Parameters
    ----------
    table : DataFrame
        `middle` (minus the threshold), `n`, `density`, `fit`: the `table` of
        `retention.loyalty.density`.
    ax : Axes, optional
    threshold : float
        Where it lies, for the scale.
    xlabel, title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"middle": [-15.0, -5.0, 5.0, 15.0], "n": [40, 44, 42, 38],
    ...                       "density": [0.024, 0.027, 0.026, 0.023],
    ...                       "fit": [0.024, 0.027, 0.026, 0.023]})
    >>> ax = plots.density_plot(table, threshold=900)
    >>> ax.get_xlabel(), ax.get_title("left")
    ('spend that qualifies', 'Did customers push themselves over the threshold?')
    """
    ax = axes(ax)
    width = float(np.diff(table["middle"]).min()) if len(table) > 1 else 1.0
    share = table["n"].sum() * width  # density to customers in a bin
    above = table["middle"] > 0
    for part, colour in ((~above, "#c5cad1"), (above, "#8fbcc4")):
        own = table[part]
        ax.bar(own["middle"] + threshold, own["n"], width=0.92 * width, color=colour)
        line = own.dropna(subset=["fit"])
        ax.plot(line["middle"] + threshold, line["fit"] * share, color=INK, lw=2)
    ax.axvline(threshold, color=LIMIT, lw=1.4, ls="--")
    ax.set(xlabel=xlabel, ylabel=f"customers per {width:g}", title=title)
    note(ax, f"{table['n'].sum():,} customers. Lines: local fits up to the threshold.")
    return ax
