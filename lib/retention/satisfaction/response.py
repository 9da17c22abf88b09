"""Who answers, and weights that let those who answered speak for all who were asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

FEWEST_PER_TERM = 10
LEAST_RATE = 1e-9  # where nobody answered, nothing is weighted
RIDGE = 1e-6  # keeps a level in which all, or none, answered at a finite weight


@dataclass(frozen=True, eq=False)
class ResponseModel:
    """Probability of answering, from what is known of everybody who was asked.

    Attributes
    ----------
    asked, answered : int
        Survey rows.
    table : DataFrame
        One row a term: `term`, `coef` (log odds of answering), and `asked`,
        `answered`, `weighted`, the term's mean among those asked, among those who
        answered and after weighting; `gap` and `gap_weighted` are the differences to
        those asked in standard deviations (SMD).
    weights : DataFrame
        The known columns, `probability`, `weight` and `n` answers of each cell.
    note : str
        Why no weights could be fitted; empty where they were.
    """

    asked: int
    answered: int
    table: pd.DataFrame
    weights: pd.DataFrame = field(repr=False)
    note: str = ""

    @property
    def rate(self) -> float:
        """Share of those asked who answered."""
        return self.answered / self.asked if self.asked else np.nan

    @property
    def effective(self) -> float:
        """Answers of equal weight that would say as much (Kish)."""
        w, n = self.weights["weight"], self.weights["n"]
        return float((w * n).sum() ** 2 / (w**2 * n).sum()) if n.sum() else np.nan

    @property
    def largest(self) -> float:
        """Share of all weight that the heaviest single answer carries."""
        w, n = self.weights["weight"], self.weights["n"]
        return float(w[n > 0].max() / (w * n).sum()) if n.sum() else np.nan

    @property
    def worst_gap(self) -> tuple[float, float]:
        """Largest difference to those asked, before and after weighting."""
        gaps = self.table[["gap", "gap_weighted"]].abs().max()
        return tuple(gaps.fillna(0.0))

    @property
    def summary(self) -> str:
        """Response rate and what weighting did, in a sentence."""
        if self.asked == self.answered:
            return (
                "Only answers are in the table, so nothing can be said about those who "
                "were asked and did not answer."
            )
        said = f"{self.answered:,} of {self.asked:,} asked answered ({self.rate:.0%})"
        if self.note:
            return f"{said}; {self.note}."
        before, after = self.worst_gap
        return (
            f"{said}; weighting brings the largest difference to all asked from "
            f"{before:.2f} to {after:.2f} standard deviations, at the worth of "
            f"{self.effective:,.0f} answers."
        )


class Weighting:
    """Cells of those asked as arrays, so that weights can be made again quickly."""

    def __init__(self, cells: pd.DataFrame, known: Sequence[str]):
        """Take the cells (without buckets) and the columns known of everybody."""
        self.known = list(known)
        if self.known:
            grouped = cells.groupby(self.known, dropna=False, observed=True)
            self.code = grouped.ngroup().to_numpy()
            frame = grouped.size().reset_index()[self.known]
        else:
            self.code, frame = np.zeros(len(cells), int), pd.DataFrame(index=[0])
        self.frame = frame
        self.names, self.design = _design(frame)
        self.responded = cells["responded"].to_numpy(float)
        self.start = None

    def totals(self, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Asked and answered in each cell of the known columns."""
        size = len(self.frame)
        asked = np.bincount(self.code, weights=n, minlength=size)
        said = np.bincount(self.code, weights=n * self.responded, minlength=size)
        return asked, said

    def note(self, n: np.ndarray) -> str:
        """Why no model can be fitted; empty where it can."""
        asked, said = (part.sum() for part in self.totals(n))
        fewest = FEWEST_PER_TERM * len(self.names)
        if asked == said:
            return "nobody who did not answer is in the table, so nothing is weighted"
        if len(self.names) < 2:
            return (
                "nothing is known of those who did not answer, so nothing is weighted"
            )
        if min(said, asked - said) < fewest:
            return f"too few ({fewest} are needed) on one side to fit weights"
        return ""

    def coefficients(self, n: np.ndarray) -> np.ndarray:
        """Log odds of answering, by Newton's method from the last solution."""
        asked, said = self.totals(n)
        beta = np.zeros(len(self.names)) if self.start is None else self.start
        for _ in range(30):
            p = _logistic(self.design @ beta)
            slope = self.design.T @ (said - asked * p) - RIDGE * beta
            bend = (self.design.T * (asked * p * (1 - p))) @ self.design
            step = np.linalg.solve(bend + RIDGE * np.eye(len(beta)), slope)
            beta = beta + np.clip(step, -3, 3)
            if np.abs(step).max() < 1e-8:
                break
        if self.start is None:
            self.start = beta
        return beta

    def probability(self, n: np.ndarray, *, fit: bool = True) -> np.ndarray:
        """Probability of answering in each cell of the known columns."""
        if fit:
            return _logistic(self.design @ self.coefficients(n))
        asked, said = self.totals(n)
        rate = max(said.sum() / max(asked.sum(), 1.0), LEAST_RATE)
        return np.full(len(self.frame), rate)


