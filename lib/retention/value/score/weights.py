"""Weights of the parts, ranks of the customers, and the score made of both."""

from collections.abc import Mapping, Sequence

import pandas as pd

PARTS = ("contribution", "potential", "acceptance", "influence", "resources")


def weights_of(text: str, parts: Sequence[str]) -> dict[str, float]:
    """Weights of the parts that a company can measure, adding up to 1.

    Parameters
    ----------
    text : str
        Five numbers parted by spaces or slashes, for contribution, potential,
        acceptance of new products, influence on others and personal resources.
    parts : sequence of str
        Parts that there are data for; the others' weight is shared out.

    Returns
    -------
    dict of str to float
        Part to weight.

    Raises
    ------
    ValueError
        Unless there are five numbers, none negative, with something on the parts.

    Examples
    --------
    >>> weights_of("50 20 10 10 10", ["contribution", "potential", "influence"])
    {'contribution': 0.625, 'potential': 0.25, 'influence': 0.125}
    """
    try:
        numbers = [float(word) for word in text.replace("/", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) != len(PARTS) or min(numbers) < 0:
        raise ValueError(
            f"The weights are {text!r}; write five numbers of 0 or more, such as "
            "50 20 10 10 10."
        )
    kept = {p: w for p, w in zip(PARTS, numbers, strict=True) if p in parts}
    if not sum(kept.values()):
        raise ValueError("No part with data has a weight above 0.")
    return {part: weight / sum(kept.values()) for part, weight in kept.items()}


def ranked(values: pd.Series) -> pd.Series:
    """Values as ranks from 0 to 100, ties at their middle; missing ones at 50.

    Parameters
    ----------
    values : Series

    Returns
    -------
    Series
        Index as of the values; 100 is the highest.

    Examples
    --------
    >>> ranked(pd.Series([5.0, 1.0, 3.0])).tolist()
    [100.0, 0.0, 50.0]
    """
    rank = values.rank()
    most = max(rank.count() - 1, 1)
    return (100 * (rank - 1) / most).fillna(50.0)


def high_value_score(rows: pd.DataFrame, weights: Mapping[str, float]) -> pd.Series:
    """Score of each customer, 0 to 100: weighted ranks of its parts.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.score_rows`.
    weights : mapping
        Part to weight, adding up to 1.

    Returns
    -------
    Series
        Index as of the rows; 100 is first in every part, missing parts count as 50.

    Examples
    --------
    >>> rows = pd.DataFrame({"contribution": [10.0, 50.0, 90.0],
    ...                      "influence": [2, 0, 1]})
    >>> high_value_score(rows, {"contribution": 0.75, "influence": 0.25}).tolist()
    [25.0, 37.5, 87.5]
    """
    parts = [weight * ranked(rows[part]) for part, weight in weights.items()]
    return sum(parts, start=pd.Series(0.0, rows.index))
