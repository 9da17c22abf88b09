"""Points at risk and taken out at each lag, by bucket of customers."""

import numpy as np
import pandas as pd

KINDS = ("earn", "redeem", "expire")


def triangle(table: pd.DataFrame, horizon: int, last: int) -> dict[str, np.ndarray]:
    """Points at risk, redeemed and expired at each lag, without each bucket in turn.

    Parameters
    ----------
    table : DataFrame
        `batch`, `lag`, `kind`, `bucket`, `points`.
    horizon, last : int
        Greatest lag; last month observed.

    Returns
    -------
    dict of str to ndarray, shape (1 + buckets, horizon + 1)
        "at_risk", "redeem" and "expire"; the first row is of all buckets. At a lag
        only batches old enough to be seen there count.
    """
    codes, buckets = pd.factorize(table["bucket"], sort=True)
    batch = table["batch"].to_numpy(int)
    batch = batch - batch.min()
    shape = (len(buckets), batch.max() + 1, horizon + 1)
    lag = table["lag"].to_numpy(int)
    cube = {k: _cube(table, k, (codes, batch, lag), shape) for k in KINDS}
    age = last - int(table["batch"].min()) - np.arange(shape[1])
    seen = age[:, None] >= np.arange(horizon + 1)
    gone = np.cumsum(cube["redeem"] + cube["expire"], axis=2)
    before = np.concatenate([np.zeros((*shape[:2], 1)), gone[:, :, :-1]], axis=2)
    at_risk = cube["earn"].sum(axis=2, keepdims=True) - before
    parts = {"at_risk": at_risk, "redeem": cube["redeem"], "expire": cube["expire"]}
    return {name: _without((part * seen).sum(axis=1)) for name, part in parts.items()}


def incidence(sums: dict[str, np.ndarray]) -> np.ndarray:
    """Share redeemed by each lag; rows as in `triangle`."""
    at_risk = np.maximum(sums["at_risk"], 1e-12)
    used, died = sums["redeem"] / at_risk, sums["expire"] / at_risk
    kept = np.cumprod(np.maximum(1 - used - died, 0), axis=1)
    open_ = np.column_stack([np.ones(len(kept)), kept[:, :-1]])
    return np.cumsum(open_ * used, axis=1)


def _cube(table, kind: str, places, shape) -> np.ndarray:
    codes, batch, lag = places
    own = (table["kind"] == kind).to_numpy() & (lag < shape[2])
    out = np.zeros(shape)
    where = (codes[own], batch[own], lag[own])
    np.add.at(out, where, table["points"].to_numpy(float)[own])
    return out


def _without(values: np.ndarray) -> np.ndarray:
    whole = values.sum(axis=0)
    return np.vstack([whole, whole - values])
