"""Shapley values of channels, exact for up to a dozen."""

from math import factorial

import numpy as np
import pandas as pd

from retention.referral.resampled import by_bucket, intervals_of, with_and_without


def shapley_values(paths, *, worth: str = "purchases") -> pd.DataFrame:
    """Shares of the credit between channels that work together.

    A set of channels is worth what journeys bring that touched no other channel. A
    channel's value is what it adds to the sets it can join, averaged over all orders
    in which the channels could have come together.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`; at most 12 channels.
    worth : {"purchases", "rate"}
        What a set of channels is worth: the purchases of its journeys, per journey
        of the company; or their conversion rate, however few they are. By purchases
        each one is shared evenly between the channels it touched. By rate a channel
        loses credit that many people touch early.

    Returns
    -------
    DataFrame
        `channel`, `value` (they sum to the conversion rate of all journeys), and
        `share` of that sum with `share_lower`, `share_upper` (delete-a-group
        jackknife). By rate a share can be negative. A description, like every other
        rule here.

    Raises
    ------
    ValueError
        With more than 12 channels, or another worth.

    References
    ----------
    Shapley (1953), "A value for n-person games", in Contributions to the Theory of
    Games II, Princeton University Press, 307-317.

    Examples
    --------
    >>> from retention.counts import paths_of
    >>> two = paths_of([("ad", 10, 1), ("shop", 10, 3), ("ad > shop", 20, 12)])
    >>> shapley_values(two)[["channel", "value", "share"]].round(3)
      channel  value  share
    0      ad  0.175  0.438
    1    shop  0.225  0.562
    >>> shapley_values(two, worth="rate")[["channel", "value", "share"]].round(3)
      channel  value  share
    0      ad    0.1   0.25
    1    shop    0.3   0.75
    """
    k, table = len(paths.channels), paths.table
    if k > 12:
        raise ValueError(f"{k} channels are too many: exact values take 12 at most.")
    if worth not in ("purchases", "rate"):
        raise ValueError(f"worth is {worth!r}; it can be purchases or rate.")
    seen = paths.touches >= 0
    touched = np.bitwise_or.reduce(
        np.where(seen, 1 << np.maximum(paths.touches, 0), 0), axis=1
    )
    buckets = sorted(table["bucket"].unique())
    axes = [(touched[table["path"]], 1 << k)]
    n, bought = (
        _within(with_and_without(by_bucket(table, buckets, axes, name)), k)
        for name in ("n", "converted")
    )
    of = n if worth == "rate" else np.broadcast_to(n[:, -1:], n.shape)
    each = np.divide(bought, of, out=np.zeros_like(n), where=of > 0)
    values = each @ joining_weights(k)
    total = values.sum(axis=1, keepdims=True)
    share = np.divide(values, total, out=np.full_like(values, np.nan), where=total > 0)
    low, high = intervals_of(share)
    return pd.DataFrame(
        {
            "channel": list(paths.channels),
            "value": values[0],
            "share": share[0],
            "share_lower": low,
            "share_upper": high,
        }
    )


def joining_weights(k: int) -> np.ndarray:
    """What the worth of each set counts in the value of each channel.

    Returns
    -------
    ndarray, shape (2**k, k)
        Sets are numbered by their bits.
    """
    sets = np.arange(1 << k)
    member = (sets[:, None] >> np.arange(k)) & 1
    size = member.sum(axis=1)
    weight = np.array(
        [factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)] + [0.0]
    )
    return np.where(member == 1, weight[size - 1][:, None], -weight[size][:, None])


def _within(totals: np.ndarray, k: int) -> np.ndarray:
    """Sums over all subsets of each set, channel by channel."""
    out = totals.copy()
    for channel in range(k):
        split = out.reshape(len(out), -1, 2, 1 << channel)
        split[:, :, 1, :] += split[:, :, 0, :]
    return out
