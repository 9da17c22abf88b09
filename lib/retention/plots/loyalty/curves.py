"""Figures of points redeemed, and of whom an offer moves."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention.plots.loyalty.bridges import DOWN, UP, above, beside
from retention.plots.theme import ACCENT, COLOURS, INK, MUTED, axes, note, per_cent


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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> curve = pd.DataFrame({"lag": [0, 6, 12], "share": [0.0, 0.4, 0.6],
    ...                       "lower": [0.0, 0.35, 0.5], "upper": [0.0, 0.45, 0.7]})
    >>> ax = plots.redemption_curve(curve, to_date=0.5)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months since the points were earned', 'redeemed by then')
    """
    ax = axes(ax)
    ax.fill_between(
        curve["lag"], curve["lower"], curve["upper"], color=ACCENT, alpha=0.2, lw=0
    )
    ax.plot(curve["lag"], curve["share"], color=ACCENT, marker="o", ms=3.5)
    last = curve.iloc[-1]
    beside(ax, last["lag"], last["share"], f"{100 * last['share']:.1f} %", ACCENT)
    if to_date is not None:
        ax.axhline(to_date, color=MUTED, ls="--", lw=1.4)
        above(ax, to_date, f"redeemed / earned to date {100 * to_date:.1f} %")
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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> moves = pd.DataFrame({"link": ["margin", "cost"], "low": [-0.4, 0.7],
    ...                       "high": [2.0, 0.9]})
    >>> ax = plots.return_moves(moves, roi=0.8)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['cost', 'margin']
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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> deciles = pd.DataFrame({"part": [1, 2], "foretold": [3.0, 1.0],
    ...                         "value": [2.5, 0.5], "lower": [1.0, -1.0],
    ...                         "upper": [4.0, 2.0], "n": 50})
    >>> ax = plots.uplift_deciles(deciles)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('tenths of the customers, highest foretold effect first', 'EUR per customer')
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

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> curve = pd.DataFrame({"share": [0, 0.5, 1], "gain": [0, 2, 2.5],
    ...                       "random": [0, 1.25, 2.5]})
    >>> ax = plots.qini_curve(curve)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('share of customers addressed', 'EUR per customer of all')
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
