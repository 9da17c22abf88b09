"""Figures of a programme's money: points, liability, return, and for whom it works."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention.plots.theme import ACCENT, COLOURS, INK, MUTED, axes, note, per_cent

UP, DOWN, TOTAL = ACCENT, "#d1701c", "#123c69"


def redemption_curve(
    curve: pd.DataFrame, ax: Axes | None = None, *, to_date: float | None = None
) -> Axes:
    """Share of points redeemed by so many months after they were earned.

    Parameters
    ----------
    curve : DataFrame
        `lag`, `share`, `lower`, `upper`, from `retention.loyalty.redemption`.
    ax : Axes, optional
    to_date : float, optional
        The naive share, redeemed over earned so far, as a dashed line.

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    ax.fill_between(
        curve["lag"], curve["lower"], curve["upper"], color=ACCENT, alpha=0.2, lw=0
    )
    ax.plot(curve["lag"], curve["share"], color=ACCENT, marker="o", ms=3.5)
    last = curve.iloc[-1]
    _beside(ax, last["lag"], last["share"], f"{100 * last['share']:.1f} %", ACCENT)
    if to_date is not None:
        ax.axhline(to_date, color=MUTED, ls="--", lw=1.4)
        _above(ax, to_date, f"redeemed / earned to date {100 * to_date:.1f} %")
    ax.set(
        ylim=(0, 1),
        xlim=(0, last["lag"] * 1.1),
        xlabel="months since the points were earned",
        ylabel="redeemed by then",
        title="How many points are ever redeemed",
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    per_cent(ax)
    note(ax, "Open and closed batches together. Band: 95 % jackknife over customers.")
    return ax


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


def return_moves(
    moves: pd.DataFrame, ax: Axes | None = None, *, roi: float = 0.0
) -> Axes:
    """What the return would be with one link at a time at the ends of its interval.

    Parameters
    ----------
    moves : DataFrame
        `link`, `low`, `high`, from `retention.loyalty.programme_roi`.
    ax : Axes, optional
    roi : float
        The estimate, where the bars meet.

    Returns
    -------
    Axes
    """
    shown = moves.assign(width=(moves["high"] - moves["low"]).abs())
    shown = shown.sort_values("width").reset_index(drop=True)
    ax = axes(ax, height=1.6 + 0.55 * len(shown))
    for place, row in shown.iterrows():
        ax.barh(place, row["low"] - roi, left=roi, color=DOWN, height=0.55)
        ax.barh(place, row["high"] - roi, left=roi, color=UP, height=0.55)
    ax.axvline(0, color=INK, lw=1)
    ax.axvline(roi, color=MUTED, lw=1, ls="--")
    ax.set_yticks(range(len(shown)), shown["link"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel="return on the programme (dashed: the estimate; solid: break-even)",
        title="What the return hangs on",
    )
    per_cent(ax, axis="x")
    note(
        ax, "Each bar: one link at the ends of its 95 % interval, the others unchanged."
    )
    return ax


def uplift_deciles(
    deciles: pd.DataFrame, ax: Axes | None = None, *, unit: str = "EUR per customer"
) -> Axes:
    """Effect of the offer by foretold effect, highest first, with intervals.

    Parameters
    ----------
    deciles : DataFrame
        `part`, `foretold`, `value`, `lower`, `upper`, from `retention.loyalty.uplift`.
    ax : Axes, optional
    unit : str

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    ax.vlines(deciles["part"], deciles["lower"], deciles["upper"], color=ACCENT, lw=2.4)
    ax.plot(deciles["part"], deciles["value"], "o", color=ACCENT, label="found")
    style = {"color": COLOURS[2], "ls": "--", "marker": "s", "ms": 4}
    ax.plot(deciles["part"], deciles["foretold"], label="foretold", **style)
    ax.axhline(0, color=INK, lw=1)
    ax.set_xticks(deciles["part"])
    ax.set(
        xlabel="tenths of the customers, highest foretold effect first",
        ylabel=unit,
        title="Do those gain whom the score says will gain?",
    )
    ax.margins(y=0.2)
    ax.legend(loc="upper center", ncols=2)
    note(ax, f"{int(deciles['n'].sum()):,} customers. Bars: 95 % intervals.")
    return ax


def qini_curve(
    curve: pd.DataFrame, ax: Axes | None = None, *, unit: str = "EUR per customer"
) -> Axes:
    """Gain from addressing customers in order of a score, against at random.

    Parameters
    ----------
    curve : DataFrame
        `share`, `gain`, `random`, from `retention.loyalty.uplift`.
    ax : Axes, optional
    unit : str

    Returns
    -------
    Axes
    """
    ax = axes(ax)
    ax.plot(curve["share"], curve["gain"], color=ACCENT, label="in order of the score")
    ax.plot(curve["share"], curve["random"], color=MUTED, ls="--", label="at random")
    ax.axhline(0, color=INK, lw=1)
    ax.set(
        xlabel="share of customers addressed",
        ylabel=f"{unit} of all",
        title="What addressing by score would gain",
    )
    per_cent(ax, axis="x")
    ax.legend(loc="upper left")
    return ax


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


def _beside(ax, x, y, text, colour) -> None:
    ax.annotate(
        text,
        (x, y),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
        color=colour,
    )


def _above(ax, y, text) -> None:
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
