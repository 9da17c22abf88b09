"""Figures of repeat buyers: what was foretold of them, and what they then did."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import COLOURS, INK, MUTED, axes, note, per_cent

EXPECTED = {"color": COLOURS[2], "ls": "--", "marker": "s", "mfc": "white"}
COUNTED = {"color": COLOURS[0], "ls": "-", "marker": "o"}


def holdout_track(
    track: pd.DataFrame, ax: Axes | None = None, *, model: str = "BG/NBD"
) -> Axes:
    """Repeat orders added up week by week, counted and expected.

    Parameters
    ----------
    track : DataFrame
        From `retention.projection.holdout_track`.
    ax : Axes, optional
    model : str
        What expected them, for the legend.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> from retention.projection import BetaGeometricNBD, holdout_track
    >>> model = BetaGeometricNBD(0.243, 4.414, 0.793, 2.426)
    >>> weeks = pd.DataFrame({"week": range(-38, 40), "orders": 15})
    >>> cells = pd.DataFrame({"T": [39.0], "n": [1000]})
    >>> ax = plots.holdout_track(holdout_track(model, cells, weeks))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('week, counted from the cut-off day', 'repeat orders so far')
    """
    ax = axes(ax)
    ax.plot(track["week"], track["cumulative"], color=COLOURS[0], label="counted")
    ax.plot(
        track["week"],
        track["expected_cumulative"],
        color=COLOURS[2],
        ls="--",
        label=f"expected by the {model}",
    )
    later = track[track["holdout"] == 1]
    if len(later):
        ax.axvspan(0, later["week"].max(), color="#eef1f4", zorder=0)
        ax.annotate(
            "held out",
            xy=(0, 1),
            xytext=(6, -6),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            color=MUTED,
        )
    ax.set(
        xlabel="week, counted from the cut-off day",
        ylabel="repeat orders so far",
        title="Did the orders come that were expected?",
        xlim=(track["week"].min(), track["week"].max()),
        ylim=(0, None),
    )
    _thousands(ax)
    ax.legend(loc="lower right")
    came, foretold = later["orders"].sum(), later["expected"].sum()
    note(ax, f"held out: {came:,.0f} orders came, {foretold:,.0f} were expected")
    return ax


def decile_plot(
    table: pd.DataFrame, ax: Axes | None = None, *, model: str = "BG/NBD"
) -> Axes:
    """Orders a customer by tenths of the customers, expected and counted.

    Parameters
    ----------
    table : DataFrame
        From `retention.projection.deciles` or `retention.projection.by_frequency`.
    ax : Axes, optional
    model : str
        What expected them, for the legend.

    Returns
    -------
    Axes
        Bars are 95 % intervals of what was counted, where the table has them.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"decile": [1, 2], "customers": 100,
    ...                       "expected": [3.1, 1.4],
    ...                       "actual": [3.0, 1.5], "lower": [2.8, 1.3],
    ...                       "upper": [3.2, 1.7]})
    >>> ax = plots.decile_plot(table)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['counted', 'expected by the BG/NBD']
    """
    ax = axes(ax)
    tenths = "decile" in table
    place = np.arange(len(table))
    bounds = table[["lower", "upper"]].to_numpy(float)
    if np.isfinite(bounds).all():
        ax.vlines(place, *bounds.T, color=COLOURS[0], lw=2.2)
    ax.plot(place, table["actual"], **COUNTED, lw=1.2, label="counted")
    ax.plot(
        place, table["expected"], **EXPECTED, lw=1.2, label=f"expected by the {model}"
    )
    ax.set_xticks(place, table["decile" if tenths else "x"].astype(str))
    ax.set(
        xlabel="tenth of the customers, highest expectation first"
        if tenths
        else "repeat orders before the cut-off day",
        ylabel="orders a customer, held out",
        title="Who orders again, and how often?",
        ylim=(0, None),
    )
    ax.legend(loc="upper right" if tenths else "upper left")
    people = f"{table['customers'].sum():,} customers"
    note(ax, f"{people}; bars: 95 % normal interval of the counted mean")
    return ax


def frequency_fit(
    table: pd.DataFrame, ax: Axes | None = None, *, model: str = "BG/NBD"
) -> Axes:
    """Customers by their number of repeat orders, counted and expected.

    Parameters
    ----------
    table : DataFrame
        From `retention.projection.frequency_fit`.
    ax : Axes, optional
    model : str
        What expected them, for the legend.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"x": ["0", "1", "2+"], "customers": [600, 200, 200],
    ...                       "expected": [574.2, 199.3, 226.4]})
    >>> ax = plots.frequency_fit(table)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['0', '1', '2+']
    """
    ax = axes(ax)
    place = np.arange(len(table))
    ax.bar(place - 0.2, table["customers"], 0.38, color=COLOURS[0], label="counted")
    ax.bar(
        place + 0.2,
        table["expected"],
        0.38,
        color="#f3d3b8",
        edgecolor=COLOURS[2],
        hatch="///",
        label=f"expected by the {model}",
    )
    ax.set_xticks(place, table["x"])
    ax.set(
        xlabel="repeat orders in the fitted period",
        ylabel="customers",
        title="Does the model reproduce how often customers bought?",
    )
    _thousands(ax)
    ax.legend(loc="upper right")
    note(ax, f"{table['customers'].sum():,} customers")
    return ax


def alive_curve(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    hiatus: float | None = None,
    weeks: float | None = None,
) -> Axes:
    """Share of customers who order again by the length of their silence.

    Parameters
    ----------
    table : DataFrame
        From `retention.projection.alive_by_recency`.
    ax : Axes, optional
    hiatus : float, optional
        Weeks of silence after which a rule of thumb gives customers up.
    weeks : float, optional
        Length of the holdout, for the label.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({
    ...     "weeks_since_last": [2.0, 10.0, 30.0], "customers": 100,
    ...     "p_alive": [0.9, 0.7, 0.2], "p_order": [0.8, 0.5, 0.1],
    ...     "returned": [0.8, 0.5, 0.1], "lower": [0.7, 0.4, 0.05],
    ...     "upper": [0.9, 0.6, 0.2]})
    >>> ax = plots.alive_curve(table, hiatus=12, weeks=26)
    >>> ax.get_xlabel()
    'weeks since the last order, on the cut-off day'
    """
    ax = axes(ax)
    silence = table["weeks_since_last"]
    ax.vlines(silence, table["lower"], table["upper"], color=COLOURS[0], lw=2.2)
    ax.plot(silence, table["returned"], **COUNTED, lw=1.2, label="ordered again")
    ax.plot(silence, table["p_order"], **EXPECTED, lw=1.2, label="expected to order")
    ax.plot(
        silence,
        table["p_alive"],
        color=MUTED,
        ls=":",
        label="probability of being active",
    )
    if hiatus is not None:
        ax.axvline(hiatus, color=INK, lw=1)
        ax.annotate(
            f"rule: lost after {hiatus:.0f} weeks",
            xy=(hiatus, 1.02),
            xytext=(5, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=9,
            color=INK,
            annotation_clip=False,
        )
    within = "" if weeks is None else f" within {weeks:.0f} weeks"
    ax.set(
        xlabel="weeks since the last order, on the cut-off day",
        ylabel=f"share of customers{within}",
        ylim=(0, 1),
    )
    ax.set_title("When is silence the end?", pad=24)
    per_cent(ax)
    ax.legend(loc="upper center")
    people = f"{table['customers'].sum():,} customers in groups of like size"
    note(ax, f"{people}; bars: 95 % Wilson interval of those who ordered again")
    return ax


def rfm_grid(
    table: pd.DataFrame, ax: Axes | None = None, *, currency: str = ""
) -> Axes:
    """What customers of each recency and frequency spent in the next period.

    Parameters
    ----------
    table : DataFrame
        From `retention.value.rfm.rfm_cells`.
    ax : Axes, optional
    currency : str
        Of the money, for the title.

    Returns
    -------
    Axes
        The darker, the more a customer; groups without a customer are empty.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> from retention.value.rfm import rfm_cells
    >>> rows = pd.DataFrame({"r": [1, 1, 2, 3], "f": [1, 2, 2, 3],
    ...                      "holdout_spend": [0.0, 9, 30, 120]})
    >>> ax = plots.rfm_grid(rfm_cells(rows), currency="EUR")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('frequency group (highest: most orders)', 'recency group (highest: latest order)')
    """
    ax = axes(ax, height=4.8)
    money, people = (
        table.pivot(index="r", columns="f", values=name).sort_index(ascending=False)
        for name in ("per_customer", "customers")
    )
    ax.imshow(money, cmap="BuGn", aspect="auto", vmin=0)
    middle = np.nanmax(money.to_numpy()) / 2
    for (row, column), value in np.ndenumerate(money.to_numpy()):
        if np.isfinite(value):
            ax.text(
                column,
                row,
                f"{value:,.0f}\nn {people.iat[row, column]:,.0f}",
                ha="center",
                va="center",
                fontsize=9,
                color="white" if value > 1.3 * middle else INK,
            )
    ax.set_xticks(range(len(money.columns)), money.columns)
    ax.set_yticks(range(len(money.index)), money.index)
    ax.grid(visible=False)
    ax.set(
        xlabel="frequency group (highest: most orders)",
        ylabel="recency group (highest: latest order)",
        title=f"Next period's spend a customer{f' ({currency})' if currency else ''}",
    )
    note(ax, f"{table['customers'].sum():,} customers; n: customers of the group")
    return ax


def _thousands(ax: Axes) -> None:
    from matplotlib.ticker import StrMethodFormatter

    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
