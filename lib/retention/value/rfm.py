"""Recency, frequency and money on a fixed day, judged by what came after it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention.intervals import Estimate, jackknife


def rfm(rows: pd.DataFrame, *, groups: int = 5) -> pd.DataFrame:
    """Customers with their recency, frequency and money scores.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.purchase_rows`: ``recency`` (weeks since the last
        purchase), ``orders`` and ``total_spend``, all up to the cut-off day.
    groups : int
        Groups of like size by each of the three.

    Returns
    -------
    DataFrame
        The rows with ``r``, ``f`` and ``m`` (1 lowest to ``groups`` best), ``cell``
        (text such as "543") and ``rfm`` (r + f + m). Customers who are alike are
        never parted, so where many share a value groups differ in size.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"recency": [1, 9, 30], "orders": [9, 2, 1], "total_spend": [90, 40, 9]}
    ... )
    >>> rfm(rows, groups=3)[["cell", "rfm"]].to_numpy().tolist()
    [['333', 9], ['222', 6], ['111', 3]]
    """
    _known(rows, ["recency", "orders", "total_spend"])
    scored = rows.assign(
        r=_groups(-rows["recency"], groups),
        f=_groups(rows["orders"], groups),
        m=_groups(rows["total_spend"], groups),
    )
    cell = scored["r"].astype(str) + scored["f"].astype(str) + scored["m"].astype(str)
    return scored.assign(cell=cell, rfm=scored["r"] + scored["f"] + scored["m"])


def rfm_cells(scored: pd.DataFrame, *, outcome: str = "holdout_spend") -> pd.DataFrame:
    """What customers of each recency and frequency spent in the next period.

    Parameters
    ----------
    scored : DataFrame
        From `rfm`, with the outcome.
    outcome : str
        Column with what came after the cut-off.

    Returns
    -------
    DataFrame
        ``r``, ``f``, ``customers`` and ``per_customer`` (mean of the outcome).

    Examples
    --------
    >>> scored = pd.DataFrame({"r": [3, 3, 1], "f": [2, 2, 1],
    ...                        "holdout_spend": [90.0, 30.0, 0.0]})
    >>> rfm_cells(scored)
       r  f  customers  per_customer
    0  1  1          1           0.0
    1  3  2          2          60.0
    """
    _known(scored, ["r", "f", outcome])
    cells = scored.groupby(["r", "f"])[outcome].agg(["size", "mean"]).reset_index()
    return cells.rename(columns={"size": "customers", "mean": "per_customer"})


def captured(
    rows: pd.DataFrame,
    score: str,
    *,
    share: float = 0.2,
    outcome: str = "holdout_spend",
) -> Estimate:
    """Share of the next period that the customers with the highest score brought.

    Parameters
    ----------
    rows : DataFrame
        One row a customer with the score, the outcome and ``bucket``.
    score : str
        Column known on the cut-off day; the higher the better.
    share : float
        Share of customers who are chosen.
    outcome : str
        Column with what came after the cut-off.

    Returns
    -------
    Estimate
        With a jackknife interval over buckets. Customers with the same score are
        chosen in part where the line falls among them, so no order of rows helps.

    Raises
    ------
    ValueError
        If a column is missing, or nothing came after the cut-off.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"score": [5, 4, 3, 2, 1] * 9, "holdout_spend": [70, 0, 20, 10, 0] * 9}
    ... ).assign(bucket=lambda t: t.index // 5)
    >>> captured(rows, "score").text
    '70 % (95 % CI 70 to 70 %)'
    """
    _known(rows, [score, outcome, "bucket"])
    if not rows[outcome].sum() > 0:
        raise ValueError(
            f"{outcome} adds up to nothing, so no score can be judged by it: choose an "
            "earlier cut-off day or a longer holdout."
        )
    table = pd.DataFrame(
        {"score": rows[score], "outcome": rows[outcome], "bucket": rows["bucket"]}
    )
    return jackknife(
        table,
        lambda kept: _share(
            kept["score"].to_numpy(), kept["outcome"].to_numpy(), share
        ),
        unit="%",
        method=f"share of the top {share:.0%} by score; jackknife over buckets",
    )


def rfm_capture(
    rows: pd.DataFrame,
    *,
    scores: Mapping[str, str],
    share: float = 0.2,
    outcome: str = "holdout_spend",
) -> pd.DataFrame:
    """Several scores side by side, and the best that hindsight could do.

    Parameters
    ----------
    rows, share, outcome
        As in `captured`.
    scores : mapping of str to str
        Label to column: ``{"RFM": "rfm", "last year's spend": "last_year_spend"}``.

    Returns
    -------
    DataFrame
        ``label``, ``value``, ``lower``, ``upper``, ``se``, ``n``: the share of the
        next period captured by the top customers of each score. The last row,
        "hindsight", chooses by the outcome itself: no score can do better.

    Raises
    ------
    ValueError
        As in `captured`.

    Examples
    --------
    The fifth with the best score brought 70 of the 100 that came; no choice was better:

    >>> rows = pd.DataFrame(
    ...     {"score": [5, 4, 3, 2, 1] * 9, "holdout_spend": [70, 0, 20, 10, 0] * 9}
    ... ).assign(bucket=lambda t: t.index // 5, luck=lambda t: t.index % 2)
    >>> found = rfm_capture(rows, scores={"RFM": "score", "a coin": "luck"})
    >>> found[["label", "value", "n"]].round(2)
           label  value   n
    0        RFM   0.70  45
    1     a coin   0.19  45
    2  hindsight   0.70  45
    """
    chosen = {**scores, "hindsight": outcome}
    found = {
        k: captured(rows, v, share=share, outcome=outcome) for k, v in chosen.items()
    }
    return pd.DataFrame(
        [(k, e.value, e.lower, e.upper, e.se, e.n) for k, e in found.items()],
        columns=["label", "value", "lower", "upper", "se", "n"],
    )


def _groups(values: pd.Series, groups: int) -> pd.Series:
    """1 to groups by the middle of the ranks, ties together."""
    middle = (values.rank(method="average") - 0.5) / len(values)
    return np.minimum((middle * groups).astype(int), groups - 1) + 1


def _share(score: np.ndarray, outcome: np.ndarray, share: float) -> float:
    """Outcome of the top share, ties at the line in proportion."""
    levels, place = np.unique(-score, return_inverse=True)
    people = np.bincount(place, minlength=len(levels))
    money = np.bincount(place, outcome, len(levels))
    wanted = share * len(score) - (np.cumsum(people) - people)
    return float(money @ np.clip(wanted / people, 0, 1) / outcome.sum())


def _known(rows: pd.DataFrame, names: list[str]) -> None:
    missing = [name for name in names if name not in rows]
    if missing:
        raise ValueError(
            f"The table lacks {', '.join(missing)}; make it with "
            "counts.purchase_rows(company, holdout_weeks=52)."
        )
