"""Two-way fixed effects on the same cells, and the weights it gives them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.loyalty.staggered.aggregates import estimate

NEVER = np.inf


@dataclass(frozen=True, eq=False)
class TwoWay:
    """The usual regression with group and time effects, and why it misleads.

    Attributes
    ----------
    estimate : Estimate
        Its coefficient; without an interval where the table has no buckets.
    weights : DataFrame
        `cohort`, `time`, `n`, `weight`: how much each enrolled cell counts in the
        coefficient; the weights sum to 1.
    negative_cells : float
        Share of enrolled cells that count negatively.
    negative_weight : float
        Sum of the negative weights.
    """

    estimate: Estimate
    weights: pd.DataFrame
    negative_cells: float
    negative_weight: float

    @property
    def table(self) -> pd.DataFrame:
        """The weights."""
        return self.weights

    @property
    def summary(self) -> str:
        """How the regression weighs, in one sentence."""
        return (
            f"Two-way fixed effects gives {self.estimate.text} and counts "
            f"{self.negative_cells:.0%} of the enrolled cells negatively (their "
            f"weights sum to {self.negative_weight:.2f})."
        )


def two_way_fixed_effects(levels: pd.DataFrame, *, unit: str = "") -> TwoWay:
    """Coefficient of being enrolled, with cohort and period effects.

    Parameters
    ----------
    levels : DataFrame
        `cohort` (missing = never), `time`, `n`, `total`, and perhaps `bucket`
        (`retention.counts.group_levels` or `levels_from_means`).
    unit : str
        Of the outcome.

    Returns
    -------
    TwoWay

    Raises
    ------
    ValueError
        If enrolment cannot be told from cohort and period.

    References
    ----------
    de Chaisemartin, C. and D'Haultfoeuille, X. (2020). Two-way fixed effects
    estimators with heterogeneous treatment effects. American Economic Review 110,
    2964-2996, theorem 1.

    Examples
    --------
    >>> means = pd.DataFrame({
    ...     "cohort": [1, 1, None, None], "time": [0, 1] * 2,
    ...     "mean": [10.0, 15.0, 8.0, 10.0], "n": [20, 20, 60, 60]})
    >>> found = two_way_fixed_effects(levels_from_means(means))
    >>> round(found.estimate.value, 6), found.negative_weight
    (3.0, 0.0)
    """
    grid = _grid(levels)
    left_over = _left_over(grid.n[0], grid.design, grid.treated)
    pull = (grid.n[0] * left_over)[grid.treated == 1]
    weights = grid.keys[grid.treated == 1].assign(weight=pull / pull.sum())
    negative = weights["weight"] < -1e-12
    return TwoWay(
        estimate=_estimate(levels, grid, unit),
        weights=weights.reset_index(drop=True),
        negative_cells=float(negative.mean()),
        negative_weight=float(weights["weight"][negative].sum()),
    )


@dataclass(frozen=True, eq=False)
class _Grid:
    """Cells of cohort and period: counts and sums of all, and without each bucket."""

    keys: pd.DataFrame
    n: np.ndarray
    total: np.ndarray
    treated: np.ndarray
    design: np.ndarray


def _grid(levels: pd.DataFrame) -> _Grid:
    cohort = levels["cohort"].astype(float).fillna(NEVER)
    bucket = levels.get("bucket", "00")
    table = levels.assign(cohort=cohort, bucket=bucket)
    wide = table.pivot_table(
        index="bucket", columns=["cohort", "time"], values=["n", "total"], aggfunc="sum"
    ).fillna(0.0)
    n, total = (_left_out(wide[v].to_numpy(float)) for v in ("n", "total"))
    keys = wide["n"].columns.to_frame(index=False)
    treated = (keys["time"] >= keys["cohort"]).to_numpy(float)
    first, second = (
        pd.get_dummies(keys[k], dtype=float).to_numpy() for k in ("cohort", "time")
    )
    design = np.hstack([first, second[:, 1:]])
    return _Grid(keys.assign(n=n[0].astype(int)), n, total, treated, design)


def _left_out(sums: np.ndarray) -> np.ndarray:
    whole = sums.sum(axis=0)
    return np.vstack([whole, whole - sums]) if len(sums) > 1 else whole[None]


def _left_over(n: np.ndarray, design: np.ndarray, treated: np.ndarray) -> np.ndarray:
    """What cohort and period leave of being enrolled."""
    cross = design.T * n
    fit = np.linalg.lstsq(cross @ design, cross @ treated, rcond=None)[0]
    left_over = treated - design @ fit
    if np.abs(left_over).max() < 1e-7:
        raise ValueError(
            "Being enrolled follows from cohort and period alone, so two-way fixed "
            "effects cannot tell its effect: some group must enrol later or never."
        )
    return left_over


def _coefficient(n: np.ndarray, total: np.ndarray, grid: _Grid) -> float:
    left_over = _left_over(n, grid.design, grid.treated)
    return float((left_over @ total) / ((left_over * n) @ grid.treated))


def _estimate(levels: pd.DataFrame, grid: _Grid, unit: str) -> Estimate:
    found = np.array(
        [_coefficient(*sums, grid) for sums in zip(grid.n, grid.total, strict=True)]
    )
    people = levels.groupby(["cohort", "time"], dropna=False)["n"].sum()
    size = int(people.groupby("cohort", dropna=False).max().sum())
    return estimate(found, size, method="two-way fixed effects", unit=unit)


def levels_from_means(means: pd.DataFrame) -> pd.DataFrame:
    """Table of levels from published means.

    Parameters
    ----------
    means : DataFrame
        `cohort` (missing = never), `time`, `mean`, `n`.

    Returns
    -------
    DataFrame
        `cohort`, `time`, `n`, `total`.

    Examples
    --------
    >>> means = pd.DataFrame({"cohort": [1, None], "time": [0, 0],
    ...                       "mean": [10.0, 8.0], "n": [20, 60]})
    >>> levels_from_means(means)
       cohort  time   n  total
    0       1     0  20  200.0
    1    <NA>     0  60  480.0
    """
    table = means.assign(total=means["mean"] * means["n"])
    return table[["cohort", "time", "n", "total"]].astype({"cohort": "Int64"})
