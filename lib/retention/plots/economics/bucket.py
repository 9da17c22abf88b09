"""Figures of the simulator: customers over time, and where they settle."""

import pandas as pd
from matplotlib.axes import Axes

from retention.plots.economics.scales import thousands
from retention.plots.theme import COLOURS, LINES, axes


def bucket_paths(
    paths: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "month",
    title: str = "What comes in at the top runs out at the bottom",
) -> Axes:
    """Customers over time, a line for each case of a leaky bucket.

    Parameters
    ----------
    paths : DataFrame
        `case` (its name), `period` and `customers`.
    ax : Axes, optional
    unit : str
        Unit of time, singular.
    title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> from retention import economics, plots
    >>> path = economics.leaky_bucket(start=1_000, inflow=10, churn=0.05, periods=12)
    >>> ax = plots.bucket_paths(path.assign(case="5 % a month"))
    >>> ax.get_xlabel(), ax.get_ylabel(), len(ax.lines)
    ('months from now', 'customers', 1)
    """
    ax = axes(ax)
    last = int(paths["period"].max())
    for place, (case, path) in enumerate(paths.groupby("case", sort=False)):
        ax.plot(
            path["period"],
            path["customers"],
            color=COLOURS[place % len(COLOURS)],
            ls=LINES[place % len(LINES)],
            label=str(case),
        )
    ax.set(
        xlim=(0, last), ylim=(0, None), xlabel=f"{unit}s from now", ylabel="customers"
    )
    ax.set_title(title)
    if paths["case"].nunique() > 1:
        ax.legend(loc="lower right")
    thousands(ax)
    return ax


def bucket_grid(
    grid: pd.DataFrame,
    ax: Axes | None = None,
    *,
    value: str = "customers",
    unit: str = "month",
    title: str = "Where the stock settles",
) -> Axes:
    """Steady state for each pair of a churn and an inflow, as a shaded grid.

    Parameters
    ----------
    grid : DataFrame
        From `retention.economics.steady_grid`.
    ax : Axes, optional
    value : {"customers", "profit"}
        What the cells show.
    unit : str
    title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> from retention import economics, plots
    >>> grid = economics.steady_grid(churns=[0.02, 0.04], inflows=[100])
    >>> ax = plots.bucket_grid(grid)
    >>> [text.get_text() for text in ax.texts][:2]  # 100 / 0.02 and 100 / 0.04
    ['5,000', '2,500']
    """
    import seaborn as sns

    wide = grid.pivot(index="churn", columns="inflow", values=value)
    ax = axes(ax, height=1.5 + 0.42 * len(wide))
    sns.heatmap(
        wide,
        ax=ax,
        annot=True,
        fmt=",.0f",
        cmap="GnBu",
        cbar=False,
        linewidths=0.6,
        annot_kws={"size": 9},
        xticklabels=[f"{inflow:,.0f}" for inflow in wide.columns],
        yticklabels=[f"{100 * churn:.2g} %" for churn in wide.index],
    )
    ax.set(xlabel=f"customers won a {unit}", ylabel=f"lost a {unit}", title=title)
    ax.tick_params(axis="y", rotation=0)
    ax.grid(visible=False)
    return ax
