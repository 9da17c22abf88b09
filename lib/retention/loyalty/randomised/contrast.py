"""Difference of two arms from their sums, own past taken out or not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate


@dataclass(frozen=True, eq=False)
class Contrast:
    """Effect on the outcome and on the take-up, with their covariance (2 x 2)."""

    effect: np.ndarray
    covariance: np.ndarray
    n: int


def arm_sums(arms: pd.DataFrame, outcome: str, arm: str) -> pd.Series:
    """Sums of one arm and outcome.

    Raises
    ------
    ValueError
        If there is no such arm or outcome, or fewer than three customers in it.
    """
    own = arms[(arms["outcome"] == outcome) & (arms["arm"] == arm)]
    if own["n"].sum() < 3:
        raise ValueError(
            f"The arm {arm!r} has {int(own['n'].sum())} customers with the outcome "
            f"{outcome!r}. Arms: {', '.join(sorted(map(str, arms['arm'].unique())))}; "
            f"outcomes: {', '.join(sorted(arms['outcome'].unique()))}."
        )
    return own[["n", "d", "y", "x", "yy", "xy", "xx", "dy", "dx"]].sum().astype(float)


def contrast(given: pd.Series, without: pd.Series, *, adjusted: bool) -> Contrast:
    """Difference of two arms in outcome and take-up, own past taken out or not."""
    n = given["n"] + without["n"]
    centre = (given["x"] + without["x"]) / n
    spread = (given["xx"] + without["xx"]) / n - centre**2
    sides = [_side(s, centre, adjusted=adjusted) for s in (given, without)]
    (mean1, noise1, slope1), (mean0, noise0, slope0) = sides
    turn = slope1 - slope0
    covariance = noise1 + noise0 + np.outer(turn, turn) * spread / n
    return Contrast(mean1 - mean0, covariance, int(n))


def _side(s: pd.Series, centre: float, *, adjusted: bool):
    """Mean of outcome and take-up at the common past, its covariance, the slopes."""
    n = s["n"]
    mean = np.array([s["y"], s["d"]]) / n
    within = np.array([[s["yy"], s["dy"]], [s["dy"], s["d"]]]) - n * np.outer(
        mean, mean
    )
    past = s["x"] / n
    sxx = s["xx"] - n * past**2
    if not adjusted or sxx <= 1e-9 * max(s["xx"], 1.0):
        return mean, within / (n - 1) / n, np.zeros(2)
    cross = np.array([s["xy"], s["dx"]]) - n * mean * past
    slope = cross / sxx
    rest = within - np.outer(slope, slope) * sxx
    return mean - slope * (past - centre), rest / (n - 2) / n, slope


def p_value(estimate: Estimate) -> float:
    """Two-sided normal p-value of no effect."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(estimate.value / estimate.se)))
