"""Whether customers were pushed over a threshold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.intervals.formulas import critical

EVERYBODY = "everybody"
LEAST_P = 0.01


@dataclass(frozen=True, eq=False)
class Density:
    """Density of the running column just above the threshold over just below.

    Attributes
    ----------
    ratio : Estimate
        1 where nobody moved.
    p : float
        Of a ratio as far from 1 by chance.
    table : DataFrame
        `middle`, `n`, `density` (share per unit of the running column) and `fit`.
    check : Check
        FAIL where p < .01.
    """

    ratio: Estimate
    p: float
    table: pd.DataFrame
    check: Check

    @property
    def estimate(self) -> Estimate:
        """The ratio."""
        return self.ratio

    @property
    def summary(self) -> str:
        """Whether the density jumps, in one sentence."""
        return self.check.finding


def density(bins: pd.DataFrame, *, bandwidth: float | None = None) -> Density:
    """Density test at the threshold.

    Parameters
    ----------
    bins : DataFrame
        From `retention.counts.threshold_bins` or `running_bins`.
    bandwidth : float, optional
        Of the local lines through the histogram; McCrary's rule by default.

    Returns
    -------
    Density

    References
    ----------
    McCrary, J. (2008). Manipulation of the running variable in the regression
    discontinuity design: a density test. Journal of Econometrics 142, 698-714.

    Examples
    --------
    >>> from retention.counts import running_bins
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"spend": rng.normal(0, 100, 5_000), "y": 0.0})
    >>> table = running_bins(rows, running="spend", width=10, outcome="y")
    >>> density(table).check.status
    'PASS'
    """
    from scipy.special import ndtr

    table = _histogram(bins)
    total, width = table["n"].sum(), float(bins["width"].iloc[0])
    bandwidth = _bandwidth(table, width) if bandwidth is None else bandwidth
    sides = [_edge(table, bandwidth, side) for side in (-1, 1)]
    table["fit"] = np.where(table["middle"] < 0, sides[0][1], sides[1][1])
    below, above = sides[0][0], sides[1][0]
    if min(below, above) <= 0:
        return _undecided(table, int(total))
    gap = np.log(above / below)
    se = np.sqrt(24 / 5 / (total * bandwidth) * (1 / above + 1 / below))
    p, reach = float(2 * ndtr(-abs(gap / se))), critical(0.95) * se
    ratio = Estimate(
        float(np.exp(gap)),
        float(np.exp(gap - reach)),
        float(np.exp(gap + reach)),
        int(total),
        "local lines through the histogram (McCrary)",
        "times",
        float(np.exp(gap) * se),
    )
    return Density(ratio, p, table, _check(ratio, p, table, width))


def _histogram(bins: pd.DataFrame) -> pd.DataFrame:
    own = bins[bins["variable"] == EVERYBODY]
    width = float(own["width"].iloc[0])
    n = own.groupby("left")["n"].sum()
    steps = np.round((n.index.max() - n.index.min()) / width)
    edges = n.index.min() + width * np.arange(steps + 1)
    place = np.round((n.index.to_numpy() - n.index.min()) / width).astype(int)
    counts = np.zeros(len(edges))
    counts[place] = n.to_numpy()
    table = pd.DataFrame({"middle": edges + width / 2, "n": counts.astype(int)})
    table["density"] = counts / counts.sum() / width
    return table


def _bandwidth(table: pd.DataFrame, width: float) -> float:
    """McCrary's rule: quartics on each side tell noise and curvature."""
    found = []
    for side in (-1, 1):
        own = table[side * table["middle"] > 0]
        x, reach = own["middle"].to_numpy(), own["middle"].abs().max()
        if len(own) < 6:
            found.append(3 * width)
            continue
        quartic = np.polyfit(x / reach, own["density"], 4)
        noise = np.mean((own["density"] - np.polyval(quartic, x / reach)) ** 2)
        bend = np.polyval(np.polyder(quartic, 2), x / reach) / reach**2
        span = reach + width / 2
        found.append(3.348 * (noise * span / max((bend**2).sum(), 1e-300)) ** 0.2)
    return float(np.clip(np.mean(found), 3 * width, table["middle"].abs().max()))


def _edge(table: pd.DataFrame, bandwidth: float, side: int):
    """Density at the threshold from one side, and the line through its bins."""
    x, y = table["middle"].to_numpy(), table["density"].to_numpy()
    weight = np.maximum(1 - np.abs(x) / bandwidth, 0) * (side * x > 0)
    if (weight > 0).sum() < 2:
        return 0.0, np.full(len(x), np.nan)
    slope, level = np.polyfit(x, y, 1, w=np.sqrt(weight))
    line = np.where(np.abs(x) <= bandwidth, level + slope * x, np.nan)
    return float(level), line


def _undecided(table: pd.DataFrame, n: int) -> Density:
    nan = float("nan")
    ratio = Estimate(nan, nan, nan, n, "local lines through the histogram (McCrary)")
    check = Check(
        "density at the threshold",
        "REVIEW",
        "Too few customers near the threshold to compare their density.",
        "Use a wider bandwidth or more customers.",
    )
    return Density(ratio, nan, table, check)


def _check(ratio: Estimate, p: float, table: pd.DataFrame, width: float) -> Check:
    name = "density at the threshold"
    near = np.abs(table["middle"]) < 2 * width
    above = int(table.loc[near & (table["middle"] > 0), "n"].sum())
    below = int(table.loc[near & (table["middle"] < 0), "n"].sum())
    finding = (
        f"Just above there are {ratio.value:.2f} times as many as just below "
        f"(95 % CI {ratio.lower:.2f} to {ratio.upper:.2f}, p = {p:.2g}; "
        f"{above:,} against {below:,} within {2 * width:g})."
    )
    if p >= LEAST_P:
        return Check(name, "PASS", finding)
    remedy = "Customers moved themselves over it: no effect can be read here."
    return Check(name, "FAIL", finding, remedy)
