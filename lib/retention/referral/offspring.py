"""How unevenly customers refer, and the tree that their referrals grow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, maximum_likelihood

HIGHEST = 12.0


def dispersion(table: pd.DataFrame) -> Estimate:
    """Size of the negative binomial distribution of referrals; small means uneven.

    Chance alone, the same for all customers, gives a Poisson distribution: an
    infinite size. Missing a random part of the referrals leaves the size as it is.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.offspring`: `referrals`, `n`.

    Returns
    -------
    Estimate
        Maximum likelihood, the interval normal on the log scale; infinite where the
        counts are no more uneven than chance.

    Examples
    --------
    Nine in ten customers refer nobody, one in ten sends five:

    >>> uneven = dispersion(pd.DataFrame({"referrals": [0, 5], "n": [900, 100]}))
    >>> alike = dispersion(pd.DataFrame({"referrals": [0, 1], "n": [500, 500]}))
    >>> round(uneven.value, 2), alike.value
    (0.04, inf)
    """
    x, n = (table[c].to_numpy(float) for c in ("referrals", "n"))
    customers, mean = n.sum(), (x * n).sum() / n.sum()
    method = "negative binomial, maximum likelihood"
    uneven = (n * (x - mean) ** 2).sum() / customers > mean
    if mean == 0 or not uneven:
        return Estimate(np.inf, np.nan, np.inf, int(customers), method)
    best = maximum_likelihood(
        lambda theta: _log_likelihood(theta, x, n),
        [np.log(mean), 0.0],
        bounds=[(-HIGHEST, HIGHEST)] * 2,
    )
    if best.at_bound[1]:
        return Estimate(np.inf, np.nan, np.inf, int(customers), method)
    size, se = np.exp(best.parameters[1]), float(best.covariance[1, 1] ** 0.5)
    low, high = size * np.exp(-1.96 * se), size * np.exp(1.96 * se)
    ends = float(low), float(high)
    return Estimate(float(size), *ends, int(customers), method, "", float(size * se))


def offspring_fit(table: pd.DataFrame) -> pd.DataFrame:
    """Customers by referrals made, beside what chance and unevenness would give.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.offspring`: `referrals`, `n`.

    Returns
    -------
    DataFrame
        `referrals`, `customers`, `poisson` (expected if all referred alike),
        `negative_binomial` (expected if they differ).

    Examples
    --------
    >>> table = pd.DataFrame({"referrals": [0, 1, 5], "n": [850, 50, 100]})
    >>> offspring_fit(table).head(3).round(0).astype(int)
       referrals  customers  poisson  negative_binomial
    0          0        850      577                847
    1          1         50      317                 60
    2          2          0       87                 28
    """
    total = table["n"].sum()
    mean = (table["referrals"] * table["n"]).sum() / total
    most = int(table["referrals"].max())
    count = np.arange(most + 1)
    n = table.set_index("referrals")["n"].reindex(count, fill_value=0).to_numpy()
    size = dispersion(table).value
    # A negative binomial of enormous size is a Poisson distribution.
    alike = np.exp(_log_chance(count, mean, 1e9))
    differ = np.exp(_log_chance(count, mean, size)) if size < np.inf else alike
    return pd.DataFrame(
        {
            "referrals": count,
            "customers": n,
            "poisson": total * alike,
            "negative_binomial": total * differ,
        }
    )


def _log_likelihood(theta, x, n) -> float:
    return float((n * _log_chance(x, *np.exp(theta))).sum())


def _log_chance(x, mean: float, size: float) -> np.ndarray:
    """Log of the negative binomial probabilities."""
    from scipy.special import betaln, xlog1py, xlogy

    chosen = -np.log(x + size) - betaln(x + 1, size)
    return chosen + xlogy(x, mean / (size + mean)) - xlog1py(size, mean / size)


@dataclass(frozen=True, eq=False)
class ReferralTree:
    """Who was sent by whom, generation by generation.

    Attributes
    ----------
    nodes : DataFrame
        One row a customer of the tree: `customer_id`, `parent` (row of the referrer,
        -1 for the first of a chain), `root` (row of the first), `generation` (0 for
        the first), `direct` (customers it sent) and `descendants` (all who came
        through it).
    """

    nodes: pd.DataFrame

    @property
    def generations(self) -> pd.DataFrame:
        """`generation`, `customers`."""
        counts = self.nodes["generation"].value_counts().sort_index()
        return pd.DataFrame({"generation": counts.index, "customers": counts.values})

    def top(self, most: int = 10) -> pd.DataFrame:
        """Referrers with the most descendants, and no ids: a page names nobody.

        Returns
        -------
        DataFrame
            `rank`, `direct`, `descendants`, `generation`.
        """
        order = ["descendants", "direct"]
        best = self.nodes.sort_values(order, ascending=False, kind="stable").head(most)
        out = best[["direct", "descendants", "generation"]].reset_index(drop=True)
        out.insert(0, "rank", range(1, len(out) + 1))
        return out

    def largest(self) -> pd.DataFrame:
        """Nodes of the chain with the most customers, the first of it in row 0."""
        if self.nodes.empty:
            return self.nodes
        root = int(self.nodes["descendants"].to_numpy().argmax())
        return self.nodes[self.nodes["root"] == root]


def referral_tree(pairs: pd.DataFrame) -> ReferralTree:
    """Tree of referrals from links.

    Parameters
    ----------
    pairs : DataFrame
        `referrer_id`, `referee_id`; each referee once.

    Returns
    -------
    ReferralTree

    Raises
    ------
    ValueError
        If following the referrers leads back to the same customer, or a customer
        has two referrers.

    Examples
    --------
    >>> tree = referral_tree(pd.DataFrame(
    ...     {"referrer_id": ["a", "a", "b"], "referee_id": ["b", "c", "d"]}))
    >>> tree.top(1).values.tolist()
    [[1, 2, 3, 0]]
    """
    if pairs["referee_id"].duplicated().any():
        raise ValueError("A customer has two referrers; keep the one that counts.")
    ids = pd.Index(pd.unique(pairs[["referrer_id", "referee_id"]].to_numpy().ravel()))
    parent = np.full(len(ids), -1)
    parent[ids.get_indexer(pairs["referee_id"])] = ids.get_indexer(pairs["referrer_id"])
    generation, root = _generations(parent, ids)
    direct = np.bincount(parent[parent >= 0], minlength=len(ids))
    below = direct.copy()
    for level in range(generation.max(initial=0), 0, -1):
        at = np.flatnonzero(generation == level)
        np.add.at(below, parent[at], below[at])
    nodes = {"customer_id": ids, "parent": parent, "root": root}
    nodes |= {"generation": generation, "direct": direct, "descendants": below}
    return ReferralTree(pd.DataFrame(nodes))


def _generations(parent: np.ndarray, ids) -> tuple[np.ndarray, np.ndarray]:
    generation = np.where(parent < 0, 0, -1)
    root = np.where(parent < 0, np.arange(len(parent)), -1)
    level = 0
    while True:
        waiting = np.flatnonzero(generation < 0)
        ready = waiting[generation[parent[waiting]] == level]
        if not len(ready):
            break
        level += 1
        generation[ready], root[ready] = level, root[parent[ready]]
    if (generation < 0).any():
        named = ", ".join(map(str, ids[generation < 0][:5]))
        raise ValueError(
            f"The referrals of {int((generation < 0).sum()):,} customers run in a "
            f"circle ({named}): look at their dates, one of them is wrong."
        )
    return generation, root
