"""Whether loss falls in a straight line, or more at the top of the scale."""

import numpy as np

from retention.intervals import Estimate
from retention.satisfaction.weighted import FOLLOWED, LOST, WeightedLosses


def last_step_gain(found: WeightedLosses, scale) -> Estimate | str:
    """Share of the fall in loss, from not satisfied to the top, in the last step.

    The last step is that from merely satisfied to the top of the scale. Near one if
    only delight keeps customers, near zero if the merely satisfied stay as the
    delighted do. A text where loss does not clearly fall.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.
    scale : counts.satisfaction.Scale

    Returns
    -------
    Estimate or str
        A share (0.5 is half of the fall).

    Examples
    --------
    Loss falls from 40 % through 30 % to 10 %: two thirds of the fall is the last step.

    >>> import pandas as pd
    >>> from retention.counts.satisfaction import Scale
    >>> from retention.satisfaction import weighted_losses
    >>> cells = [(score, lost, f"{k:02x}") for score in (3.0, 4.0, 5.0)
    ...     for lost in (1, 0) for k in range(10)]
    >>> asked = pd.DataFrame(cells, columns=["score", "lost", "bucket"])
    >>> asked = asked.assign(responded=1, followed=1, gone=asked["lost"],
    ...     n=np.repeat([4, 6, 3, 7, 1, 9], 10))
    >>> round(last_step_gain(weighted_losses(asked), Scale.of(1, 5)).value, 3)
    0.667
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

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score; the three highest scores that were followed count.

    Returns
    -------
    Estimate or str
        A difference of differences of shares (0.1 is ten percentage points); a text
        where one of the three has fewer than five losses.

    References
    ----------
    Jones, T. O. and Sasser, W. E. (1995). Why satisfied customers defect. Harvard
    Business Review 73(6), 88-99.

    Examples
    --------
    Kept are 60 %, 70 % and 90 %: the last step keeps ten points more than the step
    before it.

    >>> import pandas as pd
    >>> from retention.satisfaction import weighted_losses
    >>> asked = pd.DataFrame({"score": [3.0, 3.0, 4.0, 4.0, 5.0, 5.0], "responded": 1,
    ...     "followed": 1, "lost": [1, 0] * 3, "gone": [1, 0] * 3,
    ...     "bucket": ["00", "01"] * 3, "n": [40, 60, 30, 70, 10, 90]})
    >>> bend = convexity(weighted_losses(asked))
    >>> round(bend.value, 3), bend.unit
    (0.1, 'percentage points')
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

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.

    Returns
    -------
    dict
        `chi2`, `df`, `p`: the weighted squared distance of the levels' losses from the
        best line, in their jackknife covariance. All nan with fewer than three levels.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.satisfaction import weighted_losses
    >>> company = open_company("data/lakeshore")
    >>> found = straightness(weighted_losses(counts.survey_losses(company, horizon=12)))
    >>> {name: round(value, 2) for name, value in found.items()}
    {'chi2': 3.71, 'df': 3, 'p': 0.29}
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
