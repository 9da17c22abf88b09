"""The ledger at a glance: where each saying would be true, and where the company is."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.claims import SIGNS
from retention.plots.theme import ACCENT, INK, axes

_REGION = "#d9dde3"
_SMALL = "#5c6169"
_SHADES = ("#0b6e7f", "#8c4a3a", "#e3c78a", "#d9dde3", "#b9a7cc")


def ledger(
    table: pd.DataFrame, ax: Axes | None = None, *, title: str = "Saying by saying"
) -> Axes:
    """Each saying's region beside this company's interval, each row on its own scale.

    Parameters
    ----------
    table : DataFrame
        `id`, `low`, `high` (infinite where the region is open), `value`, `lower`,
        `upper`, `verdict` and two texts, `here` and `true_if`, as
        `claims.regions` and `claims.table` have them. Drawn from top to bottom.
    ax : Axes, optional
    title : str

    Returns
    -------
    Axes
        Grey: where the saying is true; a bar that reaches the frame goes on beyond
        it. Point and line: the estimate with its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({
    ...     "id": ["L04a", "L41"], "low": [0.2, 1.0], "high": [0.3, float("inf")],
    ...     "value": [0.18, 0.44], "lower": [0.17, 0.40], "upper": [0.19, 0.48],
    ...     "verdict": "DOES NOT HOLD", "here": ["18 %", "0.44"],
    ...     "true_if": ["20 to 30 %", "at least 1"]})
    >>> ax = plots.ledger(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['L41', 'L04a']
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    ax = axes(ax, height=1.2 + 0.34 * len(shown))
    for place, row in shown.iterrows():
        low, high, value, lower, upper = _placed(row)
        ax.barh(place, high - low, left=low, height=0.62, color=_REGION)
        ax.hlines(place, lower, upper, color=ACCENT, lw=2.4)
        ax.plot(value, place, "o", color=ACCENT, markersize=6)
        _written(ax, place, row)
    ax.set_yticks(range(len(shown)), shown["id"])
    ax.grid(visible=False)
    ax.set(ylim=(-0.6, len(shown) - 0.4), xlim=(0, 1), xticks=[], title=title)
    ax.set_xlabel("grey: the saying is true · line: this company, 95 % interval")
    return ax


def verdicts(
    table: pd.DataFrame, ax: Axes | None = None, *, title: str = "Sayings by verdict"
) -> Axes:
    """How many sayings of each study got which verdict.

    Parameters
    ----------
    table : DataFrame
        `study` and `verdict`, a row a saying, as in `claims.Ledger.table`.
    ax : Axes, optional
    title : str

    Returns
    -------
    Axes
        One bar a study, from HOLDS on the left; each part has its sign and number,
        so that it can be read without colour.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"study": ["tenure", "tenure", "customer_value"],
    ...                       "verdict": ["HOLDS", "DOES NOT HOLD", "HOLDS"]})
    >>> ax = plots.verdicts(table)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['customer value', 'tenure']
    """
    counted = pd.crosstab(table["study"], table["verdict"])
    counted = counted.reindex(index=table["study"].unique()[::-1], columns=list(SIGNS))
    counted = counted.fillna(0).astype(int)
    ax = axes(ax, height=1.3 + 0.5 * len(counted))
    begins = np.zeros(len(counted))
    for verdict, colour in zip(SIGNS, _SHADES, strict=True):
        _part(ax, counted[verdict].to_numpy(), begins, verdict, colour)
        begins = begins + counted[verdict].to_numpy()
    ax.set_yticks(range(len(counted)), counted.index.str.replace("_", " "))
    ax.set(xlabel="readings of sayings", title=title)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
    return ax


def _part(ax, lengths, begins, verdict, colour):
    ax.barh(
        range(len(lengths)),
        lengths,
        left=begins,
        height=0.7,
        color=colour,
        edgecolor="white",
        label=f"{SIGNS[verdict]} {verdict}",
    )
    ink = "white" if colour in _SHADES[:2] else INK
    for place, (length, begin) in enumerate(zip(lengths, begins, strict=True)):
        if length:
            text = f"{SIGNS[verdict]} {length}"
            middle = begin + length / 2
            ax.text(middle, place, text, ha="center", va="center", color=ink, size=8.5)


def _placed(row) -> list[float]:
    """Region and interval on a scale from 0 to 1 that holds both."""
    ends = [row[n] for n in ("low", "high", "value", "lower", "upper")]
    finite = [end for end in ends if np.isfinite(end)]
    first, last = min(finite), max(finite)
    margin = 0.15 * (last - first) or 1.0
    first, span = first - margin, last - first + 2 * margin
    scaled = [np.clip((end - first) / span, 0, 1) for end in ends]
    return [float(end) for end in scaled]


def _written(ax, place, row):
    kwargs = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": 9}
    verdict = f"{SIGNS[row['verdict']]} {row['verdict']}"
    ax.annotate(verdict, xy=(1.015, place), color=INK, **kwargs)
    told = f"{row['here']}  ·  true if {row['true_if']}"
    ax.annotate(told, xy=(1.25, place), color=_SMALL, **kwargs)
