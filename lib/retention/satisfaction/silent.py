"""What those who did not answer could change."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Region
from retention.satisfaction.response import Weighting

MOST_TILT = 6.0  # e**6: four hundred times the odds


def silent_customers(
    asked: pd.DataFrame,
    known: Sequence[str],
    *,
    satisfied_from: float,
    tilts: Sequence[float] = tuple(np.linspace(-2, 2, 9)),
) -> pd.DataFrame:
    """Share of satisfied customers if the silent differ from like ones who answered.

    Weights assume that those who did not answer think as those who did and are alike
    in the known columns. Here their odds of being satisfied are multiplied by
    ``exp(tilt)`` instead; no data can tell which tilt is true.

    Parameters
    ----------
    asked : DataFrame
        From `counts.survey_losses(..., everybody=True)`.
    known : sequence of str
        Columns known of everybody.
    satisfied_from : float
        Lowest score that counts as satisfied.
    tilts : sequence of float
        Log odds ratios to try; 0 is the weighted estimate.

    Returns
    -------
    DataFrame
        `tilt`, `odds_ratio`, `satisfied_share`.

    Examples
    --------
    Half of 100 answer, 80 % of them satisfied; were the silent at a quarter of these
    odds, half of them would be:

    >>> asked = pd.DataFrame({"score": [2.0, 4.0, None], "responded": [1, 1, 0],
    ...                       "n": [10, 40, 50]})
    >>> silent_customers(asked, [], satisfied_from=4, tilts=[0, np.log(0.25)])[
    ...     "satisfied_share"].round(2).tolist()
    [0.8, 0.65]
    """
    weight, happy, n = _weights(asked, known, satisfied_from)
    shares = [_share(weight, happy, n, tilt) for tilt in tilts]
    return pd.DataFrame(
        {"tilt": list(tilts), "odds_ratio": np.exp(tilts), "satisfied_share": shares}
    )


def turning_tilt(
    asked: pd.DataFrame,
    known: Sequence[str],
    *,
    satisfied_from: float,
    region: Region,
) -> float:
    """Smallest tilt, in size, that brings the satisfied share to a region's edge.

    Parameters
    ----------
    asked, known, satisfied_from
        As in `silent_customers`.
    region : Region
        Where a saying is true.

    Returns
    -------
    float
        Log odds ratio; nan where even a factor of four hundred does not reach it, or
        nobody is silent.

    Examples
    --------
    >>> asked = pd.DataFrame({"score": [2.0, 4.0, None], "responded": [1, 1, 0],
    ...                       "n": [10, 40, 50]})
    >>> tilt = turning_tilt(asked, [], satisfied_from=4, region=Region(low=0.85))
    >>> round(tilt, 2)
    0.81
    """
    from scipy.optimize import brentq

    weight, happy, n = _weights(asked, known, satisfied_from)

    def above(tilt: float, bound: float) -> float:
        return _share(weight, happy, n, tilt) - bound

    found = []
    for bound in (region.low, region.high):
        ends = [above(tilt, bound) for tilt in (-MOST_TILT, MOST_TILT)]
        if np.isfinite(bound) and ends[0] < 0 < ends[1]:
            found.append(brentq(above, -MOST_TILT, MOST_TILT, args=(bound,)))
    return min(found, key=abs) if found else np.nan


def no_assumption_bounds(asked: pd.DataFrame, *, satisfied_from: float) -> pd.DataFrame:
    """Shares that remain possible whatever the silent would have said (Manski).

    Parameters
    ----------
    asked : DataFrame
        From `counts.survey_losses(..., everybody=True)`: what everybody did is known,
        the score only of those who answered.
    satisfied_from : float

    Returns
    -------
    DataFrame
        Index `satisfied`, `left given satisfied`, `satisfied given left`; `lower`,
        `upper`, `n` asked. Sampling error is not in them.

    References
    ----------
    Manski, C. F. (1990). Nonparametric bounds on treatment effects. American Economic
    Review 80, 319-323.

    Examples
    --------
    >>> asked = pd.DataFrame({"score": [4.0, 4.0, None, None],
    ...     "responded": [1, 1, 0, 0], "followed": 1, "lost": [0, 1, 0, 1],
    ...     "n": [45, 5, 40, 10]})
    >>> no_assumption_bounds(asked, satisfied_from=4)[["lower", "upper"]].round(2)
                          lower  upper
    satisfied              0.50   1.00
    left given satisfied   0.06   0.25
    satisfied given left   0.33   1.00
    """
    n, happy = asked["n"], asked["score"] >= satisfied_from
    silent = asked["responded"] == 0
    every, unknown = n.sum(), n[silent].sum()
    seen = asked["followed"] == 1
    left, stayed = seen & (asked["lost"] == 1), seen & (asked["lost"] == 0)
    gone, kept = n[left & happy].sum(), n[stayed & happy].sum()
    silent_gone, silent_kept = n[left & silent].sum(), n[stayed & silent].sum()
    known = n[happy].sum()
    rows = {
        "satisfied": (
            known / max(every, 1),
            (known + unknown) / max(every, 1),
            every,
        ),
        "left given satisfied": (
            gone / max(gone + kept + silent_kept, 1),
            (gone + silent_gone) / max(gone + silent_gone + kept, 1),
            n[seen].sum(),
        ),
        "satisfied given left": (
            gone / max(n[left].sum(), 1),
            (gone + silent_gone) / max(n[left].sum(), 1),
            n[left].sum(),
        ),
    }
    return pd.DataFrame(rows, index=["lower", "upper", "n"]).T.astype({"n": int})


def _weights(asked, known, satisfied_from):
    """Inverse probability, whether satisfied, and answers, of each cell."""
    cells, n = asked.drop(columns="n"), asked["n"].to_numpy(float)
    weighting = Weighting(cells, known)
    p = weighting.probability(n, fit=not weighting.note(n))[weighting.code]
    said = cells["responded"].to_numpy() == 1
    happy = (cells["score"] >= satisfied_from).to_numpy()
    return 1 / p[said], happy[said], n[said]


def _share(weight, happy, n, tilt: float) -> float:
    # each answer speaks for itself and, tilted, for (weight - 1) silent customers
    spoken = n @ happy
    odds = np.exp(tilt * happy)
    silent = n * (weight - 1) * odds
    total = (n * (weight - 1)).sum()
    quiet = total * (silent @ happy) / silent.sum() if silent.sum() else 0.0
    whole = n.sum() + total
    return float((spoken + quiet) / whole) if whole else np.nan
