"""Each member beside the most similar non-member."""

from bisect import bisect_left

import numpy as np
import pandas as pd


def matched_pairs(
    rows: pd.DataFrame,
    propensity: np.ndarray,
    *,
    outcome: str = "revenue",
    treatment: str = "member",
    caliper: float = 0.2,
) -> np.ndarray:
    """Differences in outcome between members and their nearest non-members.

    One to one, without replacement, members with the highest propensity first.

    Parameters
    ----------
    rows : DataFrame
        One row a customer.
    propensity : array
        Chance of being a member (`DoublyRobust.propensity`).
    outcome, treatment : str
    caliper : float
        Largest distance, in standard deviations of the logit of the propensity.
        Members without a match so near are left out.

    Returns
    -------
    array
        Member minus match, one a pair.

    References
    ----------
    Austin, P. C. (2011). Optimal caliper widths for propensity-score matching when
    estimating differences in means and differences in proportions in observational
    studies. Pharmaceutical Statistics 10, 150-161.

    Examples
    --------
    >>> rows = pd.DataFrame({"member": [1, 0, 0], "revenue": [9.0, 7.0, 1.0]})
    >>> matched_pairs(rows, np.array([0.5, 0.5, 0.1])).tolist()
    [2.0]
    """
    logit = np.log(propensity / (1 - propensity))
    treated = rows[treatment].to_numpy() == 1
    y = rows[outcome].to_numpy(float)
    reach = caliper * logit.std()
    members = np.flatnonzero(treated)[np.argsort(-logit[treated], kind="stable")]
    others = np.flatnonzero(~treated)[np.argsort(logit[~treated], kind="stable")]
    place, who = list(logit[others]), list(others)
    differences = []
    for i in members:
        j = _nearest(place, logit[i])
        if j is not None and abs(place[j] - logit[i]) <= reach:
            place.pop(j)
            differences.append(y[i] - y[who.pop(j)])
    return np.array(differences)


def _nearest(place: list[float], value: float) -> int | None:
    right = bisect_left(place, value)
    near = [j for j in (right - 1, right) if 0 <= j < len(place)]
    return min(near, key=lambda j: abs(place[j] - value), default=None)
