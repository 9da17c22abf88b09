"""Rules of thumb that share out the credit of a purchase along its journey."""

import numpy as np
import pandas as pd

from retention.referral.resampled import by_bucket, estimated, with_and_without

RULES = ("first", "last", "linear", "position")


def touch_credits(paths) -> pd.DataFrame:
    """Share of the purchases that each rule of thumb gives to each channel.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.

    Returns
    -------
    DataFrame
        `channel`, `first` and `last` (all to one end), `linear` (the same to each
        touch), `position` (40 % to each end, 20 % to the touches between). Each
        column sums to 1. They describe the journeys; none says what a channel
        caused.

    Examples
    --------
    >>> from retention.counts import paths_of
    >>> touch_credits(paths_of([("ad > shop", 10, 4), ("shop", 10, 4)])).round(2)
      channel  first  last  linear  position
    0      ad    0.5   0.0    0.25      0.25
    1    shop    0.5   1.0    0.75      0.75
    """
    bought = paths.totals()["converted"].to_numpy(float)
    total = bought.sum()
    table = {"channel": list(paths.channels)}
    for rule in RULES:
        credit = np.einsum("p,pk->k", bought, rule_weights(paths, rule))
        table[rule] = credit / total if total else np.full(len(credit), np.nan)
    return pd.DataFrame(table)


def rule_weights(paths, rule: str) -> np.ndarray:
    """Share of one purchase that a rule gives each channel, path by path."""
    touches, lengths = paths.touches, paths.lengths[:, None]
    place = np.arange(touches.shape[1])[None, :]
    first, last = place == 0, place == lengths - 1
    if rule in ("first", "last"):
        weight = (first if rule == "first" else last).astype(float)
    elif rule == "linear":
        weight = 1 / lengths * np.ones_like(place)
    else:
        between = 0.2 / np.maximum(lengths - 2, 1)
        weight = np.where(first | last, 0.4, between)
        weight = np.where(lengths <= 2, 1 / lengths, weight)
    weight = np.where(touches >= 0, weight, 0.0)
    shares = np.zeros((len(touches), len(paths.channels)))
    rows = np.broadcast_to(np.arange(len(touches))[:, None], touches.shape)
    seen = touches >= 0
    np.add.at(shares, (rows[seen], touches[seen]), weight[seen])
    return shares


def conversion_ratio(paths, channel: str):
    """Conversion of journeys that one channel began, over that of the others.

    Parameters
    ----------
    paths : Paths
    channel : str

    Returns
    -------
    Estimate or str
        With a jackknife interval on the log scale; a text says why there is none.

    Examples
    --------
    Half of the journeys that a friend began end in a purchase, a quarter of the others:

    >>> from retention.counts import paths_of
    >>> paths = paths_of([("friend > shop", 40, 20, "00"), ("ad > shop", 40, 10, "00"),
    ...                   ("friend", 40, 20, "01"), ("ad", 40, 10, "01")])
    >>> round(conversion_ratio(paths, "friend").value, 3)
    2.0
    """
    if channel not in paths.channels:
        return f"No journey has a touch of the channel {channel!r}."
    table = paths.table
    began = paths.touches[table["path"], 0] == paths.channels.index(channel)
    buckets = sorted(table["bucket"].unique())
    axes = [(began.astype(int), 2)]
    n, bought = (
        with_and_without(by_bucket(table, buckets, axes, values))
        for values in ("n", "converted")
    )
    if len(buckets) < 2 or not (bought > 0).all():
        return "Too few journeys converted to compare."
    rate = bought / n
    return estimated(
        rate[:, 1] / rate[:, 0],
        paths.journeys,
        method="ratio of conversion rates, delete-a-group jackknife",
        scale="log",
    )
