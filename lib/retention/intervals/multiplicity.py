"""Many questions at once."""

import numpy as np
import pandas as pd


def benjamini_hochberg(p_values: pd.Series) -> pd.Series:
    """Smallest false-discovery rate at which each finding would be listed.

    Parameters
    ----------
    p_values : Series of float
        One p-value per question; missing where a question could not be answered.

    Returns
    -------
    Series
        q-values with the same index; missing stays missing and is not counted.

    Raises
    ------
    ValueError
        When a p-value lies outside 0 to 1.

    References
    ----------
    Benjamini & Hochberg (1995), "Controlling the false discovery rate", Journal of
    the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> benjamini_hochberg(pd.Series([0.01, 0.04, None, 0.03])).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    p = pd.Series(p_values, dtype=float)
    outside = p[(p < 0) | (p > 1)]
    if len(outside):
        raise ValueError(
            f"{len(outside)} p-values lie outside 0 to 1 (first: "
            f"{', '.join(f'{v:g}' for v in outside[:5])}): pass p-values, "
            "not test statistics."
        )
    ordered = p.dropna().sort_values(ascending=False, kind="stable")
    rank = np.arange(len(ordered), 0, -1)
    q = np.minimum.accumulate((ordered * len(ordered) / rank).to_numpy())
    return pd.Series(q, index=ordered.index).reindex(p.index)