def response_model(asked: pd.DataFrame, known: Sequence[str]) -> ResponseModel:
    """Weights for those who answered, from what is known of all who were asked.

    A logistic regression of answering on the known columns; each answer counts one
    over its probability. That removes the part of non-response that the columns
    explain, and no other: see `silent_customers`.

    Parameters
    ----------
    asked : DataFrame
        From `counts.survey_losses(..., everybody=True)`.
    known : sequence of str
        Columns known of everybody, also of those who did not answer.

    Returns
    -------
    ResponseModel

    Examples
    --------
    Of 100 basic and 100 plus customers 20 and 80 answer:

    >>> asked = pd.DataFrame({"plan": ["basic", "basic", "plus", "plus"],
    ...                       "responded": [1, 0, 1, 0], "n": [20, 80, 80, 20]})
    >>> model = response_model(asked, ["plan"])
    >>> model.weights[["plan", "weight"]].round(2).values.tolist()
    [['basic', 5.0], ['plus', 1.25]]
    """
    cells = asked.drop(columns="n")
    weighting, n = Weighting(cells, known), asked["n"].to_numpy(float)
    note = weighting.note(n)
    p = weighting.probability(n, fit=not note)
    everyone, said = weighting.totals(n)
    weights = weighting.frame.assign(probability=p, weight=1 / p, n=said.astype(int))
    return ResponseModel(
        asked=int(everyone.sum()),
        answered=int(said.sum()),
        table=_balance(weighting, n, everyone, said, p, note),
        weights=weights,
        note=note,
    )


def _balance(weighting, n, asked, said, p, note) -> pd.DataFrame:
    """Means of each term among those asked, those who answered, and weighted."""
    x = weighting.design[:, 1:]
    beta = np.full(x.shape[1], np.nan) if note else weighting.coefficients(n)[1:]
    means = [_mean(x, w) for w in (asked, said, said / p)]
    sd = np.sqrt(_mean((x - means[0]) ** 2, asked))
    sd = np.where(sd > 0, sd, np.nan)
    return pd.DataFrame(
        {
            "term": weighting.names[1:],
            "coef": beta,
            "asked": means[0],
            "answered": means[1],
            "weighted": means[2],
            "gap": (means[1] - means[0]) / sd,
            "gap_weighted": (means[2] - means[0]) / sd,
        }
    )


def _mean(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return weight @ x / max(weight.sum(), 1e-300)


def _design(frame: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Intercept, numbers in standard deviations, and an indicator for each level."""
    names, columns = ["one"], [np.ones(len(frame))]
    for name in frame.columns:
        for label, values in _columns(frame[name], name):
            names.append(label)
            columns.append(values)
    return names, np.column_stack(columns)


def _columns(values: pd.Series, name: str):
    if pd.api.types.is_numeric_dtype(values):
        number = values.astype(float)
        if number.isna().any():
            yield f"{name} not known", number.isna().to_numpy(float)
        if number.nunique() > 1:
            yield name, number.fillna(number.mean()).to_numpy()
        return
    for level in sorted(values.astype(str).unique())[1:]:
        yield f"{name}={level}", (values.astype(str) == level).to_numpy(float)


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))
