"""Local polynomial regression on both sides of a cut, from binned sums.

The triangular kernel is linear in the distance from the cut, so within bins that lie
inside the bandwidth its weighted sums follow exactly from sums of powers.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.loyalty.staggered.aggregates import estimate


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums by bin: of everybody in the first row, then without each bucket.

    Attributes
    ----------
    left : array, shape (bins,)
        Lower edges, cut at 0.
    width : float
    u : array, shape (1 + B, bins, 6)
        Sums of powers 0 to 5.
    y : array, shape (1 + B, bins, 4)
        Sums of outcome times powers 0 to 3.
    yy : array, shape (bins,)
        Sum of squared outcomes.
    """

    left: np.ndarray
    width: float
    u: np.ndarray
    y: np.ndarray
    yy: np.ndarray

    @property
    def n(self) -> np.ndarray:
        """Units in each bin."""
        return self.u[0, :, 0]


U = ["n", "u1", "u2", "u3", "u4", "u5"]
Y = ["y", "uy", "u2y", "u3y"]


def sums_of(bins: pd.DataFrame, variable: str) -> Sums:
    """Sums of one variable.

    Raises
    ------
    ValueError
        If the variable is not in the table.
    """
    own = bins[bins["variable"] == variable]
    if not len(own):
        names = ", ".join(map(str, bins["variable"].unique()))
        raise ValueError(f"There is no {variable!r} in the bins; they have {names}.")
    left = np.sort(own["left"].unique())
    whole = own.groupby("left")[[*U, *Y, "yy"]].sum().to_numpy(float)
    code, places = pd.factorize(own["bucket"], sort=True)
    cube = np.zeros((len(places), len(left), len(U) + len(Y)))
    at = np.searchsorted(left, own["left"].to_numpy())
    np.add.at(cube, (code, at), own[[*U, *Y]].to_numpy(float))
    every = whole[:, :-1]
    whole_only = len(places) < 2  # published sums have no buckets
    stack = every[None] if whole_only else np.stack([every, *(every - cube)])
    return Sums(
        left,
        float(own["width"].iloc[0]),
        stack[:, :, : len(U)],
        stack[:, :, len(U) :],
        whole[:, -1],
    )


def jump(
    sums: Sums,
    bandwidth: float,
    *,
    cut: float = 0.0,
    degree: int = 1,
    donut: float = 0.0,
    only: str = "",
) -> np.ndarray:
    """Jump at the cut: of everybody, then without each bucket; shape (1 + B,).

    `only` "above" or "below" keeps one side of 0, for cuts that are none.
    """
    lower = _inside(sums, cut - bandwidth, cut - donut, only)
    upper = _inside(sums, cut + donut, cut + bandwidth, only)
    above = _fitted(sums, upper, bandwidth, cut, degree, side=1)
    below = _fitted(sums, lower, bandwidth, cut, degree, side=-1)
    return above - below


def units(sums: Sums, bandwidth: float) -> tuple[int, int]:
    """Units within the bandwidth below and above."""
    below = _inside(sums, -bandwidth, 0.0, "")
    above = _inside(sums, 0.0, bandwidth, "")
    return int(sums.n[below].sum()), int(sums.n[above].sum())


def _inside(sums: Sums, low: float, high: float, only: str) -> np.ndarray:
    slack = 1e-6 * sums.width
    right = sums.left + sums.width
    here = (sums.left >= low - slack) & (right <= high + slack)
    if only == "above":
        here &= sums.left >= -slack
    if only == "below":
        here &= right <= slack
    return here


