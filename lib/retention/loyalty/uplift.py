"""A score of who gains from the offer, tested by Qini on a draw only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate


@dataclass(frozen=True, eq=False)
class Uplift:
    """A score of who gains, and whether it told gainers from others.

    Attributes
    ----------
    deciles : DataFrame
        `part` (1 = highest score), `n`, `foretold`, `value` (effect of the offer),
        `lower`, `upper`.
    curve : DataFrame
        `share` of customers addressed in order of score, `gain` per customer of all,
        `random` (addressing at random).
    estimate : Estimate
        Qini coefficient: mean gain above random addressing, per customer; 0 for a
        score that tells nothing.
    checks : list of Check
    summary : str
    score : ndarray
        Foretold effect of each row, from a fit without it.
    """

    deciles: pd.DataFrame
    curve: pd.DataFrame
    estimate: Estimate
    checks: list[Check]
    summary: str
    score: np.ndarray


def uplift(
    rows: pd.DataFrame,
    covariates: Sequence[str],
    *,
    outcome: str = "margin",
    folds: int = 5,
    parts: int = 10,
    replicates: int = 250,
    seed: int = 1,
    unit: str = "EUR per customer",
) -> Uplift:
    """Score who gains from the offer, and test the score on customers it has not seen.

    One linear model an arm, with squares of the numbers (a T-learner); a row's score
    is the difference of the two, fitted without its fold.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.holdout_rows`: a draw decided who was offered. No
        other data can test an uplift score.
    covariates : sequence of str
        Numbers enter with their squares, texts as levels.
    outcome : str
    folds, parts, replicates, seed : int
        Folds of the cross-fitting, groups by score, bootstrap draws, and the seed of
        both.
    unit : str

    Returns
    -------
    Uplift

    Raises
    ------
    ValueError
        If either arm has fewer than 200 customers.

    References
    ----------
    Radcliffe (2007), "Using control groups to target on predicted lift", Direct
    Marketing Analytics Journal, 14-21. Kunzel, Sekhon, Bickel and Yu (2019),
    "Metalearners for estimating heterogeneous treatment effects using machine
    learning", PNAS 116, 4156-4165.

    Examples
    --------
    The offer brings 10 to the young and takes 10 from the old:

    >>> k = np.arange(1600)
    >>> age = np.where(k // 2 % 2, "young", "old")
    >>> rows = pd.DataFrame({"offered": k % 2, "age": age})
    >>> gain = np.where(age == "young", 10.0, -10.0) * rows["offered"]
    >>> rows["margin"] = 50 + gain + k % 5
    >>> found = uplift(rows, ["age"], parts=2, replicates=50)
    >>> found.deciles[["part", "n", "foretold", "value"]].round(1)
       part    n  foretold  value
    0     1  800       9.9   10.0
    1     2  800      -9.9  -10.0
    """
    offered = rows["offered"].to_numpy(bool)
    y = rows[outcome].to_numpy(float)
    if min(offered.sum(), (~offered).sum()) < 200:
        raise ValueError(
            "An uplift score needs at least 200 customers in each arm: "
            f"{offered.sum():,} were offered the programme, {(~offered).sum():,} not."
        )
    rng = np.random.default_rng(seed)
    score = _score(_design(rows, covariates), y, offered, folds, rng)
    order = np.argsort(-score, kind="stable")
    value = _qini(y[order], offered[order], np.ones((1, len(y))))[0]
    weights = rng.poisson(1.0, (replicates, len(y)))
    drawn = _qini(y[order], offered[order], weights)
    lower, upper = np.quantile(drawn, [0.025, 0.975])
    method = f"Qini, bootstrap of customers ({replicates} draws), score held fixed"
    words = (len(y), method, unit, float(drawn.std(ddof=1)))
    qini = Estimate(float(value), float(lower), float(upper), *words)
    return Uplift(
        _deciles(score, y, offered, parts),
        _curve(y[order], offered[order]),
        qini,
        [_randomised_check(rows), _ranking_check(qini)],
        _summary(qini),
        score,
    )


def _design(rows: pd.DataFrame, covariates: Sequence[str]) -> np.ndarray:
    columns = [np.ones(len(rows))]
    for name in covariates:
        values = rows[name]
        if pd.api.types.is_numeric_dtype(values):
            z = values.astype(float).fillna(values.mean())
            z = (z - z.mean()) / (z.std() or 1.0)
            columns += [z.to_numpy(), z.to_numpy() ** 2]
        else:
            shares = pd.get_dummies(values.fillna("not stated"), dtype=float)
            columns += list(shares.to_numpy()[:, 1:].T)
    return np.column_stack(columns)


def _score(x, y, offered, folds: int, rng) -> np.ndarray:
    """Difference of two ridge fits, each row's made without its fold."""
    fold = rng.permutation(len(y)) % folds
    score = np.empty(len(y))
    for k in range(folds):
        inside = fold != k
        slopes = [
            _ridge(x[inside & arm], y[inside & arm]) for arm in (offered, ~offered)
        ]
        score[~inside] = x[~inside] @ (slopes[0] - slopes[1])
    return score


def _ridge(x, y, penalty: float = 1.0) -> np.ndarray:
    shrink = penalty * np.eye(x.shape[1])
    shrink[0, 0] = 0.0
    return np.linalg.solve(x.T @ x + shrink, x.T @ y)


def _gains(y, offered, weights) -> np.ndarray:
    """Gain per customer of all when the first are addressed, for each weighting."""
    given, held = weights * offered, weights * ~offered
    with np.errstate(divide="ignore", invalid="ignore"):
        means = [np.cumsum(w * y, axis=1) / np.cumsum(w, axis=1) for w in (given, held)]
    share = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    return np.nan_to_num(means[0] - means[1]) * share


def _qini(y, offered, weights) -> np.ndarray:
    """Area between the gains and addressing at random."""
    gains = _gains(y, offered, weights)
    share = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    steps = np.diff(share, axis=1, prepend=0.0)
    return ((gains - share * gains[:, -1:]) * steps).sum(axis=1)


def _curve(y, offered) -> pd.DataFrame:
    gains = _gains(y, offered, np.ones((1, len(y))))[0]
    share = np.linspace(0, 1, 101)[1:]
    place = np.maximum(np.ceil(share * len(y)).astype(int) - 1, 0)
    frame = {"share": share, "gain": gains[place], "random": share * gains[-1]}
    start = pd.DataFrame({"share": [0.0], "gain": [0.0], "random": [0.0]})
    return pd.concat([start, pd.DataFrame(frame)], ignore_index=True)


def _deciles(score, y, offered, parts: int) -> pd.DataFrame:
    rank = np.argsort(np.argsort(-score, kind="stable"), kind="stable")
    part = rank * parts // len(y)
    rows = []
    for k in range(parts):
        own = part == k
        given, held = y[own & offered], y[own & ~offered]
        gap = given.mean() - held.mean()
        reach = 1.96 * np.sqrt(
            given.var(ddof=1) / len(given) + held.var(ddof=1) / len(held)
        )
        rows.append(
            (k + 1, own.sum(), score[own].mean(), gap, gap - reach, gap + reach)
        )
    names = ["part", "n", "foretold", "value", "lower", "upper"]
    return pd.DataFrame(rows, columns=names)


def _randomised_check(rows: pd.DataFrame) -> Check:
    return Check(
        "Uplift is tested on a draw",
        "PASS",
        f"{len(rows):,} customers of the draw; no score has seen its customer.",
    )


def _ranking_check(qini: Estimate) -> Check:
    name, told = "The score ranks", f"Qini {qini.text}."
    if qini.lower > 0:
        return Check(name, "PASS", told)
    return Check(name, "REVIEW", told, "Do not select customers by this score.")


def _summary(qini: Estimate) -> str:
    if qini.lower > 0:
        return f"Addressing by score gains {qini.text} above addressing at random."
    return (
        f"The score is not shown to rank customers by what they gain: {qini.text} "
        "above addressing at random."
    )
