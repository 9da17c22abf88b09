"""Figures of the tenure study, one function a result."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from retention.plots.theme import (
    ACCENT,
    COLOURS,
    INK,
    LINES,
    MUTED,
    TRUTH,
    axes,
    note,
    per_cent,
)


def survival_curves(
    curves: pd.DataFrame,
    ax: Axes | None = None,
    *,
    by: str = "",
    unit: str = "month",
    title: str = "Share of new customers still here",
    truth: pd.DataFrame | None = None,
) -> Axes:
    """Kaplan-Meier curves with their bands and the numbers at risk below.

    Parameters
    ----------
    curves : DataFrame
        From `retention.survival.kaplan_meier`.
    ax : Axes, optional
    by : str
        The stratum column to draw one curve for each; "" for a single curve.
    unit : str
        Unit of time, singular.
    title : str
    truth : DataFrame, optional
        `time`, `survival` to draw as the known truth (simulated companies).

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, survival
    >>> table = pd.DataFrame({"plan": ["basic", "basic", "plus"], "entry": 0,
    ...                       "duration": [2, 9, 9], "event": [1, 0, 0],
    ...                       "n": [30, 70, 60]})
    >>> curves = survival.kaplan_meier(table, by="plan")
    >>> ax = plots.survival_curves(curves, by="plan")
    >>> ax.get_title("left")
    'Share of new customers still here'
    """
    ax = axes(ax)
    groups = list(curves.groupby(by, sort=False)) if by else [("all", curves)]
    for place, (name, curve) in enumerate(groups):
        _band(ax, curve, "survival", place, name)
    if truth is not None:
        ax.plot(truth["time"], truth["survival"], color=TRUTH, ls=":", label="truth")
    if by or truth is not None:
        ax.legend(title=by.replace("_", " ") or None, loc="upper right")
    tenure_axis(ax, curves["time"].max(), unit)
    ax.set(ylim=(0, 1.02), ylabel="still here", title=title)
    per_cent(ax)
    _numbers_at_risk(ax, groups)
    note(
        ax,
        "Bands: 95 % intervals, point by point (log-log).",
        lower=1 + len(groups) + (len(groups) > 1),
    )
    return ax


def hazards(
    curve: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month"
) -> Axes:
    """Share of those still here who leave in each period, with its interval.

    Parameters
    ----------
    curve : DataFrame
        `time`, `hazard`, `at_risk`, `events`, from `kaplan_meier` without strata.
        Bars are Wilson 95 % intervals.
    ax, unit
        As in `survival_curves`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, survival
    >>> table = pd.DataFrame({"entry": 0, "duration": [1, 2, 3], "event": [1, 1, 0],
    ...                       "n": [10, 9, 81]})
    >>> ax = plots.hazards(survival.kaplan_meier(table))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('months since joining', 'left during the month')
    """
    from statsmodels.stats.proportion import proportion_confint

    ax = axes(ax)
    seen = curve[(curve["time"] > 0) & (curve["at_risk"] > 0)]
    low, high = proportion_confint(seen["events"], seen["at_risk"], method="wilson")
    ax.vlines(seen["time"], low, high, color=ACCENT, alpha=0.35, linewidth=2)
    ax.plot(seen["time"], seen["hazard"], "o", color=ACCENT, markersize=4)
    tenure_axis(ax, seen["time"].max(), unit)
    ax.set(
        ylim=(0, None),
        ylabel=f"left during the {unit}",
        title=f"Risk of leaving in each {unit} of tenure",
    )
    per_cent(ax)
    note(ax, "Dots: events / at risk. Bars: Wilson 95 % intervals.")
    return ax


def cumulative_incidence(
    curves: pd.DataFrame, ax: Axes | None = None, *, unit: str = "month"
) -> Axes:
    """Share lost to each reason by each period of tenure, with bands.

    Parameters
    ----------
    curves : DataFrame
        From `retention.survival.aalen_johansen`: `cause`, `time`, `incidence`,
        `lower`, `upper`.
    ax, unit
        As in `survival_curves`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, survival
    >>> table = pd.DataFrame({"entry": 0, "duration": [2, 5, 9], "event": [1, 1, 0],
    ...                       "cause": ["price", "moved", ""], "n": [30, 20, 50]})
    >>> ax = plots.cumulative_incidence(survival.aalen_johansen(table))
    >>> len(ax.lines), ax.get_title("left")
    (2, 'What customers leave for')
    """
    ax = axes(ax)
    for place, (cause, curve) in enumerate(curves.groupby("cause", sort=False)):
        _band(ax, curve, "incidence", place, cause)
    ax.legend(title="reason", loc="upper left")
    tenure_axis(ax, curves["time"].max(), unit)
    ax.set(
        ylim=(0, None), ylabel="lost to the reason", title="What customers leave for"
    )
    per_cent(ax)
    note(ax, "Aalen-Johansen cumulative incidence with 95 % bands.")
    return ax


def projected_survival(
    observed: pd.DataFrame,
    projections: dict[str, pd.DataFrame],
    ax: Axes | None = None,
    *,
    fitted_to: int,
    unit: str = "month",
    title: str = "Projection against what happened",
) -> Axes:
    """Observed survival, and what models fitted to its beginning foretold.

    Parameters
    ----------
    observed : DataFrame
        `time`, `survival`.
    projections : dict of str to DataFrame
        Name of the model to `time`, `survival` and, where it has a band, `lower`
        and `upper`.
    ax : Axes, optional
    fitted_to : int
        Last period the models were fitted to.
    unit, title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, projection
    >>> kept = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> seen = pd.DataFrame({"time": kept.index, "survival": kept / 1000})
    >>> told = projection.fit_sbg(kept[:5]).projection(range(8))
    >>> ax = plots.projected_survival(seen, {"sBG": told}, fitted_to=4)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['observed', 'sBG']
    """
    ax = axes(ax)
    ax.plot(
        observed["time"], observed["survival"], "o", color=INK, ms=4, label="observed"
    )
    for place, (name, curve) in enumerate(projections.items()):
        colour = COLOURS[(place + 1) % 6]
        style = {"color": colour, "linestyle": LINES[place % 6]}
        ax.plot(curve["time"], curve["survival"], label=name, **style)
        if "lower" in curve:
            band = (curve["time"], curve["lower"], curve["upper"])
            ax.fill_between(*band, color=colour, alpha=0.16, linewidth=0)
    ax.axvspan(0, fitted_to, color="#f0f2f4", zorder=0)
    ax.annotate(
        "fitted",
        xy=(fitted_to, 0.02),
        xytext=(-4, 0),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=MUTED,
    )
    ax.legend(loc="upper right")
    tenure_axis(
        ax, max(c["time"].max() for c in [observed, *projections.values()]), unit
    )
    ax.set(ylim=(0, 1.02), ylabel="still here", title=title)
    per_cent(ax)
    return ax


def _band(ax: Axes, curve: pd.DataFrame, value: str, place: int, label) -> None:
    """Draw a step line and its interval, told apart by colour and by stroke."""
    colour = COLOURS[place % len(COLOURS)]
    stroke = LINES[place % len(LINES)]
    # A legend leaves out labels that begin with an underscore.
    label = f" {label}" if str(label).startswith("_") else label
    line = {"color": colour, "linestyle": stroke, "label": label}
    ax.step(curve["time"], curve[value], where="post", **line)
    band = (curve["time"], curve["lower"], curve["upper"])
    ax.fill_between(*band, step="post", color=colour, alpha=0.16, linewidth=0)


def tenure_axis(ax: Axes, last: float, unit: str) -> None:
    """Label time since joining, with ticks at round numbers of its unit."""
    ax.set(xlim=(0, last), xlabel=f"{unit}s since joining")
    if unit == "month":
        step = next(s for s in (3, 6, 12, 24, 60, 120) if last / s <= 10 or s == 120)
        ax.set_xticks(np.arange(0, last + 1, step))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _numbers_at_risk(ax: Axes, groups: list) -> None:
    """Numbers at risk at the ticks, under the axis: a curve is as good as these."""
    ticks = [t for t in ax.get_xticks() if 0 <= t <= ax.get_xlim()[1]]
    ax.annotate(
        "at risk",
        xy=(0, 0),
        xytext=(-34, -52),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        color=MUTED,
        ha="right",
    )
    for row, (name, curve) in enumerate(groups):
        at_risk = curve.set_index("time")["at_risk"]
        drop = -52 - 13 * (row + (len(groups) > 1))
        colour = COLOURS[row % 6]
        if len(groups) > 1:
            _below(ax, 0, drop, str(name), colour, ha="right", shift=-34)
        for tick in ticks:
            n = at_risk.get(int(tick), at_risk.get(int(tick) + 1))
            if n is not None:
                _below(ax, tick, drop, f"{int(n):,}", colour)


def _below(ax, x, drop, text, colour, *, ha="center", shift=0) -> None:
    ax.annotate(
        text,
        xy=(x, 0),
        xytext=(shift, drop),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        fontsize=8.5,
        color=colour,
        ha=ha,
    )