def _fitted(sums: Sums, here, bandwidth, cut, degree, *, side: int) -> np.ndarray:
    """Value at the cut of a weighted polynomial through the chosen bins."""
    scale = bandwidth ** -np.arange(6.0)
    u = sums.u[:, here].sum(axis=1) * scale
    y = sums.y[:, here].sum(axis=1) * scale[:4]
    at = cut / bandwidth
    # K = 1 - side * (u/h - cut/h), linear in u
    weight_u = (1 + side * at) * u[:, :-1] - side * u[:, 1:]
    weight_y = (1 + side * at) * y[:, :-1] - side * y[:, 1:]
    k = np.arange(degree + 1)
    gram = weight_u[:, k[:, None] + k[None]]
    moment = weight_y[:, k]
    out = np.full(len(u), np.nan)
    sound = np.linalg.cond(gram) < 1e12
    if sound.any():
        beta = np.linalg.solve(gram[sound], moment[sound][..., None])[..., 0]
        out[sound] = beta @ at**k
    return out


def line(sums: Sums, bandwidth: float, points: np.ndarray) -> np.ndarray:
    """Fitted local line at points within the bandwidth, each from its own side."""
    out = np.full(len(points), np.nan)
    for side, here in ((-1, points < 0), (1, points >= 0)):
        bins = _inside(sums, *sorted((0.0, side * bandwidth)), "")
        ends = [
            _value(sums, bins, bandwidth, p, side) for p in (0.0, side * bandwidth / 2)
        ]
        slope = (ends[1] - ends[0]) / (side * bandwidth / 2)
        out[here] = ends[0] + slope * points[here]
    return out


def _value(sums, bins, bandwidth, point, side) -> float:
    scale = bandwidth ** -np.arange(6.0)
    u, y = sums.u[0, bins].sum(axis=0) * scale, sums.y[0, bins].sum(axis=0) * scale[:4]
    gram = np.array([[u[i + j] - side * u[i + j + 1] for j in (0, 1)] for i in (0, 1)])
    moment = np.array([y[i] - side * y[i + 1] for i in (0, 1)])
    beta = np.linalg.lstsq(gram, moment, rcond=None)[0]
    return float(beta @ [1.0, point / bandwidth])


def measured_jump(values: np.ndarray, n: int, *, unit: str, method: str) -> Estimate:
    """Estimate from a jump of everybody and without each bucket."""
    return estimate(values, n, method=method, unit=unit)


def rule_of_thumb(sums: Sums) -> float:
    """Bandwidth that weighs bias against noise, rounded to whole bins.

    The plug-in rule of Imbens and Kalyanaraman (2012), with curvatures from one
    quadratic on each side.
    """
    n = sums.n.sum()
    middle = sums.left + sums.width / 2
    spread = np.sqrt(
        np.average((middle - np.average(middle, weights=sums.n)) ** 2, weights=sums.n)
    )
    pilot = max(1.84 * spread * n**-0.2, 2 * sums.width)
    near = np.abs(middle) <= pilot
    density = sums.n[near].sum() / (2 * pilot * n)
    y, u = sums.y[0, near, 0], sums.n[near]
    noise = max((sums.yy[near] - y**2 / u).sum() / max(u.sum() - len(u), 1), 1e-12)
    below, above = (_curvature(sums, middle, side, noise) for side in (-1, 1))
    bend = (above[0] - below[0]) ** 2 + above[1] + below[1]
    h = 3.4375 * (2 * noise / (density * bend)) ** 0.2 * n**-0.2
    reach = min(-sums.left.min(), sums.left.max() + sums.width)
    h = min(max(h, 3 * sums.width), reach)
    return float(max(round(h / sums.width), 1) * sums.width)


def _curvature(sums: Sums, middle, side: int, noise: float) -> tuple[float, float]:
    here = (side * middle > 0) & (sums.n > 0)
    x, n = middle[here], sums.n[here]
    reach = np.abs(x).max()
    if here.sum() < 4:
        return 0.0, 2160 * noise / (n.sum() * reach**4)
    fit = np.polyfit(x / reach, sums.y[0, here, 0] / n, 2, w=np.sqrt(n))
    return 2 * fit[0] / reach**2, 2160 * noise / (n.sum() * reach**4)
