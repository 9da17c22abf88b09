"""The shape of loyalty against satisfaction: straight, bent, or with a threshold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import dealt, without_each
from retention.satisfaction.logistic import grouped_logit
from retention.satisfaction.weighted import FOLLOWED, LOST, WeightedLosses

WIDEST = 1 / 3  # of the scale: beyond it no threshold is identified


def last_step_gain(found: WeightedLosses, scale) -> Estimate | str:
    """Share of the fall in loss, from not satisfied to the top, in the last step.

    The last step is that from merely satisfied to the top of the scale. Near one if
    only delight keeps customers, near zero if the merely satisfied stay as the
    delighted do. A text where loss does not clearly fall.

    Parameters
    ----------
    found : WeightedLosses
    scale : counts.satisfaction.Scale

    Returns
    -------
    Estimate or str
    """
    low = found.rows(lambda s: s < scale.satisfied_from)
    top = found.rows(lambda s: s >= scale.top_from)
    before = ~low & ~top
    lost = found.counted["lost"].to_numpy()
    if min(lost[low].sum(), lost[before].sum(), lost[top].sum()) < 5:
        return "Fewer than five losses below, at or above mere satisfaction."

    def loss(s: np.ndarray, rows: np.ndarray) -> float:
        return s[rows, LOST].sum() / s[rows, FOLLOWED].sum()

    n = int(found.counted["followed"].sum())
    if found.number(lambda s: loss(s, low) - loss(s, top), n=n).lower <= 0:
        return "Loss does not clearly fall from the not satisfied to the top."
    return found.number(
        lambda s: (loss(s, before) - loss(s, top)) / (loss(s, low) - loss(s, top)),
        n=n,
        unit="%",
    )


def convexity(found: WeightedLosses) -> Estimate | str:
    """How much more the last step of the scale keeps than the step before it.

    (kept at the top - kept one below) - (kept one below - kept two below): positive
    where the curve of Jones and Sasser (1995) bends upwards.
    """
    table = found.table.dropna(subset=["loss"])
    if len(table) < 3 or table["lost"].iloc[-3:].min() < 5:
        return "Three scores with five losses each are needed to see a bend."
    a, b, c = table.index[-3:]

    def bend(s: np.ndarray) -> float:
        kept = 1 - s[:, LOST] / s[:, FOLLOWED]
        return (kept[c] - kept[b]) - (kept[b] - kept[a])

    n = int(table["followed"].iloc[-3:].sum())
    return found.number(bend, n=n, unit="percentage points")


def straightness(found: WeightedLosses) -> dict[str, float]:
    """Test that loss is a straight line in the score, against a loss for each.

    Returns
    -------
    dict
        `chi2`, `df`, `p`: the weighted squared distance of the levels' losses from the
        best line, in their jackknife covariance. All nan with fewer than three levels.
    """
    from scipy.special import chdtrc

    table = found.table
    used = (table["lost"] > 0).to_numpy() & (
        table["lost"] < table["followed"]
    ).to_numpy()
    if used.sum() < 3 or len(found.without) < 2 * used.sum():
        return {"chi2": np.nan, "df": np.nan, "p": np.nan}
    rate = found.sums[used, LOST] / found.sums[used, FOLLOWED]
    left = found.without[:, used, LOST] / found.without[:, used, FOLLOWED]
    away = left - left.mean(axis=0)
    inverse = np.linalg.inv((len(left) - 1) / len(left) * away.T @ away)
    line = np.column_stack([np.ones(used.sum()), table.loc[used, "score"]])
    fit = np.linalg.solve(line.T @ inverse @ line, line.T @ inverse @ rate)
    rest = rate - line @ fit
    chi2, df = float(rest @ inverse @ rest), int(used.sum()) - 2
    return {"chi2": chi2, "df": df, "p": float(chdtrc(df, chi2))}


def smooth_losses(points: pd.DataFrame) -> pd.DataFrame:
    """Loss along a fine scale: as counted, never rising, and as a smooth curve.

    Parameters
    ----------
    points : DataFrame
        `points` (finer score), `lost` (0/1) and `n`, of answers that were followed.

    Returns
    -------
    DataFrame
        `points`, `n`, `loss` (as counted), `monotone` (isotonic: the best curve that
        never rises with satisfaction) and `smooth` (natural cubic spline of three
        knots on the logit scale; nan with fewer than five points).
    """
    from sklearn.isotonic import IsotonicRegression

    cells = _cells(points)
    best = IsotonicRegression(increasing=False)
    cells["monotone"] = best.fit_transform(
        cells["points"], cells["loss"], sample_weight=cells["n"]
    )
    cells["smooth"] = _spline(cells) if len(cells) >= 5 else np.nan
    return cells.drop(columns="lost")


def _cells(points: pd.DataFrame) -> pd.DataFrame:
    points = points.assign(lost=points["lost"] * points["n"]).dropna(subset=["points"])
    cells = points.groupby("points", as_index=False)[["n", "lost"]].sum()
    return cells.assign(loss=cells["lost"] / cells["n"])


def _spline(cells: pd.DataFrame) -> np.ndarray:
    from patsy import dmatrix

    basis = np.asarray(dmatrix("cr(x, df=3)", {"x": cells["points"].to_numpy(float)}))
    fit = grouped_logit(
        basis, cells["lost"].to_numpy(float), cells["n"].to_numpy(float)
    )
    return 1 / (1 + np.exp(-basis @ fit[0]))


@dataclass(frozen=True, eq=False)
class Threshold:
    """Where along the scale loss begins to fall faster, if that can be told.

    Attributes
    ----------
    at : Estimate
        The breakpoint with its profile-likelihood interval.
    identified : bool
        Whether the interval spans at most a third of the scale.
    p : float
        Of the test that there is no bend at all (two degrees of freedom, as the place
        is searched for; clustered).
    slope_below, slope_above : float
        Change of the log odds of loss per point below and above it.
    """

    at: Estimate
    identified: bool
    p: float
    slope_below: float
    slope_above: float

    @property
    def summary(self) -> str:
        """The threshold in a sentence, or that there is none to be named."""
        if not self.identified:
            return (
                "No threshold is identified: the data allow it anywhere from "
                f"{self.at.lower:g} to {self.at.upper:g}, or nowhere."
            )
        return (
            f"Loss begins to fall faster at {self.at.text}; there a point changes the "
            f"log odds of loss by {self.slope_above:.2f}, below it by "
            f"{self.slope_below:.2f}."
        )


def delight_threshold(points: pd.DataFrame, scale) -> Threshold | str:
    """One breakpoint in the log odds of loss along a finer scale.

    Parameters
    ----------
    points : DataFrame
        `points`, `lost` (0/1), `bucket`, `n`: answers that were followed.
    scale : counts.satisfaction.Scale
        Of the points.

    Returns
    -------
    Threshold or str
        The interval holds every place whose log-likelihood is within 1.92 of the
        best, after division by the design effect of repeated answers. A text where
        too few places have answers on either side.
    """
    from scipy.special import chdtrc

    cells = _cells(points)
    grid = _grid(cells, scale)
    if len(grid) < 5 or cells["lost"].sum() < 40:
        return "Too few losses, or too coarse a scale, to look for a threshold."
    fits = {c: _broken(cells, c) for c in grid}
    effect = _design_effect(points)
    height = {c: fit[1] / effect for c, fit in fits.items()}
    best = max(height, key=height.get)
    inside = [c for c in grid if height[best] - height[c] <= 1.92]
    x = np.column_stack([np.ones(len(cells)), cells["points"]])
    flat = (
        grouped_logit(x, cells["lost"].to_numpy(), cells["n"].to_numpy(float))[1]
        / effect
    )
    below, more = fits[best][0][1:]
    at = Estimate(
        best,
        inside[0],
        inside[-1],
        int(cells["n"].sum()),
        "profile likelihood, with the design effect of repeated answers",
        "points",
    )
    wide = (inside[-1] - inside[0]) > WIDEST * (scale.high - scale.low)
    p = float(chdtrc(2, max(2 * (height[best] - flat), 0.0)))
    return Threshold(at, not wide and p < 0.05, p, float(below), float(below + more))


def _grid(cells: pd.DataFrame, scale) -> list[float]:
    """Places with a twentieth of the answers on either side."""
    before = cells["n"].cumsum() / cells["n"].sum()
    inner = cells.loc[(before > 0.05) & (before < 0.95), "points"]
    step = max((scale.high - scale.low) / 40, 1e-9)
    return sorted({float(round(c / step) * step) for c in inner})


def _broken(cells: pd.DataFrame, at: float) -> tuple[np.ndarray, float]:
    x = cells["points"].to_numpy(float)
    design = np.column_stack([np.ones(len(x)), x - at, np.maximum(x - at, 0)])
    return grouped_logit(design, cells["lost"].to_numpy(), cells["n"].to_numpy(float))


def _design_effect(points: pd.DataFrame) -> float:
    """How much less repeated answers say of the share lost than single ones."""
    cells, counts = dealt(points[["lost", "bucket", "n"]])
    lost = cells["lost"].to_numpy(float)
    total = counts.sum(axis=1)
    p = lost @ total / total.sum()
    left = np.array([lost @ n / n.sum() for n in without_each(counts)])
    size = len(left)
    variance = (size - 1) / size * ((left - left.mean()) ** 2).sum()
    return max(float(variance / (p * (1 - p) / total.sum())), 1.0)
