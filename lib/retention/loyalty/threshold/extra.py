"""The same design by the package of its authors, where it is installed."""

import pandas as pd

from retention.intervals import Estimate


def threshold_by_rdrobust(
    rows: pd.DataFrame,
    *,
    running: str,
    outcome: str,
    threshold: float = 0.0,
    unit: str = "",
) -> Estimate:
    """Jump at a threshold with an optimal bandwidth and a bias-corrected interval.

    Needs customer rows and the package rdrobust, which the extra `causal` brings.

    Parameters
    ----------
    rows : DataFrame
        One row a unit.
    running, outcome : str
        Columns; units at or above the threshold are on the upper side.
    threshold : float
    unit : str

    Returns
    -------
    Estimate
        The conventional jump with the robust interval, as is usual; the interval
        need not be centred on it. n are the units within the bandwidth.

    Raises
    ------
    ValueError
        If rdrobust is not installed.

    References
    ----------
    Calonico, S., Cattaneo, M. D. and Titiunik, R. (2014). Robust nonparametric
    confidence intervals for regression-discontinuity designs. Econometrica 82,
    2295-2326.

    Examples
    --------
    Spend rises by 2 for each point and jumps by 5 at 100; None without the package:

    >>> from importlib.util import find_spec
    >>> points = pd.Series(range(200), dtype=float)
    >>> rows = pd.DataFrame({"points": points,
    ...     "spend": 2 * points + 5 * (points >= 100) + (points * 7) % 3 - 1})
    >>> jump = threshold_by_rdrobust(rows, running="points", outcome="spend",
    ...     threshold=100.0) if find_spec("rdrobust") else None
    >>> jump is None or abs(jump.value - 5) < 1
    True
    """
    try:
        from rdrobust import rdrobust
    except ImportError:
        raise ValueError(
            "This needs the package rdrobust, which the extra `causal` brings (pip "
            "install rdrobust does, too). Without it use threshold, which works on "
            "counts."
        ) from None
    found = rdrobust(rows[outcome], rows[running], c=threshold)
    lower, upper = (float(v) for v in found.ci.iloc[2])
    return Estimate(
        float(found.coef.iloc[0, 0]),
        lower,
        upper,
        int(sum(found.N_h)),
        "local linear, bias-corrected interval (rdrobust)",
        unit,
        float(found.se.iloc[2, 0]),
    )
