"""Figures that add up from one amount to another: liability, and the return."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, INK, MUTED, axes

UP, DOWN, TOTAL = ACCENT, "#d1701c", "#123c69"


def liability_bridge(
    rolled: pd.DataFrame,
    ax: Axes | None = None,
    *,
    months: int = 12,
    currency: str = "EUR",
) -> Axes:
    """Contract liability of the points, from opening to closing balance.

    Parameters
    ----------
    rolled : DataFrame
        From `retention.loyalty.liability`.
    ax : Axes, optional
    months : int
        Last months that the bridge spans.
    currency : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import loyalty, plots
    >>> batches = pd.DataFrame({"batch": [0, 0, 1], "lag": [0, 1, 0], "n": 1,
    ...                         "kind": ["earn", "redeem", "earn"],
    ...                         "points": [100.0, 50.0, 100.0]})
    >>> sales = pd.DataFrame({"batch": [0, 1], "points": 100.0, "sales": 1000.0})
    >>> rolled = loyalty.liability(batches, sales, ultimate=0.7, value_of_a_point=1.0)
    >>> ax = plots.liability_bridge(rolled, currency="EUR")
    >>> ax.get_ylabel(), len(ax.patches)
    ('EUR', 5)
    """
    span = rolled.tail(months)
    steps = [
        ("opening\nbalance", span["opening"].iloc[0], TOTAL),
        ("deferred on\npoints granted", span["granted"].sum(), UP),
        ("recognised on\nredemption", span["redeemed"].sum(), DOWN),
        ("recognised\non expiry", span["expired"].sum(), DOWN),
        ("closing\nbalance", span["closing"].iloc[-1], TOTAL),
    ]
    first, last = span["month"].iloc[0], span["month"].iloc[-1]
    return _bridge(
        axes(ax),
        steps,
        ylabel=currency,
        title=f"What is owed for points, {first} to {last}",
        xlabel="contract liability (IFRS 15); breakage is in the amount deferred",
    )


def return_chain(
    table: pd.DataFrame, ax: Axes | None = None, *, currency: str = "EUR"
) -> Axes:
    """From incremental margin to what is left, for one enrolled customer.

    Parameters
    ----------
    table : DataFrame
        The `table` of `retention.loyalty.programme_roi`.
    ax : Axes, optional
    currency : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({
    ...     "link": ["incremental margin", "rewards, at ultimate redemption",
    ...              "running cost of the programme", "margin less cost"],
    ...     "value": [9.0, 3.0, 2.0, 4.0], "lower": [2.0, 2.9, 1.9, -3.0],
    ...     "upper": [16.0, 3.1, 2.1, 11.0]})
    >>> ax = plots.return_chain(table, currency="EUR")
    >>> ax.get_title("left")
    'Does the programme pay?'
    """
    found = table.set_index("link")
    rows = [found.loc[name] for name in _CHAIN]
    values = [rows[0]["value"], -rows[1]["value"], -rows[2]["value"], rows[3]["value"]]
    labels = ["incremental\nmargin", "rewards", "running\ncost", "left over"]
    colours = [UP, DOWN, DOWN, TOTAL]
    ax = _bridge(
        axes(ax),
        list(zip(labels, values, colours, strict=True)),
        ylabel=f"{currency} per enrolled customer",
        title="Does the programme pay?",
        xlabel="whiskers: 95 % intervals, carried through the whole chain",
        opening=False,
    )
    for place, row in ((0, rows[0]), (3, rows[3])):
        if np.isfinite([row["lower"], row["upper"]]).all():
            ax.vlines(place, row["lower"], row["upper"], color=INK, lw=1.6)
            ax.plot([place] * 2, [row["lower"], row["upper"]], "_", color=INK, ms=11)
    ax.relim()
    ax.autoscale_view()
    return ax


_CHAIN = (
    "incremental margin",
    "rewards, at ultimate redemption",
    "running cost of the programme",
    "margin less cost",
)


def _bridge(ax, steps, *, ylabel, title, xlabel, opening=True) -> Axes:
    """Bars that start where the one before ended; the last one from zero."""
    level = 0.0
    for place, (_, value, colour) in enumerate(steps):
        total = place == len(steps) - 1 or (opening and place == 0)
        base = 0.0 if total else level
        ax.bar(place, value, bottom=base, color=colour, width=0.62)
        top = max(base, base + value)
        place_text = (place + (0 if opening else 0.2), top)
        ax.annotate(
            f"{value:,.{0 if abs(level) + abs(value) >= 100 else 2}f}".replace(
                "-", "−"
            ),
            place_text,
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9.5,
            color=INK,
        )
        level = base + value
        if place < len(steps) - 1:
            ax.hlines(level, place + 0.31, place + 0.69, color=MUTED, lw=1)
    ax.axhline(0, color=INK, lw=1)
    ax.set_xticks(range(len(steps)), [name for name, _, _ in steps])
    ax.use_sticky_edges = False
    ax.margins(y=0.1)
    ax.set(ylabel=ylabel, title=title, xlabel=xlabel)
    if ax.get_ylim()[0] > -0.2 * ax.get_ylim()[1] and opening:
        ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:,.0f}".replace("-", "−"))
    return ax


def beside(ax, x, y, text, colour) -> None:
    """Write a text to the right of a point."""
    ax.annotate(
        text,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        color=colour,
    )


def above(ax, y, text) -> None:
    """Write a text over a horizontal line, at its right end."""
    ax.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=MUTED,
    )
