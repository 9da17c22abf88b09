"""What people say they will do, what they do, and which question foretells it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import METHOD, clustered, share
from retention.satisfaction.logistic import grouped_logit

GROUPS = 64  # buckets for a question a time

FEWEST = 20


@dataclass(frozen=True, eq=False)
class IntentAndBehaviour:
    """Intent and behaviour of the same customers, by score.

    Attributes
    ----------
    table : DataFrame
        One row a score: `score`, `n`, `intent` (mean, as a part of its scale) and
        `kept` (share), each with `_lower` and `_upper`.
    bend_of_intent, bend_of_behaviour : Estimate
        Last step of the scale minus the step before it, each as a share of the whole
        climb: positive where the curve steepens towards the top.
    """

    table: pd.DataFrame
    bend_of_intent: Estimate
    bend_of_behaviour: Estimate


def intent_and_behaviour(
    losses: pd.DataFrame, intent_scale: tuple[float, float]
) -> IntentAndBehaviour | str:
    """Mean intent and share kept by score, on the same answers.

    Parameters
    ----------
    losses : DataFrame
        From `counts.survey_losses(by=["intent"])`.
    intent_scale : (float, float)
        Lowest and highest intent.

    Returns
    -------
    IntentAndBehaviour or str
        A text with fewer than three scores.

    References
    ----------
    Mittal, V. and Kamakura, W. A. (2001). Satisfaction, repurchase intent, and
    repurchase behavior. Journal of Marketing Research 38, 131-142.
    """
    rows = losses[(losses["followed"] == 1) & losses["intent"].notna()]
    sizes = rows.groupby("score")["n"].sum()
    levels = list(sizes.index[sizes >= FEWEST])
    if len(levels) < 3:
        return "Fewer than three scores have twenty followed answers with an intent."
    low, high = intent_scale
    rows = rows.assign(intent=(rows["intent"] - low) / (high - low))
    rows = rows[["score", "intent", "lost", "bucket", "n"]]

    def both(cells: pd.DataFrame) -> dict:
        by = cells["score"]
        n = cells["n"].groupby(by).sum()
        said = (cells["intent"] * cells["n"]).groupby(by).sum() / n
        did = 1 - (cells["lost"] * cells["n"]).groupby(by).sum() / n
        found = {("intent", s): said[s] for s in levels}
        found |= {("kept", s): did[s] for s in levels}
        bends = {"intent": _bend(said[levels]), "kept": _bend(did[levels])}
        return found | {(k, "bend"): v for k, v in bends.items()}

    found = clustered(rows, both)
    table = pd.DataFrame({"score": levels, "n": sizes[levels].to_numpy()})
    for kind in ("intent", "kept"):
        part = found.loc[[(kind, s) for s in levels]]
        table[kind] = part["value"].to_numpy()
        table[f"{kind}_lower"] = part["lower"].to_numpy()
        table[f"{kind}_upper"] = part["upper"].to_numpy()
    n = int(table["n"].sum())
    bends = [_bend_estimate(found.loc[(k, "bend")], n) for k in ("intent", "kept")]
    return IntentAndBehaviour(table, *bends)


def _bend(values: pd.Series) -> float:
    """(last step - step before) over the whole climb."""
    v = values.to_numpy(float)
    climb = v[-1] - v[0]
    return float(((v[-1] - v[-2]) - (v[-2] - v[-3])) / climb) if climb else np.nan


def _bend_estimate(row: pd.Series, n: int) -> Estimate:
    return Estimate(row["value"], row["lower"], row["upper"], n, METHOD, "", row["se"])


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


def net_promoter(losses: pd.DataFrame) -> Estimate:
    """Net promoter score: share of 9 and 10 minus share of 0 to 6.

    Parameters
    ----------
    losses : DataFrame
        With `recommend` on a scale of 0 to 10, `bucket` and `n`.

    Returns
    -------
    Estimate
        A difference of shares, in percentage points.
    """
    rows = losses.dropna(subset=["recommend"])
    rows = rows.groupby(["recommend", "bucket"], as_index=False)["n"].sum()

    def score(cells: pd.DataFrame) -> dict:
        r, n = cells["recommend"], cells["n"]
        return {"nps": (((r >= 9).astype(int) - (r <= 6)) * n).sum() / n.sum()}

    row, n = clustered(rows, score).loc["nps"], int(rows["n"].sum())
    return Estimate(
        row["value"],
        row["lower"],
        row["upper"],
        n,
        METHOD,
        "percentage points",
        row["se"],
    )


def intending_share(losses: pd.DataFrame, intent_from: float) -> Estimate:
    """Share of followed answers with an intent of at least so much."""
    rows = losses[(losses["followed"] == 1) & losses["intent"].notna()]
    rows = rows.assign(yes=(rows["intent"] >= intent_from).astype(int))
    rows = rows.groupby(["yes", "bucket"], as_index=False)["n"].sum()
    found = clustered(
        rows, lambda c: {"share": (c["yes"] * c["n"]).sum() / c["n"].sum()}
    )
    row = found.loc["share"]
    return share(row["value"], row["se"], int(rows["n"].sum()))
