"""Which question foretells who is lost, tried on later answers."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention.satisfaction.clusters import clustered
from retention.satisfaction.logistic import grouped_logit
from retention.satisfaction.prediction.intent import FEWEST

GROUPS = 64  # buckets for a question a time


def questions(losses: pd.DataFrame, scale) -> tuple[pd.DataFrame, dict]:
    """The questions that surveys ask, as far as these hold them.

    Parameters
    ----------
    losses : DataFrame
        From `counts.survey_losses`, with `asked_in` and, where asked, `intent` and
        `recommend` (0 to 10).
    scale : counts.satisfaction.Scale

    Returns
    -------
    (DataFrame, dict)
        The table with `top_box` and `promoter` added, and what `foretelling` takes.

    Examples
    --------
    >>> from retention.counts.satisfaction import Scale
    >>> losses = pd.DataFrame({"score": [3.0, 4.0, 5.0], "recommend": [5, 8, 9]})
    >>> table, told = questions(losses, Scale.of(1, 5))
    >>> table
       score  recommend  top_box  promoter
    0    3.0          5        0        -1
    1    4.0          8        0         0
    2    5.0          9        1         1
    >>> list(told)
    ['score, as a number', 'each score', 'top box', 'promoter, passive, detractor']
    """
    told = {"score, as a number": ("score", "line"), "each score": ("score", "levels")}
    losses = losses.assign(top_box=(losses["score"] >= scale.top_from).astype(int))
    told["top box"] = ("top_box", "levels")
    if "recommend" in losses and losses["recommend"].notna().any():
        r = losses["recommend"]
        side = (r >= 9).astype(int) - (r <= 6).astype(int)
        losses = losses.assign(promoter=side.where(r.notna()))
        told["promoter, passive, detractor"] = ("promoter", "levels")
    if "intent" in losses and losses["intent"].notna().any():
        told["intent to stay"] = ("intent", "levels")
    return losses, told


def foretelling(
    losses: pd.DataFrame,
    questions: Mapping[str, tuple[str, str]],
    *,
    cut: int | None = None,
) -> pd.DataFrame:
    """How well each question foretells, on later answers, who is lost.

    Losses by answer are learnt from answers given before the cut, and tried on those
    given from it on: never on the customers they were learnt from in the same months.

    Parameters
    ----------
    losses : DataFrame
        From `counts.survey_losses`, followed answers, with `asked_in` and the columns
        of the questions.
    questions : mapping
        Label to (column, "levels" or "line"): a loss of its own for each level, or a
        straight line in the log odds.
    cut : int, optional
        First month (yyyymm) of the answers tried on; by default the one that halves
        the answers.

    Returns
    -------
    DataFrame
        `question`, `auc` with `lower` and `upper` (probability that a customer who is
        lost was given the higher risk of the two; 0.5 is a coin), `skill` (share of
        the squared error of the mean that is removed; 0 is no use) and `n` answers
        tried on. Empty where either half has fewer than twenty losses.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.counts.satisfaction import score_scale
    >>> company = open_company("data/lakeshore")
    >>> losses = counts.survey_losses(company, horizon=12, by=["asked_in", "intent"])
    >>> found = foretelling(*questions(losses, score_scale(company)))
    >>> found[["question", "auc", "lower", "upper", "n"]].round(2)
                 question   auc  lower  upper      n
    0  score, as a number  0.54   0.52   0.55  10785
    1          each score  0.54   0.52   0.55  10785
    2             top box  0.53   0.52   0.54  10785
    3      intent to stay  0.52   0.51   0.54  10785
    """
    columns = list(dict.fromkeys(column for column, _ in questions.values()))
    rows = losses[(losses["followed"] == 1)].dropna(subset=columns)
    if cut is None:
        cut = _middle(rows)
    rows = rows.assign(early=(rows["asked_in"] < cut).astype(int))
    rows = rows.groupby([*columns, "early", "lost", "bucket"], as_index=False)[
        "n"
    ].sum()
    halves = rows[rows["lost"] == 1].groupby("early")["n"].sum()
    if len(halves) < 2 or halves.min() < FEWEST:
        return pd.DataFrame(columns=["question", "auc", "lower", "upper", "skill", "n"])
    later = rows[rows["early"] == 0]
    out = []
    for label, (column, form) in questions.items():
        part = rows.groupby([column, "early", "lost", "bucket"], as_index=False)[
            "n"
        ].sum()
        found = clustered(
            part, lambda cells, c=column, f=form: _tried(cells, c, f), groups=GROUPS
        )
        auc, skill = found.loc["auc"], found.loc["skill"]
        n = int(later["n"].sum())
        out.append((label, auc["value"], auc["lower"], auc["upper"], skill["value"], n))
    names = ["question", "auc", "lower", "upper", "skill", "n"]
    return pd.DataFrame(out, columns=names)


def _middle(rows: pd.DataFrame) -> int:
    """First month by which half of the answers had been given."""
    months = rows.groupby("asked_in")["n"].sum().cumsum()
    return int((months >= months.iloc[-1] / 2).idxmax()) if len(months) else 0


def _tried(cells: pd.DataFrame, column: str, form: str) -> dict:
    """Learn a loss for each answer from the early cells, and try it on the later."""
    learn, later = cells[cells["early"] == 1], cells[cells["early"] == 0]
    risk = _line(learn, column) if form == "line" else _levels(learn, column)
    mean = (learn["lost"] * learn["n"]).sum() / learn["n"].sum()
    guess = later[column].map(risk).fillna(mean).to_numpy(float)
    lost, n = later["lost"].to_numpy(float), later["n"].to_numpy(float)
    base = (n * (lost - mean) ** 2).sum()
    return {
        "auc": _auc(guess, n * lost, n * (1 - lost)),
        "skill": 1 - (n * (lost - guess) ** 2).sum() / base,
    }


def _levels(learn: pd.DataFrame, column: str) -> dict:
    n = learn["n"].groupby(learn[column]).sum()
    lost = (learn["lost"] * learn["n"]).groupby(learn[column]).sum()
    return (lost / n).to_dict()


def _line(learn: pd.DataFrame, column: str) -> dict:
    n = learn["n"].groupby(learn[column]).sum()
    lost = (learn["lost"] * learn["n"]).groupby(learn[column]).sum()
    x = np.column_stack([np.ones(len(n)), n.index.to_numpy(float)])
    beta = grouped_logit(x, lost.to_numpy(float), n.to_numpy(float))[0]
    ends = {v: 1 / (1 + np.exp(-(beta[0] + beta[1] * v))) for v in n.index}
    return ends


def _auc(guess: np.ndarray, lost: np.ndarray, kept: np.ndarray) -> float:
    """Probability that a lost one has the higher guess, ties counted half."""
    levels, place = np.unique(guess, return_inverse=True)
    a = np.bincount(place, weights=lost, minlength=len(levels))
    b = np.bincount(place, weights=kept, minlength=len(levels))
    below = np.concatenate([[0.0], b.cumsum()[:-1]])
    return float((a * (below + b / 2)).sum() / max(a.sum() * b.sum(), 1e-300))
