"""Figures of the coming periods: customers and prospects."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention.plots.economics.scales import thousands
from retention.plots.theme import (
    ACCENT,
    COLOURS,
    INK,
    LINES,
    MUTED,
    axes,
    note,
    per_cent,
)


def stock_forecast(
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    ax: Axes | None = None,
    *,
    earlier: pd.DataFrame | None = None,
    unit: str = "month",
    title: str = "Customers, and how many there will be",
) -> Axes:
    """Customers so far, the forecast with its interval, and the one made earlier.

    Parameters
    ----------
    history : DataFrame
        `step` (0 is today, earlier ones negative) and `customers`.
    forecast : DataFrame
        `step`, `customers`, `lower`, `upper`.
    ax : Axes, optional
    earlier : DataFrame, optional
        The forecast made earlier, its steps counted from today.
    unit : str
    title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> past = pd.DataFrame({"step": [-2, -1, 0], "customers": [1_000, 1_020, 1_050]})
    >>> ahead = pd.DataFrame({"step": [1, 2], "customers": [1_060.0, 1_070.0],
    ...                       "lower": [1_050.0, 1_055.0], "upper": [1_070.0, 1_085.0]})
    >>> ax = plots.stock_forecast(past, ahead)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months from the last day on record', 'customers')
    """
    ax = axes(ax, height=4.6)
    past = history[history["step"] <= 0]
    ax.plot(past["step"], past["customers"], color=INK, label="customers")
    if earlier is not None:
        _fan(ax, earlier, MUTED, "--", "forecast made then", hatch="////")
    now = past.iloc[[-1]].assign(lower=lambda t: t["customers"])
    now["upper"] = now["customers"]
    _fan(ax, pd.concat([now, forecast]), ACCENT, "-.", "forecast made now")
    ax.axvline(0, color=MUTED, lw=1)
    ax.legend(loc="upper left")
    ax.set(
        xlabel=f"{unit}s from the last day on record", ylabel="customers", title=title
    )
    ax.margins(y=0.12)
    thousands(ax)
    note(ax, "Bands: 95 % prediction intervals. The scale does not begin at 0.")
    return ax


def lead_outcomes(
    table: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month", n: int = 0
) -> Axes:
    """Share of leads won and abandoned by each period after opening.

    Parameters
    ----------
    table : DataFrame
        From `retention.survival.aalen_johansen`: `cause`, `time`, `incidence`,
        `lower`, `upper`.
    ax : Axes, optional
    unit : str
    n : int
        Leads.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, survival
    >>> leads = pd.DataFrame({"entry": 0, "duration": [1, 1, 2, 3],
    ...                       "event": [1, 1, 1, 0],
    ...                       "cause": ["won", "abandoned", "won", ""],
    ...                       "n": [20, 30, 10, 60]})
    >>> ax = plots.lead_outcomes(survival.aalen_johansen(leads), n=120)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months since the lead was opened', 'share of leads')
    """
    ax = axes(ax)
    for place, (cause, curve) in enumerate(table.groupby("cause", sort=True)):
        look = {"color": COLOURS[place % 6]}
        ax.fill_between(
            curve["time"], curve["lower"], curve["upper"], alpha=0.2, lw=0, **look
        )
        ax.plot(curve["time"], curve["incidence"], ls=LINES[place % 6], **look)
        ax.annotate(
            str(cause),
            xy=(curve["time"].iloc[-1], curve["incidence"].iloc[-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
    ax.set(
        xlim=(0, table["time"].max()),
        ylim=(0, 1),
        xlabel=f"{unit}s since the lead was opened",
        ylabel="share of leads",
        title="What becomes of the prospects that are worked on",
    )
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    per_cent(ax)
    note(
        ax,
        f"Bands: 95 % intervals (Aalen-Johansen); the rest is open. n = {n:,} leads.",
    )
    return ax


def _fan(ax: Axes, made: pd.DataFrame, colour, ls, label: str, hatch: str = ""):
    look = {"facecolor": "none" if hatch else colour, "edgecolor": colour}
    ax.fill_between(
        made["step"],
        made["lower"],
        made["upper"],
        hatch=hatch or None,
        alpha=0.4 if hatch else 0.2,
        lw=0,
        **look,
    )
    ax.plot(made["step"], made["customers"], ls=ls, lw=1.6, color=colour, label=label)
