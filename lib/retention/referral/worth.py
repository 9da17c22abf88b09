"""What a referral is worth, and whether referred customers differ from others."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.referral.reproduction import at_risk_and_lost
from retention.referral.resampled import (
    by_bucket,
    estimated,
    intervals_of,
    with_and_without,
)

REFERRED, OTHERS = "referred", "others"
TYPE_ONE = (0.0, 0.25, 0.5, 0.75, 1.0)


def customer_values(
    tenure: pd.DataFrame,
    margins: pd.DataFrame,
    *,
    months: int = 36,
    annual_discount_rate: float = 0.10,
    unit: str = "",
) -> dict[str, Estimate]:
    """Margin of a new customer within some months, at its worth on joining.

    The share still here before each month times the margin of that month, each for
    customers who were sent and for others.

    Parameters
    ----------
    tenure : DataFrame
        From `retention.counts.tenure_by_source`, every loss counted, in months.
    margins : DataFrame
        From `retention.counts.margin_by_source`.
    months : int
        How far margins count. A month that no customer was seen in counts nothing.
    annual_discount_rate : float
    unit : str
        Currency.

    Returns
    -------
    dict of str to Estimate
        "referred", "others", "difference", and "ratio"; intervals from buckets of
        referrers.
    """
    buckets = sorted({*tenure["bucket"], *margins["bucket"]})
    values = np.stack(
        [
            _values(
                tenure[tenure["source"] == s],
                margins[margins["source"] == s],
                buckets,
                months,
                annual_discount_rate,
            )
            for s in (REFERRED, OTHERS)
        ]
    )
    method = f"margin in {months} months, discounted, delete-a-group jackknife"
    n = tenure.groupby("source")["n"].sum()
    sizes = [int(n.get(source, 0)) for source in (REFERRED, OTHERS)]
    each = f"{unit} per customer".strip()
    return {
        REFERRED: estimated(values[0], sizes[0], method=method, unit=each),
        OTHERS: estimated(values[1], sizes[1], method=method, unit=each),
        "difference": estimated(
            values[0] - values[1], sum(sizes), method=method, unit=each
        ),
        "ratio": estimated(
            values[0] / values[1], sum(sizes), method=method, scale="log"
        ),
    }


def margin_gap(margins: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Monthly margin of referred customers less that of others, by tenure.

    Least squares on the cells' sums, so exact for the rows behind them: a mean for
    each band of tenure, a gap for each band, and the levels of the strata.

    Parameters
    ----------
    margins : DataFrame
        From `retention.counts.margin_by_source`.
    by : sequence of str
        Strata to hold fixed.

    Returns
    -------
    DataFrame
        `band` (last month of tenure in it), `months` (text), `customer_months`,
        `referred` and `others` (means as they are), `gap` (strata held fixed) with
        `lower`, `upper` from buckets of referrers.
    """
    bands = np.array(sorted(margins["band"].unique()))
    design = _design(margins, bands, by)
    buckets = sorted(margins["bucket"].unique())
    place = pd.Index(buckets).get_indexer(margins["bucket"])
    p, n = design.shape[1], margins["n"].to_numpy(float)
    information, sums = np.zeros((len(buckets), p, p)), np.zeros((len(buckets), p))
    for b in range(len(buckets)):
        x = design[place == b]
        information[b] = x.T @ (x * n[place == b, None])
        sums[b] = x.T @ margins["margin"].to_numpy(float)[place == b]
    information, sums = with_and_without(information), with_and_without(sums)
    ridge = 1e-9 * np.eye(p) * np.trace(information[0]) / p
    beta = np.linalg.solve(information + ridge, sums[:, :, None])[:, :, 0]
    gaps = beta[:, len(bands) : 2 * len(bands)]
    low, high = intervals_of(gaps)
    out = _band_means(margins, bands)
    return out.assign(gap=gaps[0], lower=low, upper=high)


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


def _values(tenure, margins, buckets, months: int, rate: float) -> np.ndarray:
    """Discounted margin with all buckets, then without each."""
    last = max(int(tenure["duration"].max()), months)
    at_risk, lost = at_risk_and_lost(tenure, buckets, last)
    stays = np.cumprod(1 - lost / np.maximum(at_risk, 1), axis=1)
    here = np.concatenate([np.ones((len(stays), 1)), stays[:, :-1]], axis=1)
    here = np.where(at_risk > 0, here, 0.0)[:, :months]
    bands = np.array(sorted(margins["band"].unique()))
    axes = [(np.searchsorted(bands, margins["band"]), len(bands))]
    n, total = (
        with_and_without(by_bucket(margins, buckets, axes, c)) for c in ("n", "margin")
    )
    mean = np.divide(total, n, out=np.zeros_like(total), where=n > 0)
    month = np.arange(1, months + 1)
    place = np.minimum(np.searchsorted(bands, month), len(bands) - 1)
    worth = (1 + rate) ** (-(month - 1) / 12)
    return (here * mean[:, place]) @ worth


def _design(margins, bands, by) -> np.ndarray:
    band = (margins["band"].to_numpy()[:, None] == bands[None, :]).astype(float)
    sent = (margins["source"] == REFERRED).to_numpy(float)[:, None]
    columns = [band, band * sent]
    for name in by:
        levels = sorted(margins[name].astype(str).unique())[1:]
        value = margins[name].astype(str).to_numpy()[:, None]
        columns.append((value == np.array(levels)[None, :]).astype(float))
    return np.concatenate(columns, axis=1)


def _band_means(margins: pd.DataFrame, bands) -> pd.DataFrame:
    sums = margins.groupby(["band", "source"])[["n", "margin"]].sum()
    mean = (sums["margin"] / sums["n"]).unstack("source").reindex(bands)
    months = margins.groupby("band")["n"].sum().reindex(bands)
    firsts = np.append(1, bands[:-1] + 1)
    text = [
        f"{a}-{b}" if b < 10_000 else f"{a} on"
        for a, b in zip(firsts, bands, strict=True)
    ]
    out = pd.DataFrame({"band": bands, "months": text})
    out["customer_months"] = months.to_numpy()
    for source in (REFERRED, OTHERS):
        out[source] = np.asarray(mean.get(source, np.nan), float)
    return out


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
