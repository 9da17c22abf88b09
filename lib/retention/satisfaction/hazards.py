"""Hazards of leaving after an answer, score by score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.intervals import Check
from retention.satisfaction.clusters import spread
from retention.survival import hazard_regression, kaplan_meier
from retention.survival.hazards import left_out

GROUPS = 32  # buckets for a regression a time
FEWEST_EVENTS = 5  # in the reference
FEWEST_ANSWERS = 20  # for a curve


@dataclass(frozen=True, eq=False)
class ScoreHazards:
    """Hazard ratios of leaving by score, against the merely satisfied.

    Attributes
    ----------
    table : DataFrame
        As `hazard_ratios` draws it: `term`, `level`, `reference`, `coef`, `se`,
        `hazard_ratio`, `lower`, `upper`, `note`. Intervals allow for customers who
        answered several times. A level without a finite ratio has none, and its note
        says why.
    separated : tuple of str
        Levels at which nobody, or everybody, left.
    check : Check
        Events per estimated parameter.
    n, events : int
        Answers, and losses after them.
    event : str
        What happens, such as "leaving".
    """

    table: pd.DataFrame
    separated: tuple[str, ...]
    check: Check
    n: int
    events: int
    event: str = "leaving"

    @property
    def summary(self) -> str:
        """The ratio at the top of the scale in words, and what has none."""
        rows = self.table[self.table["term"] == "score"].dropna(subset=["coef"])
        said = "No score has a finite hazard ratio."
        if len(rows):
            top = rows.iloc[-1]
            said = (
                f"At score {top['level']} the hazard of {self.event} is "
                f"{top['hazard_ratio']:.2f} times that at {top['reference']} (95 % CI "
                f"{top['lower']:.2f} to {top['upper']:.2f}; {self.n:,} answers, "
                f"{self.events:,} events)."
            )
        if self.separated:
            levels = ", ".join(self.separated)
            said += (
                f" For {levels} it happened to nobody, or to everybody: the data hold "
                "no hazard ratio, however large the sample of the others."
            )
        return said


def score_hazards(
    tenure: pd.DataFrame,
    scale,
    *,
    adjust: Sequence[str] = (),
    reference: float | None = None,
    event: str = "leaving",
) -> ScoreHazards | str:
    """Hazard ratios by score from a landmark table, with clustered intervals.

    Parameters
    ----------
    tenure : DataFrame
        From `counts.survey_tenure`.
    scale : counts.satisfaction.Scale
    adjust : sequence of str
        Columns of the table held alike in the comparison.
    reference : float, optional
        Score to compare with: the lowest satisfied one, or where fewer than five left
        there the one with the most losses.
    event : str
        What happens, for the wording.

    Returns
    -------
    ScoreHazards or str
        A text where there is nothing to compare: one score only, or nobody left.

    Examples
    --------
    >>> from retention.counts.satisfaction import Scale
    >>> table = pd.DataFrame({"score": [4.0, 4.0, 5.0, 5.0], "entry": 0,
    ...     "duration": 1, "event": [1, 0, 1, 0],
    ...     "bucket": ["00", "01", "02", "03"], "n": [40, 160, 20, 180]})
    >>> found = score_hazards(table, Scale.of(1, 5))
    >>> found.table["hazard_ratio"].round(2).tolist()
    [0.47]
    """
    labelled = tenure.assign(score=tenure["score"].map("{:g}".format))
    lost = labelled[labelled["event"] == 1].groupby("score")["n"].sum()
    if not len(lost):
        return f"There was no {event} after any answer, so no score can be compared."
    if labelled["score"].nunique() < 2:
        return "All answers have the same score, so there is nothing to compare."
    against = f"{scale.satisfied_from if reference is None else reference:g}"
    if lost.get(against, 0) < FEWEST_EVENTS:
        against = str(lost.idxmax())
    effects = ["score", *adjust]
    kept = [*effects, "entry", "duration", "event", "bucket", "n"]
    labelled = labelled[kept]

    against = {"score": against}
    fit = hazard_regression(periods(labelled, by=effects), effects, reference=against)
    group = labelled["bucket"].map(lambda b: int(b, 16) % GROUPS)
    dealt = periods(labelled.assign(group=group), by=[*effects, "group"])
    without = left_out(dealt, effects, group="group", reference=against)
    return ScoreHazards(
        table=_numbered(_with_clusters(fit.table, without.to_numpy())),
        separated=tuple(s.replace("score=", "score ") for s in fit.separated),
        check=fit.check,
        n=int(labelled["n"].sum()),
        events=int(lost.sum()),
        event=event,
    )


def _with_clusters(table: pd.DataFrame, without: np.ndarray) -> pd.DataFrame:
    """Coefficients with intervals from leaving out groups of customers."""
    coef = table["coef"].to_numpy()
    se, reach = spread(without)
    return table[["term", "level", "reference", "note"]].assign(
        coef=coef,
        se=se,
        hazard_ratio=np.exp(coef),
        lower=np.exp(coef - reach),
        upper=np.exp(coef + reach),
    )


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """WeightedLosses in the order of the scale: 10 after 9, not after 1."""
    score = table["term"] == "score"
    order = table.loc[score, "level"].astype(float).sort_values().index
    return pd.concat([table.loc[order], table[~score]], ignore_index=True)


def score_curves(tenure: pd.DataFrame, scale, *, most: int = 5) -> pd.DataFrame:
    """Kaplan-Meier curves from the day of the answer, score by score.

    Parameters
    ----------
    tenure : DataFrame
        From `counts.survey_tenure`.
    scale : counts.satisfaction.Scale
    most : int
        With more scores than that, three curves are drawn: not satisfied, satisfied,
        and at the top of the scale.

    Returns
    -------
    DataFrame
        From `retention.survival.kaplan_meier`, by `score` (text). Scores with fewer
        than twenty answers are left out. The bands take repeated answers of a customer
        as answers of different ones.

    Examples
    --------
    >>> from retention.counts.satisfaction import Scale
    >>> table = pd.DataFrame({"score": [4.0, 4.0, 5.0, 5.0], "entry": 0,
    ...     "duration": 1, "event": [1, 0, 1, 0], "n": [40, 160, 20, 180]})
    >>> curves = score_curves(table, Scale.of(1, 5))
    >>> curves[["score", "at_risk", "events", "survival"]]
      score  at_risk  events  survival
    0     4      200       0       1.0
    1     4      200      40       0.8
    2     5      200       0       1.0
    3     5      200      20       0.9
    """
    sizes = tenure.groupby("score")["n"].sum()
    kept = tenure[tenure["score"].map(sizes) >= FEWEST_ANSWERS]
    labels = (
        kept["score"].map("{:g}".format)
        if kept["score"].nunique() <= most
        else kept["score"].map(lambda s: _part(s, scale))
    )
    keys = ["score", "entry", "duration", "event"]
    counted = kept.assign(score=labels).groupby(keys, as_index=False)["n"].sum()
    return kaplan_meier(counted, by="score")


def _part(score: float, scale) -> str:
    if score >= scale.top_from:
        return f"{scale.top_from:g} and more"
    if score >= scale.satisfied_from:
        return f"from {scale.satisfied_from:g}"
    return f"below {scale.satisfied_from:g}"


def waited(tenure: pd.DataFrame, lag: int) -> pd.DataFrame:
    """The same answers with a clock that starts some periods later.

    Who leaves right after an answer may have decided before giving it. Customers who
    left within the lag are left out, and follow-up is counted from its end.

    Parameters
    ----------
    tenure : DataFrame
        From `counts.survey_tenure`.
    lag : int
        Periods; 0 changes nothing.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> table = pd.DataFrame({"duration": [1, 3], "event": [1, 0], "n": [5, 95]})
    >>> waited(table, 1).values.tolist()
    [[2, 0, 95]]
    """
    kept = tenure[tenure["duration"] > lag]
    return kept.assign(duration=kept["duration"] - lag).reset_index(drop=True)
