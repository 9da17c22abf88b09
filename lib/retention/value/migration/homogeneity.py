"""Likelihood-ratio tests of what a chain of tiers assumes."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class ChainTest:
    """A likelihood-ratio test about a Markov chain.

    Attributes
    ----------
    question : str
    statistic : float
        Minus twice the log likelihood ratio.
    df : int
    p : float
    n : int
        Moves that it rests on.
    """

    question: str
    statistic: float
    df: int
    p: float
    n: int

    @property
    def effect(self) -> float:
        """Root of the statistic per move (Cohen's w): 0.1 is small, 0.3 medium."""
        return math.sqrt(self.statistic / self.n) if self.n else math.nan

    @property
    def summary(self) -> str:
        """Question, statistic and p in one sentence."""
        p = "below 0.001" if self.p < 0.001 else f"{self.p:.3f}"
        return (
            f"{self.question}: chi-squared {self.statistic:,.1f} on {self.df} degrees "
            f"of freedom over {self.n:,} moves, p {p}."
        )


def order_test(moves: pd.DataFrame) -> ChainTest:
    """Whether the tier before matters, given the tier now (order 2 against 1).

    Parameters
    ----------
    moves : DataFrame
        From `retention.counts.tier_moves`: `before` ("none" in a first period),
        `tier`, `next`, `n`.

    Returns
    -------
    ChainTest
        Small p: where a customer came from tells more than the tier it is in.

    References
    ----------
    Anderson & Goodman (1957), "Statistical inference about Markov chains", Annals of
    Mathematical Statistics 28, 89-110, section 4.

    Examples
    --------
    Who has just fallen falls again more often than who was low before:

    >>> moves = pd.DataFrame({"before": ["top", "top", "low", "low"], "tier": "low",
    ...     "next": ["low", "closed"] * 2, "n": [60, 40, 90, 10]})
    >>> test = order_test(moves)
    >>> round(test.statistic, 1), test.df, test.n
    (25.3, 1, 200)
    """
    known = moves[moves["before"] != "none"]
    return _homogeneity(known, "before", "Does the tier before matter")


def stationarity_test(moves: pd.DataFrame) -> ChainTest:
    """Whether the probabilities of moving are the same in every period.

    Parameters
    ----------
    moves : DataFrame
        `period`, `tier`, `next`, `n`.

    Returns
    -------
    ChainTest
        Small p: the chances are not the same in all periods.

    References
    ----------
    Anderson & Goodman (1957), section 3.

    Examples
    --------
    >>> moves = pd.DataFrame({"period": [1, 1, 2, 2], "tier": "low",
    ...     "next": ["low", "top"] * 2, "n": [90, 10, 180, 20]})
    >>> test = stationarity_test(moves)
    >>> round(test.statistic, 6), test.df, round(test.p, 6)
    (0.0, 1, 1.0)
    """
    return _homogeneity(moves, "period", "Do the chances change over time")


def _homogeneity(moves: pd.DataFrame, key: str, question: str) -> ChainTest:
    """Likelihood ratio of moves that may differ by `key`, within each tier."""
    from scipy.stats import chi2

    statistic, df, total = 0.0, 0, 0
    for _, part in moves.groupby("tier"):
        table = part.pivot_table(
            index=key, columns="next", values="n", aggfunc="sum", fill_value=0
        ).to_numpy(float)
        n = table.sum()
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
        seen = table > 0
        statistic += 2 * (table[seen] * np.log(table[seen] / expected[seen])).sum()
        df += (table.shape[0] - 1) * (table.shape[1] - 1)
        total += int(n)
    p = float(chi2.sf(statistic, df)) if df else math.nan
    return ChainTest(question, max(float(statistic), 0.0), df, p, total)
