"""Figures of moves between tiers, of early warning and of what is bought next."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, COLOURS, INK, MUTED, axes, note, per_cent


def transition_matrix(
    table: pd.DataFrame, ax: Axes | None = None, *, order: list[str], period: str = ""
) -> Axes:
    """Chances of moving from tier to tier, with their intervals, as a table of shades.

    Parameters
    ----------
    table : DataFrame
        `tier`, `next`, `probability`, `lower`, `upper`, `n`.
    ax : Axes, optional
    order : list of str
        Tiers from low to high; exits follow.
    period : str
        What a step is, for the label.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"tier": ["low", "low", "top"], "next": ["low", "top",
    ...                       "top"],
    ...                       "probability": [0.9, 0.1, 1.0],
    ...                       "lower": [0.88, 0.08, 0.96],
    ...                       "upper": [0.92, 0.12, 1.0], "n": [900, 100, 95]})
    >>> ax = plots.transition_matrix(table, order=["low", "top"], period="a quarter")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['low', 'top']
    """
    columns = [*order, *sorted(set(table["next"]) - set(order))]
    rows = [t for t in order if t in set(table["tier"])]
    ax = axes(ax, height=1.9 + 0.62 * len(rows))
    for row in table[table["tier"].isin(rows)].itertuples():
        x, y = columns.index(row.next), rows.index(row.tier)
        shade = 0.12 + 0.78 * row.probability**0.5
        ax.add_patch(_cell(x, y, shade))
        dark = shade > 0.55
        ax.text(
            x,
            y,
            f"{100 * row.probability:.2f} %\n"
            f"{100 * row.lower:.2f} to {100 * row.upper:.2f} %",
            ha="center",
            va="center",
            fontsize=9,
            color="white" if dark else INK,
        )
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    ax.set(
        xlim=(-0.5, len(columns) - 0.5),
        ylim=(len(rows) - 0.5, -0.5),
        xlabel=f"tier {period} later".replace("  ", " "),
        ylabel="tier now",
        title="How customers move between tiers",
    )
    note(ax, f"{int(table['n'].sum()):,} moves; beneath each chance its 95 % interval")
    return ax


def calibration_plot(
    table: pd.DataFrame, ax: Axes | None = None, *, horizon: str
) -> Axes:
    """Predicted against observed risk in groups of rising risk.

    Parameters
    ----------
    table : DataFrame
        `predicted`, `observed`, `lower`, `upper`, `customers`.
    ax : Axes, optional
    horizon : str
        How far the risk looks ahead: "6 months".

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"predicted": [0.05, 0.20], "observed": [0.04, 0.22],
    ...                       "lower": [0.01, 0.15], "upper": [0.09, 0.31],
    ...                       "customers": [100, 100]})
    >>> ax = plots.calibration_plot(table, horizon="6 months")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('predicted risk over 6 months', 'observed, 95 % interval')
    """
    from matplotlib.ticker import MaxNLocator

    ax = axes(ax)
    edge = 1.08 * max(table["upper"].max(), table["predicted"].max())
    ax.plot([0, edge], [0, edge], color=MUTED, lw=1, label="as predicted")
    ax.vlines(table["predicted"], table["lower"], table["upper"], color=ACCENT, lw=2.4)
    ax.plot(table["predicted"], table["observed"], "o", color=ACCENT, label="observed")
    ax.set(
        xlabel=f"predicted risk over {horizon}",
        ylabel="observed, 95 % interval",
        title="Did as many leave as predicted?",
        xlim=(0, edge),
        ylim=(0, edge),
    )
    per_cent(ax)
    per_cent(ax, axis="x")
    for scale in (ax.xaxis, ax.yaxis):
        scale.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.legend(loc="upper left")
    note(
        ax,
        f"{int(table['customers'].sum()):,} customers at a landmark after those learnt "
        "from, in tenths by risk",
    )
    return ax


def gains_curve(
    table: pd.DataFrame, ax: Axes | None = None, *, capacity: float, n: int
) -> Axes:
    """Leavers found by customers called, the riskiest first.

    Parameters
    ----------
    table : DataFrame
        `called` and `found`, shares.
    ax : Axes, optional
    capacity : float
        Share of customers who can be called.
    n : int
        Customers, for the note.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"called": [0, 0.1, 1.0], "found": [0, 0.4, 1.0]})
    >>> ax = plots.gains_curve(table, capacity=0.1, n=200)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('share of customers called', 'share of leavers among them')
    """
    ax = axes(ax)
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, label="called at random")
    ax.plot(table["called"], table["found"], color=ACCENT, label="riskiest first")
    met = float(np.interp(capacity, table["called"], table["found"]))
    ax.vlines(capacity, 0, met, color=INK, lw=1, ls=":")
    ax.plot(capacity, met, "o", color=ACCENT, markersize=8)
    ax.text(
        0.03,
        0.94,
        f"dot: {100 * capacity:.1f} % called, {100 * met:.1f} % of leavers found",
        transform=ax.transAxes,
        va="top",
    )
    ax.set(
        xlabel="share of customers called",
        ylabel="share of leavers among them",
        title="What would calls have met?",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )
    per_cent(ax)
    per_cent(ax, axis="x")
    ax.legend(loc="lower right")
    note(ax, f"{n:,} customers at the test landmark")
    return ax


def next_products(table: pd.DataFrame, ax: Axes | None = None, *, by: str = "") -> Axes:
    """Purchases per 100 customer-years of each product, by segment or holding.

    Parameters
    ----------
    table : DataFrame
        The column `by` (or `holding`), `product`, `per_100_years`, `lower`, `upper`,
        `bought`.
    ax : Axes, optional
    by : str
        Column of the groups; empty takes `holding`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"holding": ["0", "0", "1"],
    ...                       "product": ["Home", "Garden", "Garden"],
    ...                       "bought": [40, 20, 10], "per_100_years": [4.0, 2.0, 5.0],
    ...                       "lower": [3.0, 1.5, 3.0], "upper": [5.0, 2.6, 8.0]})
    >>> ax = plots.next_products(table)
    >>> ax.get_xlabel()
    'first orders per 100 customer-years, 95 % interval'
    """
    by = by or "holding"
    groups, products = list(dict.fromkeys(table[by])), sorted(set(table["product"]))
    ax = axes(ax, height=1.6 + 0.34 * len(products) * len(groups))
    labels, places = [], []
    held = "holds " if by == "holding" else ""
    for g, group in enumerate(groups):
        part = table[table[by] == group].set_index("product")
        for p, product in enumerate(name for name in products if name in part.index):
            row, place = part.loc[product], g * (len(products) + 0.7) + p
            look = products.index(product)
            ax.hlines(
                place, row["lower"], row["upper"], color=COLOURS[look % 6], lw=2.4
            )
            ax.plot(
                row["per_100_years"], place, "so^Dv"[look % 5], color=COLOURS[look % 6]
            )
            labels.append(f"{held}{group}: {product}")
            places.append(place)
    ax.set_yticks(places, labels)
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel="first orders per 100 customer-years, 95 % interval",
        title=f"What is taken next, by {by.replace('_', ' ')}",
    )
    note(ax, f"{int(table['bought'].sum()):,} first orders of a product")
    return ax


def _cell(x: float, y: float, shade: float):
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    deep, light = np.array(to_rgb(COLOURS[0])), np.array(to_rgb("#eef2f6"))
    colour = light + (deep - light) * shade
    return Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, color=tuple(colour), lw=0)
