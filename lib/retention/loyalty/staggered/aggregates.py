"""Averages of group-time effects that answer a question."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from retention.intervals import Estimate
from retention.loyalty.staggered.cells import (
    Cells,
    jackknife_covariance,
    jackknife_se,
)

Rows = NDArray[np.float64]  # (1 + B, S): everybody, then without each bucket


@dataclass(frozen=True, eq=False)
class Averages:
    """Averages of cells by cohort, month or time since enrolment.

    Attributes
    ----------
    key : array, shape (S,)
    value, n : array, shape (1 + B, S)
    """

    key: np.ndarray
    value: Rows
    n: Rows


def averages(cells: Cells, chosen: np.ndarray, by: str, *, equal=False) -> Averages:
    """Mean effect of the chosen cells for each value of a column.

    Weighted by customers, or, with `equal`, every cell alike and n the mean size.
    """
    key = cells.table[by].to_numpy()
    values = np.unique(key[chosen])
    effects, sizes = [], []
    for value in values:
        here = chosen & (key == value)
        n = cells.n[:, here]
        weight = (n > 0).astype(float) if equal else n
        effects.append(weighted(cells.effect[:, here], weight))
        sizes.append(n.mean(axis=1) if equal else n.sum(axis=1))
    return Averages(values, np.stack(effects, axis=1), np.stack(sizes, axis=1))


def weighted(effect: Rows, weight: Rows) -> np.ndarray:
    """Weighted mean along each row; empty cells weigh nothing."""
    total = weight.sum(axis=1)
    summed = (np.where(weight > 0, effect, 0.0) * weight).sum(axis=1)
    return summed / np.where(total > 0, total, np.nan)


def overall(cells: Cells) -> dict[str, np.ndarray]:
    """The four averages over all months since enrolment, each of shape (1 + B,)."""
    post = (cells.table["event_time"] >= 0).to_numpy()
    every = np.where(post, cells.n, 0.0)
    group = averages(cells, post, "cohort", equal=True)
    dynamic, calendar = (averages(cells, post, by) for by in ("event_time", "time"))
    return {
        "simple": weighted(cells.effect, every),
        "group": weighted(group.value, group.n),
        "dynamic": dynamic.value.mean(axis=1),
        "calendar": calendar.value.mean(axis=1),
    }


def estimate(values: np.ndarray, n: int, *, method: str, unit: str) -> Estimate:
    """Estimate from a statistic of everybody and without each bucket."""
    from scipy.special import stdtrit

    size = len(values) - 1
    se = float(jackknife_se(values[:, None])[0])
    reach = float(stdtrit(size - 1, 0.975)) * se if size > 1 else np.nan
    value = float(values[0])
    return Estimate(value, value - reach, value + reach, n, method, unit, se)


def shown(found: Averages, name: str, critical: float | None = None) -> pd.DataFrame:
    """Averages as a table with pointwise intervals and, if asked, a joint band."""
    from scipy.special import stdtrit

    size = len(found.value) - 1
    value, se = found.value[0], jackknife_se(found.value)
    reach = (stdtrit(size - 1, 0.975) if size > 1 else np.nan) * se
    table = pd.DataFrame(
        {
            name: found.key,
            "effect": value,
            "se": se,
            "lower": value - reach,
            "upper": value + reach,
            "n": np.round(found.n[0]).astype(int),
        }
    )
    if critical is None:
        return table
    wide = critical * se
    return table.assign(band_lower=value - wide, band_upper=value + wide)


def simultaneous(values: Rows, *, confidence: float = 0.95, draws: int = 20_000):
    """Critical value with which all intervals hold together (sup-t).

    The largest of correlated normal deviates, by simulation with a fixed seed.
    """
    covariance = jackknife_covariance(values)
    sd = np.sqrt(np.diag(covariance))
    if not np.isfinite(sd).all() or (sd == 0).any():
        return np.nan
    root, turn = np.linalg.eigh(covariance / np.outer(sd, sd))
    factor = turn * np.sqrt(np.maximum(root, 0.0))
    normal = np.random.default_rng(0).standard_normal((draws, len(sd)))
    largest = np.abs(normal @ factor.T).max(axis=1)
    return float(np.quantile(largest, confidence))
