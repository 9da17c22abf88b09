"""What is owed for points: allocation, recognition and the contract liability."""

import numpy as np
import pandas as pd

from retention.counts.points import month_name


def allocated(price: float, goods: float, points: float) -> float:
    """Share of a price that belongs to the points, by relative stand-alone prices.

    Parameters
    ----------
    price : float
        What the customer pays for both.
    goods, points : float
        Stand-alone selling prices; that of points allows for breakage.

    Returns
    -------
    float

    References
    ----------
    IFRS 15, paragraphs 74-76 and B39-B43; Example 52.

    Examples
    --------
    >>> round(allocated(100_000, 100_000, 9_500))
    8676
    """
    return price * points / (goods + points)


def recognised(deferred: float, redeemed: float, expected: float) -> float:
    """Revenue of points recognised to date: the redeemed share of those expected.

    Parameters
    ----------
    deferred : float
        What was allocated to the points.
    redeemed, expected : float
        Points redeemed to date and points expected to be redeemed in all.

    Returns
    -------
    float

    References
    ----------
    IFRS 15, Example 52.

    Examples
    --------
    >>> round(recognised(8_676, 4_500, 9_500))
    4110
    """
    return deferred * min(redeemed / expected, 1.0)


def liability(
    batches: pd.DataFrame,
    sales: pd.DataFrame,
    *,
    ultimate: float,
    value_of_a_point: float,
    expire_after: int | None = None,
) -> pd.DataFrame:
    """Contract liability of the points from month to month.

    Parameters
    ----------
    batches : DataFrame
        From `retention.counts.point_batches`.
    sales : DataFrame
        From `retention.counts.batch_sales`.
    ultimate : float
        Share of points expected to be redeemed, as estimated now, for all months.
    value_of_a_point : float
    expire_after : int, optional

    Returns
    -------
    DataFrame
        `month`, `opening`, `granted` (revenue deferred on points granted),
        `redeemed` and `expired` (revenue recognised, negative), `closing`. Opening
        plus the three is closing.

    References
    ----------
    IFRS 15, paragraphs 74-76 and B39-B46; Example 52.

    Examples
    --------
    100 points of 1 cent are sold with goods of 9; nine in ten will be redeemed:

    >>> batches = pd.DataFrame({"batch": 24_300, "lag": [0, 1], "points": [100.0, 45.0],
    ...                         "kind": ["earn", "redeem"]})
    >>> sales = pd.DataFrame({"batch": [24_300], "points": [100.0], "sales": [9.0]})
    >>> liability(batches, sales, ultimate=0.9, value_of_a_point=0.01).round(3)
         month  opening  granted  redeemed  expired  closing
    0  2025-01    0.000    0.818     0.000      0.0    0.818
    1  2025-02    0.818    0.000    -0.409      0.0    0.409
    """
    last = int((batches["batch"] + batches["lag"]).max())
    months = np.arange(int(batches["batch"].min()), last + 1)
    flows = np.zeros((3, len(months)))
    for row in sales.itertuples():
        standalone = row.points * value_of_a_point * ultimate
        deferred = allocated(row.sales, row.sales, standalone) if row.sales else 0.0
        own = batches[batches["batch"] == row.batch]
        place = int(row.batch) - months[0]
        used, died = _released(own, deferred, row.points * ultimate, expire_after)
        flows[0, place] += deferred
        for part, values in ((1, used), (2, died)):
            room = len(months) - place
            flows[part, place:] -= np.pad(values, (0, room))[:room]
    closing = np.cumsum(flows.sum(axis=0))
    return pd.DataFrame(
        {
            "month": [month_name(m) for m in months],
            "opening": np.append(0.0, closing[:-1]),
            "granted": flows[0],
            "redeemed": flows[1],
            "expired": flows[2],
            "closing": closing,
        }
    )


def _released(own, deferred, expected, expire_after) -> tuple[np.ndarray, np.ndarray]:
    """Revenue of one batch by lag: on redemption, and of what is left at expiry."""
    length = int(own["lag"].max()) + 1
    spent = np.zeros(length)
    rows = own[own["kind"] == "redeem"]
    np.add.at(spent, rows["lag"].to_numpy(int), rows["points"].to_numpy(float))
    path = deferred * np.minimum(np.cumsum(spent) / max(expected, 1e-12), 1.0)
    used = np.diff(path, prepend=0.0)
    died = np.zeros(length)
    if expire_after is not None and length > expire_after:
        died[expire_after] = deferred - path[expire_after]
        used[expire_after + 1 :] = 0.0
    return used, died
