"""Intent and behaviour of the same customers, and shares of intent."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import METHOD, clustered, share

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

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> losses = counts.survey_losses(company, horizon=12, by=["intent"])
    >>> found = intent_and_behaviour(losses, (1, 5))
    >>> found.table[["score", "n", "intent", "kept"]].round(2)
       score      n  intent  kept
    0    1.0    122    0.29  0.79
    1    2.0    871    0.46  0.77
    2    3.0   2024    0.61  0.80
    3    4.0  11564    0.77  0.82
    4    5.0   6879    0.90  0.86
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

    Examples
    --------
    Ten promoters, six passives and four detractors of twenty:

    >>> losses = pd.DataFrame({"recommend": [9, 10, 8, 2], "bucket": ["00", "01"] * 2,
    ...     "n": [5, 5, 6, 4]})
    >>> print(round(net_promoter(losses).value, 2))
    0.3
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
    """Share of followed answers with an intent of at least so much.

    Parameters
    ----------
    losses : DataFrame
        From `counts.survey_losses(by=["intent"])`: `intent`, `followed` (0/1), `bucket`
        and `n`.
    intent_from : float
        Lowest intent that counts, on the scale of the question.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> losses = pd.DataFrame({"intent": [5.0, 4.0, 2.0, 5.0], "followed": [1, 1, 1, 0],
    ...     "bucket": ["00", "01", "02", "03"], "n": [30, 10, 60, 99]})
    >>> print(round(intending_share(losses, 4).value, 2))
    0.4
    """
    rows = losses[(losses["followed"] == 1) & losses["intent"].notna()]
    rows = rows.assign(yes=(rows["intent"] >= intent_from).astype(int))
    rows = rows.groupby(["yes", "bucket"], as_index=False)["n"].sum()
    found = clustered(
        rows, lambda c: {"share": (c["yes"] * c["n"]).sum() / c["n"].sum()}
    )
    row = found.loc["share"]
    return share(row["value"], row["se"], int(rows["n"].sum()))
