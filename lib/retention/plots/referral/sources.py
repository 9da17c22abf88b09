"""Who sent new customers, and who gets the credit."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import (
    ACCENT,
    COLOURS,
    INK,
    MARKERS,
    MUTED,
    axes,
    note,
    per_cent,
)

RULES = {
    "first": "first touch",
    "last": "last touch",
    "linear": "linear",
    "position": "position",
    "shapley": "Shapley",
    "markov": "removal (Markov)",
}


def credit_matrix(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What the books made of each true source: darker is a larger share.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.credit_matrix`: `true`, `recorded`, `n`, `of`,
        `share`, `lower`, `upper`.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, referral
    >>> checked = pd.DataFrame({"true": ["referral", "referral", "rep"],
    ...                         "recorded": ["referral", "rep", "rep"],
    ...                         "n": [30, 60, 50]})
    >>> ax = plots.credit_matrix(referral.credit_matrix(checked))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('what the books say', 'who really sent them (checked)')
    """
    rows, columns = (list(dict.fromkeys(table[c])) for c in ("true", "recorded"))
    ax = axes(ax, height=1.6 + 0.62 * len(rows))
    wide = table.pivot(index="true", columns="recorded", values="share")
    shares = wide.loc[rows, columns].to_numpy()
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for cell in table.itertuples():
        low, high = 100 * cell.lower, 100 * cell.upper
        ax.annotate(
            f"{100 * cell.share:.0f} %\n{low:.0f} to {high:.0f}",
            (columns.index(cell.recorded), rows.index(cell.true)),
            ha="center",
            va="center",
            fontsize=9,
            color="white" if cell.share > 0.7 else INK,
        )
    sizes = table.groupby("true")["of"].first()
    ax.set_yticks(range(len(rows)), [f"{r} ({sizes[r]:,})" for r in rows])
    ax.set_xticks(range(len(columns)), columns)
    ax.set(xlabel="what the books say", ylabel="who really sent them (checked)")
    ax.set_title("Where the credit went")
    ax.grid(visible=False)
    note(ax, "Share of each row, with Wilson's 95 % interval.")
    return ax


def referred_share_over_time(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Referred share of new customers, year by year, beside the books.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.share_over_time`.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"time": ["2024", "2025"], "customers": [900, 950],
    ...                       "share": 0.4, "lower": 0.35, "upper": 0.45,
    ...                       "recorded": [0.1, 0.2], "fewest": 20})
    >>> ax = plots.referred_share_over_time(table)
    >>> [label.get_text().split()[0] for label in ax.get_xticklabels()]
    ['2024', '2025']
    """
    ax = axes(ax, height=3.8)
    place = np.arange(len(table))
    ax.vlines(place, table["lower"], table["upper"], color=ACCENT, lw=2.4)
    ax.plot(place, table["share"], "o-", color=ACCENT, lw=1, label="codes and answers")
    ax.plot(
        place,
        table["recorded"],
        "s--",
        color=MUTED,
        mfc="white",
        mew=1.6,
        lw=1,
        label="the books",
    )
    names = [f"{t}\nn = {n:,}" for t, n in table[["time", "customers"]].to_numpy()]
    ax.set_xticks(place, names)
    ax.set(
        xlabel="year of joining",
        ylabel="referred share of new customers",
        ylim=(0, min(1, 1.12 * table["upper"].max())),
        xlim=(-0.4, len(table) - 0.6),
    )
    ax.set_title("Who was sent by a customer, and who is booked as sent")
    per_cent(ax)
    ax.legend(loc="best")
    note(ax, "Vertical lines: 95 % interval (Chapman within strata).", lower=1)
    return ax


def channel_credit(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Credit of each channel by every rule.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.journey_credits`.
    ax : Axes, optional

    Returns
    -------
    Axes
        Hollow markers are rules of thumb, filled ones come with an interval.

    Examples
    --------
    >>> from retention import counts, plots, referral
    >>> paths = counts.paths_of([("ad > shop", 20, 9, "00"), ("shop", 30, 12, "01"),
    ...                          ("ad", 25, 2, "02"), ("friend > shop", 10, 6, "03")])
    >>> ax = plots.channel_credit(referral.journey_credits(paths, order=1))
    >>> sorted(label.get_text() for label in ax.get_yticklabels())
    ['ad', 'friend', 'shop']
    """
    ax = axes(ax, height=1.9 + 0.6 * len(table))
    shown = table.iloc[::-1].reset_index(drop=True)
    for k, (rule, label) in enumerate(RULES.items()):
        place = np.arange(len(shown)) + (2.5 - k) * 0.13
        exact = f"{rule}_lower" not in shown
        if not exact:
            bounds = shown[f"{rule}_lower"], shown[f"{rule}_upper"]
            ax.hlines(place, *bounds, color=COLOURS[k], lw=2)
        ax.plot(
            shown[rule],
            place,
            MARKERS[k],
            color=COLOURS[k],
            mfc="white" if exact else COLOURS[k],
            mew=1.5,
            markersize=6.5,
            ls="none",
            label=label,
        )
    ax.set_yticks(range(len(shown)), shown["channel"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(xlabel="share of the purchases credited", ylim=(-0.6, len(shown) - 0.4))
    ax.set_title("Six rules, six answers")
    per_cent(ax, axis="x")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    note(ax, "Lines: 95 % interval (delete-a-group jackknife). No rule is causal.")
    return ax
