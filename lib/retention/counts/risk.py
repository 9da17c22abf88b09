"""Risk sets as reverse cumulative sums: person-periods are counted, never made."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.counts.tenure import RESERVED


def strata_of(tenure: pd.DataFrame) -> list[str]:
    """Columns of a tenure table that are strata.

    Parameters
    ----------
    tenure : DataFrame
        A tenure table (see `retention.counts.tenure`).

    Returns
    -------
    list of str
        All columns besides `entry`, `duration`, `event`, `cause`, `bucket` and `n`.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import counts
    >>> table = pd.DataFrame(
    ...     {"plan": ["basic"], "entry": [0], "duration": [3], "event": [1], "n": [5]}
    ... )
    >>> counts.strata_of(table)
    ['plan']
    """
    return [c for c in tenure.columns if c not in RESERVED]


def periods(tenure: pd.DataFrame, *, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Period table: customers at risk and lost in each period of tenure.

    Parameters
    ----------
    tenure : DataFrame
        A tenure table (see `retention.counts.tenure`).
    by : sequence of str, optional
        Columns to keep as strata; all of them by default.

    Returns
    -------
    DataFrame
        The strata, `period` (1, 2, ... up to the stratum's longest duration),
        `at_risk` (customers with entry < period <= duration) and `events` (losses
        in the period). Periods in which nobody is at risk are left out.

    Examples
    --------
    Two customers lost in months 1 and 3, one still here after 3, and one who came
    under observation when two months were over:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"entry": [0, 0, 0, 2], "duration": [1, 3, 3, 4],
    ...                       "event": [1, 1, 0, 0], "n": [1, 1, 1, 1]})
    >>> periods(table)
       period  at_risk  events
    0       1        3       1
    1       2        2       0
    2       3        3       1
    3       4        1       0
    """
    by = strata_of(tenure) if by is None else list(by)
    strata, code = _coded(tenure, by)
    length = int(tenure["duration"].max()) if len(tenure) else 0
    shape = (len(strata), length + 1)
    n = tenure["n"].to_numpy(float)
    stop, start = tenure["duration"].to_numpy(int), tenure["entry"].to_numpy(int)
    exits = _tally(shape, code, stop, n)
    entries = _tally(shape, code, np.minimum(start, length), n)
    events = _tally(shape, code, stop, n * tenure["event"].to_numpy(float))
    at_risk = _still_to_come(exits) - _still_to_come(entries)
    row, period = np.nonzero(at_risk[:, 1:] > 0)
    out = strata.iloc[row].reset_index(drop=True)
    return out.assign(
        period=period + 1,
        at_risk=at_risk[row, period + 1].astype("int64"),
        events=events[row, period + 1].astype("int64"),
    )


def censored_at(tenure: pd.DataFrame, period: int) -> pd.DataFrame:
    """Tenure table as it would be had nobody been followed beyond a period.

    Parameters
    ----------
    tenure : DataFrame
        A tenure table.
    period : int
        Last period of follow-up.

    Returns
    -------
    DataFrame
        The same cells; durations beyond the period are cut to it and their events
        are 0. Customers who came under observation at or after it are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"entry": [0, 0, 9], "duration": [5, 8, 12],
    ...                       "event": [1, 1, 1], "n": [3, 2, 1]})
    >>> censored_at(table, 6)[["duration", "event", "n"]].values.tolist()
    [[5, 1, 3], [6, 0, 2]]
    """
    cut = tenure[tenure["entry"] < period]
    event = cut["event"].where(cut["duration"] <= period, 0)
    cut = cut.assign(duration=cut["duration"].clip(upper=period), event=event)
    keys = [name for name in cut.columns if name != "n"]
    return cut.groupby(keys, as_index=False, dropna=False, observed=True)["n"].sum()


def _coded(tenure: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct strata in order, and each row's place among them."""
    if not by:
        return pd.DataFrame(index=[0]), np.zeros(len(tenure), int)
    grouped = tenure.groupby(by, dropna=False, observed=True, sort=True)
    strata = grouped.size().reset_index()[by]
    return strata, grouped.ngroup().to_numpy()


def _tally(shape, code, period, n) -> np.ndarray:
    size = shape[0] * shape[1]
    return np.bincount(code * shape[1] + period, weights=n, minlength=size).reshape(
        shape
    )


def _still_to_come(counts: np.ndarray) -> np.ndarray:
    return counts[:, ::-1].cumsum(axis=1)[:, ::-1]
