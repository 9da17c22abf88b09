"""What more satisfaction would be worth, if the curve of scores told causes."""

import numpy as np

from retention.intervals import Estimate
from retention.satisfaction.weighted import ANSWERS, FOLLOWED, GONE, WeightedLosses


def value_of_satisfaction(
    found: WeightedLosses,
    scale,
    *,
    horizon: int,
    periods_per_year: float,
    rise: float = 0.05,
    annual_discount_rate: float = 0.10,
) -> Estimate | str:
    """Relative rise of the future of today's customers if the mean score rose.

    Of each level the same share moves one level up until the mean is higher by
    `rise`. Each customer is then expected to stay as those at the new score do, for
    ever at the same rate, and every period pays the same; later payments are
    discounted. It is the most that the curve allows: it takes the whole difference
    between scores as the work of satisfaction.

    Parameters
    ----------
    found : WeightedLosses
        Losses for any reason by score.
    scale : counts.satisfaction.Scale
    horizon : int
        Periods that the losses are about.
    periods_per_year : float
    rise : float
        0.05 is five per cent of the mean score.
    annual_discount_rate : float

    Returns
    -------
    Estimate or str
        0.08 is 8 % more; a text where fewer than two scores were followed, or nobody
        was lost.

    Examples
    --------
    Nine in ten of those at 4 stay a year, 19 in 20 of those at 5; the mean rises from
    4.5 to 4.725, so that 27.5 % are left at 4. A customer who stays with probability s
    is worth 1 / (1 - s / 1.1):

    >>> import pandas as pd
    >>> from retention.counts.satisfaction import Scale
    >>> from retention.satisfaction import weighted_losses
    >>> asked = pd.DataFrame({"score": [4.0, 4.0, 5.0, 5.0], "responded": 1,
    ...     "followed": 1, "lost": [1, 0, 1, 0], "gone": [1, 0, 1, 0],
    ...     "bucket": ["00", "01", "02", "03"], "n": [10, 90, 5, 95]})
    >>> gain = value_of_satisfaction(weighted_losses(asked), Scale.of(1, 5), horizon=1,
    ...     periods_per_year=1.0)
    >>> before = (1 / (1 - 0.9 / 1.1) + 1 / (1 - 0.95 / 1.1)) / 2
    >>> after = 0.275 / (1 - 0.9 / 1.1) + 0.725 / (1 - 0.95 / 1.1)
    >>> round(gain.value, 4), round(after / before - 1, 4)
    (0.0643, 0.0643)
    """
    counted = found.counted
    used = (counted["followed"] > 0).to_numpy()
    if used.sum() < 2 or counted["gone"].sum() == 0:
        return "Fewer than two scores were followed, or nobody was lost after them."
    levels = np.array(found.groups, float)[used]
    discount = (1 + annual_discount_rate) ** (-1 / periods_per_year)

    def gain(s: np.ndarray) -> float:
        s = s[used]
        share = s[:, ANSWERS] / s[:, ANSWERS].sum()
        stays = np.maximum(1 - s[:, GONE] / s[:, FOLLOWED], 0) ** (1 / horizon)
        worth = 1 / (1 - stays * discount)
        return float(risen(share, levels, rise) @ worth / (share @ worth) - 1)

    return found.number(gain, n=int(counted["answers"].sum()), unit="%")


def risen(share: np.ndarray, levels: np.ndarray, rise: float) -> np.ndarray:
    """Shares of the levels after the mean has risen by a part, as far as it can.

    Examples
    --------
    >>> risen(np.array([0.5, 0.5]), np.array([4.0, 5.0]), 0.05).round(3).tolist()
    [0.275, 0.725]
    """
    target = min(levels @ share * (1 + rise), levels[-1])
    for _ in range(len(levels)):
        up = share[:-1] * np.diff(levels)
        missing = target - levels @ share
        if missing <= 1e-12 or up.sum() <= 0:
            break
        moved = np.append(share[:-1] * min(missing / up.sum(), 1.0), 0.0)
        share = share - moved + np.roll(moved, 1)
    return share
