"""How referrals spread: by tenure, by customer, from one to the next."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import StrMethodFormatter

from retention.plots.theme import (
    ACCENT,
    COLOURS,
    LINES,
    MARKERS,
    MUTED,
    axes,
    note,
)


def referrals_per_customer(
    table: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month"
) -> Axes:
    """Expected referrals of a new customer by tenure.

    Parameters
    ----------
    table : DataFrame
        `table` of `retention.referral.Reproduction`, as far as it is to be drawn.
    ax : Axes, optional
    unit : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, referral
    >>> tenure = pd.DataFrame({"entry": 0, "duration": [3, 6, 9], "event": [1, 1, 0],
    ...                        "bucket": list("abc"), "n": [100, 200, 700]})
    >>> made = pd.DataFrame({"period": [2, 4], "bucket": list("ab"), "n": [20, 30]})
    >>> ax = plots.referrals_per_customer(referral.reproduction(tenure, made).table)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months of tenure', 'referrals per new customer')
    """
    ax = axes(ax, height=3.8)
    ax.fill_between(
        table["period"], table["lower"], table["upper"], color=ACCENT, alpha=0.18, lw=0
    )
    ax.plot(table["period"], table["referrals"], color=ACCENT, label="all referrals")
    ax.plot(
        table["period"],
        table["linked"],
        color=MUTED,
        ls=LINES[1],
        label="only those that links show",
    )
    ax.set(
        xlabel=f"{unit}s of tenure",
        ylabel="referrals per new customer",
        ylim=(0, None),
        xlim=(0, table["period"].max()),
    )
    ax.set_title("How many customers a new customer sends")
    ax.legend(loc="upper left")
    n, last = table["at_risk"].iloc[0], table["at_risk"].iloc[-1]
    note(
        ax,
        f"{n:,} customers at risk in the first {unit}, {last:,} in the last. Band: "
        "95 % interval (jackknife).",
    )
    return ax


def referral_tree(nodes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """One chain of referrals, generation by generation.

    Parameters
    ----------
    nodes : DataFrame
        `largest()` of a `retention.referral.ReferralTree`; its index is the row
        that `parent` points to.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, referral
    >>> pairs = pd.DataFrame([("a", "b"), ("b", "c"), ("b", "d"), ("a", "e")],
    ...                      columns=["referrer_id", "referee_id"])
    >>> ax = plots.referral_tree(referral.referral_tree(pairs).largest())
    >>> ax.get_title("left")
    'The largest chain that links show'
    """
    ax = axes(ax, height=3.6)
    height = _heights(nodes)
    for row in nodes.itertuples():
        if row.parent >= 0:
            ends = [row.generation - 1, row.generation]
            ax.plot(
                ends, [height[row.parent], height[row.Index]], color="#b9bec6", lw=1.2
            )
    ax.scatter(
        nodes["generation"],
        [height[i] for i in nodes.index],
        s=40 + 60 * nodes["direct"],
        color=ACCENT,
        edgecolor="white",
        zorder=3,
    )
    for row in nodes[nodes["direct"] > 0].itertuples():
        ax.annotate(
            f"{row.direct}",
            (row.generation, height[row.Index]),
            ha="center",
            va="center",
            fontsize=8,
            color="white",
            zorder=4,
        )
    last = int(nodes["generation"].max())
    ax.set_xticks(range(last + 1), ["first", *map(str, range(1, last + 1))])
    ax.set_yticks([])
    ax.grid(visible=False)
    ax.spines["left"].set_visible(False)
    ax.set(xlabel="generation", xlim=(-0.3, last + 0.3))
    ax.margins(y=0.12)
    ax.set_title("The largest chain that links show")
    note(ax, f"{len(nodes):,} customers; the number in a dot: customers it sent.")
    return ax


def offspring(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Customers by the number they sent, beside what chance would give.

    Parameters
    ----------
    table : DataFrame
        From `retention.referral.offspring_fit`.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, referral
    >>> counted = pd.DataFrame({"referrals": [0, 1, 2, 3], "n": [900, 60, 15, 5]})
    >>> ax = plots.offspring(referral.offspring_fit(counted))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('linked referrals made', 'customers (log scale)')
    """
    ax = axes(ax, height=3.8)
    x = table["referrals"]
    ax.bar(x, table["customers"], width=0.6, color="#c9d8de", label="customers")
    for k, (column, label) in enumerate(
        [("poisson", "all refer alike"), ("negative_binomial", "customers differ")]
    ):
        ax.plot(
            x,
            table[column],
            MARKERS[k],
            color=COLOURS[2 * k],
            mfc="white",
            mew=1.8,
            markersize=8,
            ls="none",
            label=label,
        )
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    ax.set_yticks([], minor=True)
    ax.set_ylim(0.3, 3 * table["customers"].max())
    ax.set_xticks(x)
    ax.set(xlabel="linked referrals made", ylabel="customers (log scale)")
    ax.set_title("Do all customers refer alike?")
    ax.legend(loc="upper right")
    note(ax, f"n = {int(table['customers'].sum()):,} customers followed as long.")
    return ax


def _heights(nodes: pd.DataFrame) -> dict[int, float]:
    """Leaves one below the other; a referrer in the middle of those it sent."""
    sent = {i: list(group.index) for i, group in nodes.groupby("parent")}
    height: dict[int, float] = {}
    order, waiting = [], list(nodes.index[nodes["parent"] < 0])
    while waiting:
        at = waiting.pop()
        order.append(at)
        waiting += reversed(sent.get(at, []))
    leaves = 0
    for at in order:
        if at not in sent:
            height[at], leaves = -float(leaves), leaves + 1
    for at in reversed(order):
        if at in sent:
            height[at] = float(np.mean([height[child] for child in sent[at]]))
    return height
