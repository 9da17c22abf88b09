"""Covariates as numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def design(
    rows: pd.DataFrame, covariates: Sequence[str], *, degree: int = 1
) -> np.ndarray:
    """Columns of a regression, each of mean 0 and standard deviation 1.

    Numbers enter with their powers up to `degree`, words with an indicator for each
    level but the first; columns that do not vary or repeat others are left out.
    """
    missing = [name for name in covariates if name not in rows]
    if missing:
        raise ValueError(
            f"No column named {', '.join(missing)} in the rows. They have: "
            f"{', '.join(map(str, rows.columns))}."
        )
    parts = [c for name in covariates for c in _columns(rows[name], name, degree)]
    matrix = np.column_stack(parts) if parts else np.zeros((len(rows), 0))
    spread = matrix.std(axis=0)
    varies = spread > 1e-12
    matrix = (matrix[:, varies] - matrix[:, varies].mean(axis=0)) / spread[varies]
    return matrix[:, _independent(matrix)]


def _columns(values: pd.Series, name: str, degree: int) -> list[np.ndarray]:
    if pd.api.types.is_numeric_dtype(values):
        x = values.to_numpy(float)
        if np.isnan(x).any():
            raise ValueError(
                f"{int(np.isnan(x).sum()):,} customers have no {name}: fill it, or "
                "leave it out of the covariates."
            )
        x = (x - x.mean()) / (x.std() or 1.0)
        powers = degree if len(np.unique(x[:1000])) > 2 else 1
        return [x**k for k in range(1, powers + 1)]
    said = values.astype(object).fillna("not stated").astype(str)
    dummies = pd.get_dummies(said, drop_first=True, dtype=float)
    return list(dummies.to_numpy().T)


def _independent(matrix: np.ndarray) -> np.ndarray:
    """Columns that are not sums of those before them."""
    from scipy.linalg import cholesky

    gram = matrix.T @ matrix / max(len(matrix), 1)
    kept: list[int] = []
    for j in range(len(gram)):
        if not kept:
            kept.append(j)
            continue
        across = gram[kept, j]
        inner = cholesky(gram[np.ix_(kept, kept)], lower=True)
        shadow = np.linalg.solve(inner, across)
        if gram[j, j] - shadow @ shadow > 1e-8:
            kept.append(j)
    return np.array(kept, int)


def with_constant(matrix: np.ndarray) -> np.ndarray:
    """The matrix with a first column of ones."""
    return np.column_stack([np.ones(len(matrix)), matrix])
