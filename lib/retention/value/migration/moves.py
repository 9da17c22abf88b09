"""Probabilities of moving, what they lead to, and what a tier is worth."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate, jackknife, wilson


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

    Examples
    --------
    >>> moves = pd.DataFrame({"tier": ["low", "low", "top"],
    ...                       "next": ["low", "top", "top"], "n": [90, 10, 50]})
    >>> transitions(moves).round(2)
      tier next   n  probability  lower  upper
    0  low  low  90          0.9   0.83   0.94
    1  low  top  10          0.1   0.06   0.17
    2  top  top  50          1.0   0.93   1.00
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

    Returns
    -------
    DataFrame
        Index and columns: tiers from low to high, then exits; a row holds the
        probabilities of moving from its tier. Nobody leaves an exit.

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

    Examples
    --------
    A tenth of the low rise in a period; of the 80 % still low a tenth in the next:

    >>> moves = pd.DataFrame({"tier": ["low", "low", "low", "top"],
    ...     "next": ["low", "top", "closed", "top"], "n": [8, 1, 1, 5]})
    >>> reached(matrix(moves, ["low", "top"]), top="top", periods=2).round(2)
         tier    1     2
    0     low  0.1  0.18
    1     top  1.0  1.00
    2  closed  0.0  0.00
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


def lower_given_top(spans: pd.DataFrame, order: Sequence[str]) -> Estimate:
    """Share of today's top customers who were lower at some time on record.

    Parameters
    ----------
    spans : DataFrame
        From `retention.counts.tier_spans`.
    order : sequence of str
        Tiers from low to high.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> spans = pd.DataFrame({"first": ["low", "top", "top"], "last": "top",
    ...     "always_top": [0, 1, 0], "n": [30, 60, 10]})
    >>> lower_given_top(spans, ["low", "top"]).value
    0.4
    """
    top = spans[spans["last"] == order[-1]]
    return _wilson(top.loc[top["always_top"] == 0, "n"].sum(), top["n"].sum())


def top_given_lower(spans: pd.DataFrame, order: Sequence[str]) -> Estimate:
    """Share of those who began below the top and are in it now.

    Parameters as in `lower_given_top`.

    Parameters
    ----------
    spans, order
        As in `lower_given_top`.

    Returns
    -------
    Estimate
        A share with Wilson's interval.

    Examples
    --------
    >>> spans = pd.DataFrame({"first": ["low", "low", "top"],
    ...     "last": ["top", "low", "top"], "n": [30, 270, 60]})
    >>> top_given_lower(spans, ["low", "top"]).value
    0.1
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
