"""What a customer's referrals are worth, and whether the valuable refer more."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.referral.resampled import (
    by_bucket,
    estimated,
    with_and_without,
)

TYPE_ONE = (0.0, 0.25, 0.5, 0.75, 1.0)


def referral_worth(
    discounted: Estimate,
    value: Estimate,
    *,
    saved_cost: float = 0.0,
    reward: float = 0.0,
    type_one: Sequence[float] = TYPE_ONE,
) -> pd.DataFrame:
    """Value of a customer's referrals, by how many would not have joined anyway.

    A customer who would not have joined otherwise (type one) brings its margin and
    saves the cost of winning it; one who would have joined anyway (type two) saves
    the cost only. The reward is paid for both.

    Parameters
    ----------
    discounted : Estimate
        Expected referrals of a customer, later ones discounted.
    value : Estimate
        Discounted margin of a referred customer.
    saved_cost : float
        Cost of winning a customer by other means.
    reward : float
        Paid for a referral.
    type_one : sequence of float
        Shares to try: only an experiment or a good survey tells it.

    Returns
    -------
    DataFrame
        `type_one` (share), `value_per_referral` (after the reward),
        `break_even_bonus` (the reward at which a referral is worth nothing), and
        `value_per_customer` with `lower`, `upper` (delta method).

    References
    ----------
    Kumar, Petersen and Leone (2007), "How valuable is word of mouth?", Harvard
    Business Review 85(10), 139-146.

    Examples
    --------
    >>> r = Estimate(0.2, 0.18, 0.22, 900, "MCF", "", 0.01)
    >>> v = Estimate(300.0, 280, 320, 400, "value", "EUR", 10.0)
    >>> worth = referral_worth(r, v, saved_cost=100, reward=20, type_one=(0, 0.5))
    >>> worth[["type_one", "value_per_referral", "value_per_customer"]].values.tolist()
    [[0.0, 80.0, 16.0], [0.5, 230.0, 46.0]]
    """
    share = np.asarray(type_one, float)
    bonus = share * value.value + saved_cost
    each = bonus - reward
    spread = np.hypot(discounted.se * each, discounted.value * share * value.se)
    total = discounted.value * each
    return pd.DataFrame(
        {
            "type_one": share,
            "value_per_referral": each,
            "break_even_bonus": bonus,
            "value_per_customer": total,
            "lower": total - 1.96 * spread,
            "upper": total + 1.96 * spread,
        }
    )


def value_correlation(cells: pd.DataFrame) -> Estimate:
    """Rank correlation of a year's margin and a year's referrals.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.value_and_referrals`.

    Returns
    -------
    Estimate
        Spearman's coefficient with mid-ranks, delete-a-group jackknife.

    Examples
    --------
    Customers with the larger margin refer, and nobody else:

    >>> cells = pd.DataFrame({"margin": [10.0, 20.0] * 2, "referrals": [0, 1] * 2,
    ...     "bucket": ["00", "00", "01", "01"], "n": 50})
    >>> round(value_correlation(cells).value, 3)
    1.0
    """
    counts = _crossed(cells)
    ranks = [_midranks(counts.sum(axis=axis)) for axis in (2, 1)]
    total = counts.sum(axis=(1, 2))
    x, y = (r - (total[:, None] + 1) / 2 for r in ranks)
    together = np.einsum("bij,bi,bj->b", counts, x, y)
    spread_x = np.einsum("bi,bi->b", counts.sum(axis=2), x**2)
    spread_y = np.einsum("bj,bj->b", counts.sum(axis=1), y**2)
    values = together / np.sqrt(spread_x * spread_y)
    return estimated(
        values, int(cells["n"].sum()), method="Spearman, delete-a-group jackknife"
    )


def top_fifth_gap(cells: pd.DataFrame, *, capture: float = 1.0) -> Estimate:
    """Referrals a year per 100 customers: top fifth by margin less the others.

    Parameters
    ----------
    cells : DataFrame
        From `retention.counts.value_and_referrals`.
    capture : float
        Share of referrals that links show; the gap is divided by it.

    Returns
    -------
    Estimate

    Examples
    --------
    The best fifth sends 30 new customers per 100 a year, the others 10:

    >>> cells = pd.DataFrame({"margin": [10.0, 10.0, 50.0, 50.0] * 2,
    ...     "referrals": [0, 1] * 4, "bucket": ["00"] * 4 + ["01"] * 4,
    ...     "n": [360, 40, 70, 30] * 2})
    >>> gap = top_fifth_gap(cells)
    >>> round(gap.value, 2), gap.unit
    (20.0, 'referrals a year per 100 customers')
    """
    counts = _crossed(cells)
    by_margin = counts.sum(axis=2)
    share = by_margin[0].cumsum() / by_margin[0].sum()
    top = np.append(0.0, share[:-1]) >= 0.8
    made = counts @ np.sort(cells["referrals"].unique()).astype(float)
    rate = [
        made[:, side].sum(axis=1) / by_margin[:, side].sum(axis=1)
        for side in (top, ~top)
    ]
    return estimated(
        100 * (rate[0] - rate[1]) / capture,
        int(cells["n"].sum()),
        method="difference of means, delete-a-group jackknife",
        unit="referrals a year per 100 customers",
    )


def _crossed(cells: pd.DataFrame) -> np.ndarray:
    """Customers by margin and referrals, with all buckets and without each."""
    axes = []
    for name in ("margin", "referrals"):
        levels = np.sort(cells[name].unique())
        axes.append((np.searchsorted(levels, cells[name]), len(levels)))
    return with_and_without(by_bucket(cells, sorted(cells["bucket"].unique()), axes))


def _midranks(counts: np.ndarray) -> np.ndarray:
    """Mean rank of the customers of each level."""
    return counts.cumsum(axis=1) - (counts - 1) / 2
