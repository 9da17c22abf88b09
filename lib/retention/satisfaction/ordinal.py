"""Proportional odds on counts: scores taken as ordered, not as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class OrdinalFit:
    """Proportional-odds regression, fitted to counts.

    Attributes
    ----------
    table : DataFrame
        One row a coefficient: `term`, `level`, `reference`, `coef` (log odds of a
        higher score), `se`, `odds_ratio`, `lower`, `upper`.
    cuts : Series
        Threshold between each score and the next.
    deviance : float
        Minus twice the log-likelihood.
    n : int
    """

    table: pd.DataFrame
    cuts: pd.Series
    deviance: float
    n: int


def proportional_odds(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    outcome: str,
    levels: Sequence | None = None,
    reference: dict | None = None,
) -> OrdinalFit:
    """Log odds of a higher score by effect, the same at every cut of the scale.

    Parameters
    ----------
    table : DataFrame
        `outcome`, the columns of `effects` and `n`: counts are as good as rows.
    effects : sequence of str
        Words get an indicator for each level but the reference, numbers a slope.
    outcome : str
        Column of the ordered answer.
    levels : sequence, optional
        Its values from the lowest; in sorted order by default.
    reference : dict, optional
        Level of an effect to compare with; the first by default.

    Returns
    -------
    OrdinalFit
        P(answer <= j) = 1 / (1 + exp(-(cut_j - x'coef))).

    Raises
    ------
    ValueError
        If fewer than two answers occur.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal
    Statistical Society B 42, 109-142.

    Examples
    --------
    >>> table = pd.DataFrame({"group": ["a", "a", "b", "b"], "score": [1, 2, 1, 2],
    ...                       "n": [50, 50, 20, 80]})
    >>> fit = proportional_odds(table, ["group"], outcome="score")
    >>> round(float(fit.table["coef"].iloc[0]), 4), round(float(np.log(4)), 4)
    (1.3863, 1.3863)
    """
    from scipy.optimize import minimize
    from statsmodels.tools.numdiff import approx_fprime_cs

    order = sorted(table[outcome].dropna().unique()) if levels is None else list(levels)
    order = [x for x in order if (table.loc[table[outcome] == x, "n"] > 0).any()]
    if len(order) < 2:
        raise ValueError("Fewer than two different answers: nothing is ordered.")
    terms, x = _terms(table, effects, reference or {})
    place = pd.Index(order).get_indexer(table[outcome])
    n, k = table["n"].to_numpy(float), len(order) - 1
    target = _Likelihood(x, place, n, k)
    best = minimize(
        target.value,
        target.start(),
        jac=target.slope,
        method="BFGS",
        options={"gtol": 1e-7 * n.sum()},
    ).x
    for _ in range(5):  # Newton's last steps, so that the digits are settled
        bend = approx_fprime_cs(best, target.slope)
        best = best - np.linalg.solve(bend, target.slope(best))
    se = np.sqrt(np.diag(np.linalg.inv(approx_fprime_cs(best, target.slope))))[k:]
    coef = best[k:]
    with np.errstate(over="ignore"):  # without a bound where a level has no overlap
        odds_ratio, lower, upper = np.exp([coef, coef - 1.96 * se, coef + 1.96 * se])
    rows = pd.DataFrame(terms, columns=["term", "level", "reference"]).assign(
        coef=coef, se=se, odds_ratio=odds_ratio, lower=lower, upper=upper
    )
    names = [f"{a}|{b}" for a, b in pairwise(order)]
    cuts = pd.Series(np.real(target.cuts(best)), names, name="cut")
    return OrdinalFit(rows, cuts, 2 * float(target.value(best)), int(n.sum()))


def cut_logits(
    table: pd.DataFrame,
    effects: Sequence[str],
    *,
    outcome: str,
    reference: dict | None = None,
) -> pd.DataFrame:
    """Each cut of the scale by itself, to see whether its odds are proportional.

    Parameters
    ----------
    table, effects, outcome, reference
        As in `proportional_odds`.

    Returns
    -------
    DataFrame
        One row a term, one column a cut (">= 2", ...): log odds ratios. Under
        proportional odds a row is about constant.

    Examples
    --------
    The odds of group b are four times as high at either cut of three answers:

    >>> table = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3, "score": [1, 2, 3] * 2,
    ...     "n": [50, 30, 20, 20, 30, 50]})
    >>> cut_logits(table, ["group"], outcome="score").round(3)
              >= 2   >= 3
    group b  1.386  1.386
    """
    order = sorted(table[outcome].dropna().unique())
    columns = {}
    for cut in order[1:]:
        halved = table.assign(_above=(table[outcome] >= cut).astype(int))
        fit = proportional_odds(halved, effects, outcome="_above", reference=reference)
        keys = [
            f"{t} {lv}".strip() for t, lv in fit.table[["term", "level"]].to_numpy()
        ]
        columns[f">= {cut:g}"] = pd.Series(fit.table["coef"].to_numpy(), keys)
    return pd.DataFrame(columns)


class _Likelihood:
    """Log-likelihood in cuts (the first, then log steps) and coefficients."""

    def __init__(self, x, place, n, k):
        known = place >= 0
        self.x, self.place, self.n, self.k = x[known], place[known], n[known], k

    def start(self):
        shares = np.bincount(self.place, weights=self.n, minlength=self.k + 1)
        below = (shares.cumsum() / shares.sum())[:-1]
        cuts = np.log(below / (1 - below))
        steps = np.log(np.maximum(np.diff(cuts), 1e-3))
        return np.concatenate([cuts[:1], steps, np.zeros(self.x.shape[1])])

    def cuts(self, theta):
        return theta[0] + np.concatenate([[0.0], np.cumsum(np.exp(theta[1 : self.k]))])

    def _edges(self, theta):
        """P(answer <= j) and P(answer <= j - 1) of each row's own answer."""
        mean = self.x @ theta[self.k :]
        cuts = self.cuts(theta)
        upper = np.where(
            self.place < self.k, cuts[np.minimum(self.place, self.k - 1)], 1e3
        )
        lower = np.where(self.place > 0, cuts[np.maximum(self.place - 1, 0)], -1e3)
        return _share(upper - mean), _share(lower - mean)

    def value(self, theta):
        high, low = self._edges(theta)
        return -(self.n * np.log(np.maximum(np.real(high - low), 1e-300))).sum()

    def slope(self, theta):
        high, low = self._edges(theta)
        weight = self.n / (high - low)
        up, down = weight * high * (1 - high), weight * low * (1 - low)
        by_cut = np.zeros(self.k, dtype=np.result_type(theta, float))
        np.add.at(by_cut, self.place[self.place < self.k], up[self.place < self.k])
        np.add.at(by_cut, self.place[self.place > 0] - 1, -down[self.place > 0])
        later = by_cut[::-1].cumsum()[::-1]
        steps = np.exp(theta[1 : self.k]) * later[1:]
        return -np.concatenate([later[:1], steps, -(self.x.T @ (up - down))])


def _share(z):
    real = np.real(z)
    z = np.where(np.abs(real) > 300, np.sign(real) * 300, z)
    return 1 / (1 + np.exp(-z))


def _terms(table, effects, reference):
    """Terms (effect, level, reference) and their design."""
    terms, columns = [], []
    for name in effects:
        values = table[name]
        if pd.api.types.is_numeric_dtype(values):
            terms.append((name, "", ""))
            columns.append(values.to_numpy(float))
            continue
        levels = list(dict.fromkeys(sorted(values.astype(str).unique())))
        base = reference.get(name, levels[0])
        for level in [x for x in levels if x != base]:
            terms.append((name, level, base))
            columns.append((values.astype(str) == level).to_numpy(float))
    return terms, np.column_stack(columns)
