"""Margin of referred customers and of others, over their tenure."""

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

    Examples
    --------
    All stay for the two months that count; referred ones bring 30 a month, others 20:

    >>> tenure = pd.DataFrame({"source": ["referred", "others"] * 2, "entry": 0,
    ...     "duration": 2, "event": 0, "bucket": ["00", "00", "01", "01"], "n": 50})
    >>> margins = tenure[["source", "bucket"]].assign(band=6, n=100,
    ...     margin=[3000.0, 2000.0] * 2)
    >>> found = customer_values(tenure, margins, months=2, annual_discount_rate=0.0)
    >>> {name: round(estimate.value, 2) for name, estimate in found.items()}
    {'referred': 60.0, 'others': 40.0, 'difference': 20.0, 'ratio': 1.5}
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

    Examples
    --------
    >>> margins = pd.DataFrame({"source": ["referred", "others"] * 2, "band": 6,
    ...     "bucket": ["00", "00", "01", "01"], "n": [50, 100, 50, 100],
    ...     "margin": [1500.0, 2000.0, 1700.0, 2200.0]})
    >>> margin_gap(margins)[["months", "referred", "others", "gap"]].round(2)
      months  referred  others   gap
    0    1-6      32.0    21.0  11.0
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
