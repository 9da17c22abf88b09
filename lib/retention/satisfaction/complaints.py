"""Loss after a complaint, beside that of like customers without one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import as_estimate, clustered, share

GROUPS = 64
FEWEST = 20


def after_complaint(
    asked: pd.DataFrame, known: Sequence[str]
) -> dict[str, Estimate | str]:
    """Loss of those who had complained, and how much it exceeds that of like ones.

    Everybody who was asked counts, also those who did not answer. Customers are alike
    if they share all known columns; each complainer is set against those of the same
    cell, which leaves out complainers whom nobody matches. What is not in the columns
    is not matched: the excess is no effect of the complaint.

    Parameters
    ----------
    asked : DataFrame
        From `counts.survey_losses(everybody=True)` with `complained` and the known
        columns.
    known : sequence of str
        Columns to match on, without `complained`.

    Returns
    -------
    dict
        `left_after_complaint` (share) and `extra_loss_after_complaint` (percentage
        points); texts where fewer than twenty followed customers had complained.

    Examples
    --------
    >>> asked = pd.DataFrame({"complained": [1, 1, 0, 0], "followed": 1,
    ...     "lost": [1, 0, 1, 0], "bucket": ["00", "01", "02", "03"],
    ...     "n": [20, 80, 50, 450]})
    >>> found = after_complaint(asked, [])
    >>> round(found["extra_loss_after_complaint"].value, 3)
    0.1
    """
    rows = asked[asked["followed"] == 1]
    keys = [*known, "complained", "lost", "bucket"]
    rows = rows.groupby(keys, dropna=False, observed=True)["n"].sum().reset_index()
    n = int(rows.loc[rows["complained"] == 1, "n"].sum())
    if n < FEWEST:
        reason = f"Only {n} followed customers had complained in the month before."
        return {"left_after_complaint": reason, "extra_loss_after_complaint": reason}
    found = clustered(rows, lambda c: _excess(c, list(known)), groups=GROUPS)
    loss = found.loc["loss"]
    return {
        "left_after_complaint": share(loss["value"], loss["se"], n),
        "extra_loss_after_complaint": as_estimate(
            found.loc["excess"], n, unit="percentage points"
        ),
    }


def _excess(cells: pd.DataFrame, known: list[str]) -> dict[str, float]:
    """Loss after a complaint, and its excess over the same cells without one."""
    if known:
        code = cells.groupby(known, dropna=False, observed=True).ngroup().to_numpy()
    else:
        code = np.zeros(len(cells), int)
    n, lost = cells["n"].to_numpy(float), cells["lost"].to_numpy(float)
    size, said = code.max() + 1, cells["complained"].to_numpy() == 1
    sums = [
        np.bincount(code[rows], weights=w[rows], minlength=size)
        for rows in (said, ~said)
        for w in (n, n * lost)
    ]
    theirs, their_lost, others, others_lost = sums
    both = (theirs > 0) & (others > 0)
    if not both.any():
        return {"loss": their_lost.sum() / theirs.sum(), "excess": np.nan}
    expected = theirs[both] @ (others_lost[both] / others[both]) / theirs[both].sum()
    excess = their_lost[both].sum() / theirs[both].sum() - expected
    return {"loss": their_lost.sum() / theirs.sum(), "excess": excess}
