"""Rosenbaum's bounds for matched pairs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

GAMMAS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0)


def rosenbaum(
    differences: np.ndarray, *, gammas: Sequence[float] = GAMMAS
) -> pd.DataFrame:
    """Largest p-value of no effect, by how much an unseen cause may tilt the odds.

    Parameters
    ----------
    differences : array
        Member minus match, one a pair (`matched_pairs`).
    gammas : sequence of float
        How many times more likely one of two alike customers may have been to be the
        member.

    Returns
    -------
    DataFrame
        `gamma` and `p`, the one-sided upper bound of the signed-rank test in the
        direction of the sum of ranks.

    Raises
    ------
    ValueError
        If no pair differs.

    References
    ----------
    Rosenbaum, P. R. (2002). Observational Studies, 2nd edition, section 4.3.
    Springer.

    Examples
    --------
    >>> rosenbaum(np.arange(1, 21), gammas=[1, 5]).round(4)
       gamma       p
    0    1.0  0.0000
    1    5.0  0.0398
    """
    statistic, ranks = _signed_ranks(np.asarray(differences, float))
    p = [_upper_bound(statistic, ranks, g) for g in gammas]
    return pd.DataFrame({"gamma": np.array(gammas, float), "p": p})


def rosenbaum_gamma(differences: np.ndarray, *, alpha: float = 0.05) -> float:
    """Odds by which an unseen cause must tilt membership to undo the finding.

    Parameters
    ----------
    differences : array
        As in `rosenbaum`.
    alpha : float
        One-sided level.

    Returns
    -------
    float
        1 where there is nothing to undo.

    Examples
    --------
    >>> round(rosenbaum_gamma(np.arange(1, 21)), 2)
    5.68
    """
    statistic, ranks = _signed_ranks(np.asarray(differences, float))
    if _upper_bound(statistic, ranks, 1.0) >= alpha:
        return 1.0
    low, high = 1.0, 2.0
    while _upper_bound(statistic, ranks, high) < alpha and high < 1e6:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        short = _upper_bound(statistic, ranks, middle) < alpha
        low, high = (middle, high) if short else (low, middle)
    return low


def _signed_ranks(differences: np.ndarray) -> tuple[float, np.ndarray]:
    from scipy.stats import rankdata

    moved = differences != 0
    if not moved.any():
        raise ValueError("No pair differs, so there is nothing to explain away.")
    ranks = rankdata(np.abs(differences))  # pairs without a difference keep theirs
    up = float(ranks[differences > 0].sum())
    down = float(ranks[differences < 0].sum())
    return max(up, down), ranks[moved]


def _upper_bound(statistic: float, ranks: np.ndarray, gamma: float) -> float:
    from scipy.special import ndtr

    share = gamma / (1 + gamma)
    expected, sd = share * ranks.sum(), np.sqrt(share * (1 - share) * (ranks**2).sum())
    return float(ndtr(-(statistic - expected) / sd))
