"""Figures of who was observed, and from when."""

import pandas as pd
from matplotlib.axes import Axes

from retention.plots.survival import tenure_axis
from retention.plots.theme import ACCENT, axes, note


def cohort_triangle(
    triangle: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month"
) -> Axes:
    """Share of each joining cohort still here, as a shaded triangle.

    Parameters
    ----------
    triangle : DataFrame
        From `retention.counts.cohort_triangle`: `cohort`, `period`, `kept`.
    ax, unit
        As in `survival_curves`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> triangle = pd.DataFrame({"cohort": ["2023", "2023", "2024"],
    ...                          "period": [1, 2, 1],
    ...                          "kept": [0.9, 0.8, 0.95]})
    >>> ax = plots.cohort_triangle(triangle)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['2023', '2024']
    """
    import seaborn as sns

    last = int(triangle["period"].max())
    shown = [1, *range(3, last + 1, 3)] if last > 12 else list(range(1, last + 1))
    wide = triangle.pivot(index="cohort", columns="period", values="kept")
    wide = wide[[period for period in shown if period in wide]]
    ax = axes(ax, height=1.2 + 0.32 * len(wide))
    sns.heatmap(
        100 * wide,
        ax=ax,
        annot=True,
        fmt=".0f",
        cmap="GnBu",
        vmin=0,
        vmax=100,
        cbar=False,
        linewidths=0.6,
        annot_kws={"size": 8},
    )
    ax.set(
        xlabel=f"{unit}s since joining",
        ylabel="joined in",
        title="Share of each cohort still here (%)",
    )
    ax.tick_params(axis="y", rotation=0)
    ax.grid(visible=False)
    return ax


def entries(
    tenure: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month"
) -> Axes:
    """Tenure that customers already had when they came under observation.

    Parameters
    ----------
    tenure : DataFrame
        A tenure table.
    ax, unit
        As in `survival_curves`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> tenure = pd.DataFrame({"entry": [0, 0, 24], "duration": [3, 9, 40],
    ...                        "event": [1, 0, 0], "n": [30, 50, 20]})
    >>> ax = plots.entries(tenure)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months of tenure when first observed', 'customers')
    """
    ax = axes(ax, height=3.2)
    counted = tenure.groupby("entry")["n"].sum()
    late = counted[counted.index > 0]
    ax.bar(late.index, late.to_numpy(), color=ACCENT, width=0.9)
    tenure_axis(ax, max(int(counted.index.max()), 1), unit)
    ax.set(
        xlabel=f"{unit}s of tenure when first observed",
        ylabel="customers",
        title="Customers whose beginning was not observed",
    )
    note(
        ax,
        f"{int(late.sum()):,} of {int(counted.sum()):,} customers came under "
        "observation late; the others were seen from joining.",
    )
    return ax
