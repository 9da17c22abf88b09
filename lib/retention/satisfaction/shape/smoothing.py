"""Loss along a finer scale: as counted, never rising, and smooth."""

import numpy as np
import pandas as pd

from retention.satisfaction.logistic import grouped_logit


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

    Examples
    --------
    Loss rises from 20 to 30 points of satisfaction by chance; the best curve that never
    rises takes both together:

    >>> points = pd.DataFrame({"points": [20, 20, 30, 30, 40, 40], "lost": [1, 0] * 3,
    ...     "n": [20, 80, 30, 70, 10, 90]})
    >>> smooth_losses(points)[["points", "n", "loss", "monotone"]]
       points    n  loss  monotone
    0      20  100   0.2      0.25
    1      30  100   0.3      0.25
    2      40  100   0.1      0.10
    """
    from sklearn.isotonic import IsotonicRegression

    cells = point_cells(points)
    best = IsotonicRegression(increasing=False)
    cells["monotone"] = best.fit_transform(
        cells["points"], cells["loss"], sample_weight=cells["n"]
    )
    cells["smooth"] = _spline(cells) if len(cells) >= 5 else np.nan
    return cells.drop(columns="lost")


def point_cells(points: pd.DataFrame) -> pd.DataFrame:
    """Answers `n`, of these `lost`, and the share `loss`, at each point."""
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
