"""Where along a finer scale loss begins to fall faster."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.satisfaction.clusters import dealt, without_each
from retention.satisfaction.logistic import grouped_logit
from retention.satisfaction.shape.smoothing import point_cells

WIDEST = 1 / 3  # of the scale: beyond it no threshold is identified


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

    Examples
    --------
    Loss is flat up to 6 and falls from there on:

    >>> from retention.counts.satisfaction import Scale
    >>> rate = [0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.2, 0.1, 0.05, 0.02]
    >>> cells = [(score, lost, round(2500 * (rate[score] if lost else 1 - rate[score])),
    ...     f"{4 * score + k:02x}") for score in range(11) for lost in (1, 0)
    ...     for k in range(4)]
    >>> points = pd.DataFrame(cells, columns=["points", "lost", "n", "bucket"])
    >>> found = delight_threshold(points, Scale.of(0, 10))
    >>> found.identified, found.at.value, round(found.slope_above, 2)
    (True, 6.0, -0.88)
    """
    from scipy.special import chdtrc

    cells = point_cells(points)
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
