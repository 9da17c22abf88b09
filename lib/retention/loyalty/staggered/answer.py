"""The answer of a staggered difference-in-differences."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.staggered.aggregates import (
    averages,
    estimate,
    overall,
    shown,
    simultaneous,
)
from retention.loyalty.staggered.cells import Cells, group_time_cells, jackknife_se
from retention.loyalty.staggered.pretrend import (
    Pretrend,
    placebo_check,
    pretrend,
    pretrend_check,
)

PER_MONTH = "EUR per month"
QUESTIONS = {
    "simple": "mean member-month",
    "group": "mean member, whenever enrolled",
    "dynamic": "mean over time since enrolment",
    "calendar": "mean over calendar months",
}


@dataclass(frozen=True, eq=False)
class Staggered:
    """What enrolment did to the enrolled, by changes within customers.

    Attributes
    ----------
    simple, group, dynamic, calendar : Estimate
        The effect on the mean member-month, the mean member, and the means over time
        since enrolment and over calendar months. Without buckets the interval is nan.
    effects : DataFrame
        Group-time effects: `cohort`, `base`, `time`, `event_time`, `n`, `n_control`,
        `effect`, `se`.
    event_study : DataFrame
        `event_time`, `effect`, `se`, `lower`, `upper`, `n`, and `band_lower`,
        `band_upper`, within which all true effects lie together.
    by_group, by_calendar : DataFrame
        `cohort` or `time`, `effect`, `se`, `lower`, `upper`, `n`.
    pretrend : Pretrend or None
    placebo : Estimate or None
        Effect of a launch pretended earlier.
    critical : float
        Standard errors to either side of the band.
    checks : list of Check
    """

    simple: Estimate
    group: Estimate
    dynamic: Estimate
    calendar: Estimate
    effects: pd.DataFrame
    event_study: pd.DataFrame
    by_group: pd.DataFrame
    by_calendar: pd.DataFrame
    pretrend: Pretrend | None
    placebo: Estimate | None
    critical: float
    checks: list[Check]

    @property
    def estimate(self) -> Estimate:
        """Effect on the mean member-month."""
        return self.simple

    @property
    def table(self) -> pd.DataFrame:
        """The four averages: `average`, `value`, `lower`, `upper`, `se`, `n`."""
        found = {name: getattr(self, name) for name in QUESTIONS}
        fields = ("value", "lower", "upper", "se", "n")
        rows = [{f: getattr(e, f) for f in fields} for e in found.values()]
        return pd.DataFrame(rows).assign(
            average=[QUESTIONS[name] for name in found],
        )[["average", *fields]]

    @property
    def summary(self) -> str:
        """What enrolment did, in one sentence."""
        return (
            f"Enrolment changed the mean member-month by {self.simple.text}, compared "
            f"with customers not enrolled over the same months "
            f"({self.simple.n:,} members)."
        )


def staggered(
    changes: pd.DataFrame,
    *,
    placebo: pd.DataFrame | None = None,
    unit: str = PER_MONTH,
) -> Staggered:
    """Effect of enrolment by differences in differences, cohort by cohort.

    Parameters
    ----------
    changes : DataFrame
        From `retention.counts.group_changes` or `changes_from_means`.
    placebo : DataFrame, optional
        From `retention.counts.group_changes` with a lead.
    unit : str
        Of the outcome.

    Returns
    -------
    Staggered

    Raises
    ------
    ValueError
        If no cohort was observed after enrolment together with a control.

    References
    ----------
    Callaway, B. and Sant'Anna, P. H. C. (2021). Difference-in-differences with
    multiple time periods. Journal of Econometrics 225, 200-230.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.loyalty import changes_from_means
    >>> means = pd.DataFrame({
    ...     "cohort": [2, 2, 2, None, None, None], "time": [0, 1, 2] * 2,
    ...     "mean": [10.0, 11.0, 16.0, 8.0, 9.0, 10.0], "n": [20] * 3 + [60] * 3})
    >>> found = staggered(changes_from_means(means))
    >>> found.simple.value, found.event_study["effect"].tolist()
    (4.0, [0.0, 4.0])
    """
    cells = group_time_cells(changes)
    if not (cells.table["event_time"] >= 0).any():
        raise ValueError("No cohort was observed after its enrolment with a control.")
    members = int(cells.table.groupby("cohort")["n"].max().sum())
    words = {"n": members, "unit": unit}
    method = "group-time differences in differences, grouped jackknife"
    found = {k: estimate(v, method=method, **words) for k, v in overall(cells).items()}
    study = averages(cells, np.isfinite(cells.effect[0]), "event_time")
    whole = np.isfinite(study.value).all(axis=0)
    critical = simultaneous(study.value[:, whole])
    before = pretrend(cells, **words)
    pretended = None if placebo is None else _placebo(placebo, unit)
    return Staggered(
        **found,
        effects=cells.table.assign(se=jackknife_se(cells.effect)),
        event_study=shown(study, "event_time", critical),
        by_group=_after(cells, "cohort", equal=True),
        by_calendar=_after(cells, "time"),
        pretrend=before,
        placebo=pretended,
        critical=critical,
        checks=[
            pretrend_check(before, found["simple"]),
            placebo_check(pretended, found["simple"]),
            _size_check(cells),
        ],
    )


def _after(cells: Cells, by: str, *, equal: bool = False) -> pd.DataFrame:
    post = (cells.table["event_time"] >= 0).to_numpy()
    return shown(averages(cells, post, by, equal=equal), by)


def _placebo(changes: pd.DataFrame, unit: str) -> Estimate:
    cells = group_time_cells(changes)
    n = int(cells.table.groupby("cohort")["n"].max().sum())
    method = "placebo launch, grouped jackknife"
    return estimate(overall(cells)["simple"], n, method=method, unit=unit)


def _size_check(cells: Cells) -> Check:
    post = cells.table[cells.table["event_time"] >= 0]
    least = int(post["n_control"].min())
    finding = (
        f"{len(post)} cells of {post['cohort'].nunique()} cohorts; the smallest "
        f"control holds {least:,} customers."
    )
    if least >= 50:
        return Check("control", "PASS", finding)
    remedy = "Use fewer months after the launch, before nearly all have enrolled."
    return Check("control", "REVIEW", finding, remedy)
