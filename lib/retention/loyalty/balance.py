"""How alike two groups were before, covariate by covariate."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Check

LIMIT = 0.10


def moments(
    rows: pd.DataFrame,
    *,
    group: str = "member",
    covariates: Sequence[str],
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Mean and variance of each covariate, or of each level of it, by group.

    Parameters
    ----------
    rows : DataFrame
        One row a customer.
    group : str
        Column that sorts them into groups.
    covariates : sequence of str
        Numbers, or words, of which each level becomes a share.
    weights : array, optional
        One weight a row; 1 each by default.

    Returns
    -------
    DataFrame
        `group`, `covariate`, `level` ("" for a number), `n`, `mean`, `variance`.

    Examples
    --------
    >>> rows = pd.DataFrame({"member": [1, 1, 0, 0], "age": [40, 50, 30, 40]})
    >>> moments(rows, covariates=["age"])[["group", "mean", "variance"]]
       group  mean  variance
    0      0  35.0      25.0
    1      1  45.0      25.0
    """
    weights = np.ones(len(rows)) if weights is None else np.asarray(weights, float)
    code, groups = pd.factorize(rows[group], sort=True)
    named = [(c, *part) for c in covariates for part in _columns(rows[c])]
    values = np.column_stack([column for _, _, column in named])
    sums = _by_group(code, len(groups), values, weights)
    parts = [
        {"group": groups, "covariate": name, "level": level}
        | {key: found[:, j] for key, found in sums.items()}
        for j, (name, level, _) in enumerate(named)
    ]
    table = pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
    return table[table["n"] > 0].reset_index(drop=True)


def _columns(values: pd.Series) -> list[tuple[str, np.ndarray]]:
    if pd.api.types.is_numeric_dtype(values):
        return [("", values.to_numpy(float))]
    said = values.astype(object).fillna("not stated").astype(str)
    return [(level, (said == level).to_numpy(float)) for level in sorted(said.unique())]


def _by_group(code, groups: int, values, weights) -> dict[str, np.ndarray]:
    """Counts, means and variances, shape (groups, columns); missing values are out."""
    inside = (code[:, None] == np.arange(groups)).astype(float)
    weighed = inside * weights[:, None]
    known = ~np.isnan(values)
    if known.all():
        n = np.repeat(inside.sum(axis=0)[:, None], values.shape[1], axis=1)
        total = weighed.sum(axis=0)[:, None]
    else:
        n, total = inside.T @ known, weighed.T @ known
        values = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = weighed.T @ values / total
        variance = weighed.T @ values**2 / total - mean**2
    return {"n": n.astype(int), "mean": mean, "variance": np.maximum(variance, 0.0)}


def balance(
    moments: pd.DataFrame, *, treated, control, spread: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Standardised differences between two groups, for a table or a love plot.

    Parameters
    ----------
    moments : DataFrame
        From `moments` or `retention.counts.arm_covariates`.
    treated, control
        The two values of `group`.
    spread : DataFrame, optional
        Moments whose variances standardise; their own by default. Give those before
        weighting, so that a weight cannot improve the balance by widening.

    Returns
    -------
    DataFrame
        `covariate`, `level`, `label`, `treated`, `control` (means or shares), `smd`
        (treated minus control in pooled standard deviations), the largest first.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of
    baseline covariates between treatment groups in propensity-score matched samples.
    Statistics in Medicine 28, 3083-3107.

    Examples
    --------
    >>> rows = pd.DataFrame({"member": [1, 1, 0, 0], "age": [40, 50, 30, 40]})
    >>> table = balance(moments(rows, covariates=["age"]), treated=1, control=0)
    >>> table[["label", "treated", "control", "smd"]]
      label  treated  control  smd
    0   age     45.0     35.0  2.0
    """
    mean = _wide(moments, "mean", treated, control)
    both = _wide(moments if spread is None else spread, "variance", treated, control)
    sd = np.sqrt((both[treated] + both[control]) / 2).reindex(mean.index)
    gap = mean[treated] - mean[control]
    smd = (gap / sd.where(sd > 0)).where(gap != 0, 0.0)
    out = pd.DataFrame({"treated": mean[treated], "control": mean[control], "smd": smd})
    out = out.reset_index()
    said = [
        f"{c}: {v}" if v else c
        for c, v in zip(out["covariate"], out["level"], strict=True)
    ]
    out.insert(2, "label", said)
    order = out["smd"].abs().sort_values(ascending=False, kind="stable").index
    return out.loc[order].reset_index(drop=True)


def _wide(moments, value: str, treated, control) -> pd.DataFrame:
    wide = moments.set_index(["covariate", "level", "group"])[value].unstack("group")
    missing = [g for g in (treated, control) if g not in wide]
    if missing:
        raise ValueError(f"There is nobody in the group {missing[0]!r} to compare.")
    return wide[[treated, control]].fillna(0.0)


def balance_check(
    balance: pd.DataFrame, *, limit: float = LIMIT, name: str = "balance"
) -> Check:
    """Whether every standardised difference is within a limit.

    Parameters
    ----------
    balance : DataFrame
        From `balance`.
    limit : float
        Largest tolerable difference in standard deviations; twice it fails.
    name : str

    Returns
    -------
    Check

    Examples
    --------
    >>> table = pd.DataFrame({"label": ["age", "plan: plus"], "smd": [0.15, -0.02]})
    >>> check = balance_check(table)
    >>> print(check.status, check.finding, sep=": ")
    REVIEW: 1 of 2 standardised differences exceed 0.1; the largest is +0.15 (age).
    """
    size = balance["smd"].abs()
    over, worst = int((size > limit).sum()), balance.loc[size.idxmax()]
    finding = (
        f"{over} of {len(balance)} standardised differences exceed {limit:g}; "
        f"the largest is {worst['smd']:+.2f} ({worst['label']})."
    )
    if not over:
        return Check(name, "PASS", finding)
    status = "FAIL" if abs(worst["smd"]) > 2 * limit else "REVIEW"
    remedy = "Adjust for it, or restrict to customers who have a counterpart."
    return Check(name, status, finding, remedy)
