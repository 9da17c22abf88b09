"""Moves between tiers: how likely, how stable, and worth what."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, jackknife, wilson


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


def transitions(moves: pd.DataFrame) -> pd.DataFrame:
    """Probability of moving from each tier to each, with intervals.

    Parameters
    ----------
    moves : DataFrame
        `tier`, `next`, `n` and, for intervals that allow for a customer's own habits,
        `bucket`.

    Returns
    -------
    DataFrame
        `tier`, `next`, `n`, `probability`, `lower`, `upper`: Wilson's without
        buckets, a jackknife with them.
    """
    counts = moves.groupby(["tier", "next"], as_index=False)["n"].sum()
    total = counts.groupby("tier")["n"].transform("sum")
    made = [wilson(float(k), int(n)) for k, n in zip(counts["n"], total, strict=True)]
    out = counts.assign(
        probability=[e.value for e in made],
        lower=[e.lower for e in made],
        upper=[e.upper for e in made],
    )
    return _clustered(out, moves) if "bucket" in moves else out


def matrix(moves: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """Transition matrix: rows sum to 1; tiers in order, then exits.

    Parameters
    ----------
    moves : DataFrame
        `tier`, `next`, `n`.
    order : sequence of str
        Tiers from low to high; a tier that is not named is an exit and stays.

    Examples
    --------
    >>> moves = pd.DataFrame({"tier": ["low", "low", "top"],
    ...                       "next": ["low", "top", "top"], "n": [9, 1, 5]})
    >>> matrix(moves, ["low", "top"]).round(2).values.tolist()
    [[0.9, 0.1], [0.0, 1.0]]
    """
    seen = pd.unique(moves[["tier", "next"]].to_numpy().ravel())
    exits = sorted(t for t in seen if t not in order)
    names = [*order, *exits]
    wide = moves.pivot_table(
        index="tier", columns="next", values="n", aggfunc="sum", fill_value=0
    )
    wide = wide.reindex(index=names, columns=names, fill_value=0).astype(float)
    for name in exits:
        wide.loc[name] = 0.0
    alone = wide.index[wide.sum(axis=1) == 0]
    for name in alone:
        wide.loc[name, name] = 1.0
    return wide.div(wide.sum(axis=1), axis=0)


def reached(chain: pd.DataFrame, *, top: str, periods: int) -> pd.DataFrame:
    """Share of each tier that has reached the top within so many periods.

    Parameters
    ----------
    chain : DataFrame
        From `matrix`.
    top : str
    periods : int

    Returns
    -------
    DataFrame
        `tier` and one column a period, 1 to `periods`: the cumulative incidence of
        reaching the top, which leaving competes with (Aalen-Johansen in whole
        periods).
    """
    step = chain.copy()
    step.loc[top] = 0.0
    step.loc[top, top] = 1.0
    power, rows = np.eye(len(step)), {}
    for period in range(1, periods + 1):
        power = power @ step.to_numpy()
        rows[period] = power[:, step.columns.get_loc(top)]
    return pd.DataFrame(rows, index=chain.index).rename_axis("tier").reset_index()


def tier_worth(
    chain: pd.DataFrame, margins: Mapping[str, float], *, discount: float
) -> pd.Series:
    """Expected discounted margin of a customer who is in each tier today.

    Parameters
    ----------
    chain : DataFrame
        From `matrix`.
    margins : mapping
        Margin per period in each tier; a tier not named brings 0.
    discount : float
        Worth today of one unit due a period from now.

    Returns
    -------
    Series
        (I - discount P)^-1 m, by tier, this period's margin included.

    Examples
    --------
    One unit a period, half stay: 1 / (1 - 0.5 / 1.1).

    >>> chain = pd.DataFrame([[0.5, 0.5], [0, 1]], index=["in", "out"],
    ...                      columns=["in", "out"])
    >>> float(tier_worth(chain, {"in": 1.0}, discount=1 / 1.1)["in"].round(3))
    1.833
    """
    money = np.array([margins.get(name, 0.0) for name in chain.index])
    system = np.eye(len(chain)) - discount * chain.to_numpy()
    return pd.Series(np.linalg.solve(system, money), chain.index, name="worth")


def order_test(moves: pd.DataFrame) -> ChainTest:
    """Whether the tier before matters, given the tier now (order 2 against 1).

    Parameters
    ----------
    moves : DataFrame
        From `retention.counts.tier_moves`: `before` ("none" in a first period),
        `tier`, `next`, `n`.

    References
    ----------
    Anderson & Goodman (1957), "Statistical inference about Markov chains", Annals of
    Mathematical Statistics 28, 89-110, section 4.
    """
    known = moves[moves["before"] != "none"]
    return _homogeneity(known, "before", "Does the tier before matter")


def stationarity_test(moves: pd.DataFrame) -> ChainTest:
    """Whether the probabilities of moving are the same in every period.

    Parameters
    ----------
    moves : DataFrame
        `period`, `tier`, `next`, `n`.

    References
    ----------
    Anderson & Goodman (1957), section 3.
    """
    return _homogeneity(moves, "period", "Do the chances change over time")


def lower_given_top(spans: pd.DataFrame, order: Sequence[str]) -> Estimate:
    """Share of today's top customers who were lower at some time on record.

    Parameters
    ----------
    spans : DataFrame
        From `retention.counts.tier_spans`.
    order : sequence of str
        Tiers from low to high.
    """
    top = spans[spans["last"] == order[-1]]
    return _wilson(top.loc[top["always_top"] == 0, "n"].sum(), top["n"].sum())


def top_given_lower(spans: pd.DataFrame, order: Sequence[str]) -> Estimate:
    """Share of those who began below the top and are in it now.

    Parameters as in `lower_given_top`.
    """
    lower = spans[spans["first"].isin(order[:-1])]
    return _wilson(lower.loc[lower["last"] == order[-1], "n"].sum(), lower["n"].sum())


def _wilson(events: float, n: float) -> Estimate:
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0, "nobody to count", "%")
    return wilson(float(events), int(n))


def _clustered(out: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Wilson's bounds replaced by a jackknife's where a move is common enough."""
    if moves["bucket"].nunique() < 20:
        return out
    codes = pd.factorize(moves["bucket"])[0] % 64
    for at, row in out[out["n"] >= 20].iterrows():
        if row["probability"] == 1:
            continue
        mine = (moves["tier"] == row["tier"]).to_numpy()
        hit = (moves["next"] == row["next"]).to_numpy() & mine
        n = moves["n"].to_numpy(float)
        per = pd.DataFrame(
            {
                "bucket": np.arange(codes.max() + 1),
                "hit": np.bincount(codes, n * hit, codes.max() + 1),
                "n": np.bincount(codes, n * mine, codes.max() + 1),
            }
        )
        found = jackknife(per, lambda t: t["hit"].sum() / t["n"].sum())
        out.loc[at, ["lower", "upper"]] = max(found.lower, 0), min(found.upper, 1)
    return out


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
