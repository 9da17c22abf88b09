"""Who is at risk in which period, from a tenure table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

MEASURES = ("entry", "duration", "event", "n")


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Dense counts per stratum and period, as arrays of shape (strata, periods + 1).

    Attributes
    ----------
    levels : DataFrame
        One row per stratum with its values, in the arrays' order.
    at_risk : array
        Customers with entry < k <= duration; in column ``start``, those under
        observation when the clock starts.
    events : array
        Customers who left in period k.
    censored : array
        Customers last seen at the end of period k, still here.
    last : array of int, shape (strata,)
        Last period in which anybody was at risk.
    start : int
        Periods that everybody had completed; earlier columns are empty.
    """

    levels: pd.DataFrame
    at_risk: np.ndarray = field(repr=False)
    events: np.ndarray = field(repr=False)
    censored: np.ndarray = field(repr=False)
    last: np.ndarray
    start: int

    @property
    def log_survival_variance(self) -> np.ndarray:
        """Greenwood's terms d / (n (n - d)), 0 without events, infinite if all left."""
        rest = self.at_risk * (self.at_risk - self.events)
        terms = np.divide(
            self.events, rest, out=np.full(rest.shape, np.inf), where=rest > 0
        )
        return np.where(self.events > 0, terms, 0.0)

    @property
    def hazard(self) -> np.ndarray:
        """Share of those at risk who left, 0 where nobody was at risk."""
        return np.divide(
            self.events,
            self.at_risk,
            out=np.zeros(self.at_risk.shape),
            where=self.at_risk > 0,
        )

    def long(self, **columns: np.ndarray) -> pd.DataFrame:
        """One row per stratum and period from ``start`` to the stratum's last."""
        periods = np.arange(self.at_risk.shape[1])
        shown = (periods >= self.start) & (periods <= self.last[:, None])
        stratum, period = np.nonzero(shown)
        held = {c: self.levels[c].array.take(stratum) for c in self.levels.columns}
        measures = {name: values[shown] for name, values in columns.items()}
        return pd.DataFrame({**held, "time": period, **measures})


def strata(by: str | Sequence[str]) -> list[str]:
    """Stratum columns as a list; a single name may be given bare."""
    return [by] if isinstance(by, str) else list(by)


def checked_tenure(tenure: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Tenure table with its strata and measures, completed and checked.

    Missing ``entry`` means seen from the start, missing ``n`` one customer a row.
    """
    by = strata(by)
    measures = zip(MEASURES, _checked_measures(tenure, by), strict=True)
    return pd.DataFrame({**{c: tenure[c].array for c in by}, **dict(measures)})


def _checked_measures(tenure: pd.DataFrame, by: list[str]) -> list[np.ndarray]:
    """Entry, duration, event and n as arrays."""
    missing = [c for c in [*by, "duration", "event"] if c not in tenure.columns]
    if missing:
        raise ValueError(
            f"The tenure table lacks the column {', '.join(map(repr, missing))}; it "
            f"has {', '.join(map(str, tenure.columns))}. Count it with counts.tenure."
        )
    clash = sorted({"time", *MEASURES} & set(by))
    if clash:
        raise ValueError(f"{', '.join(clash)} cannot be a stratum: rename the column.")
    entry, duration, event, n = (_numbers(tenure, measure) for measure in MEASURES)
    _refuse_bad_rows(entry, duration, event, n)
    return [*(whole.astype(np.int64) for whole in (entry, duration, event)), n]


def _numbers(tenure: pd.DataFrame, measure: str) -> np.ndarray:
    if measure not in tenure.columns:
        return np.full(len(tenure), 1.0 if measure == "n" else 0.0)
    column = tenure[measure]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb":
        return column.to_numpy(float)
    if column.dtype.kind not in "iufb":
        column = pd.to_numeric(column, errors="coerce")
    return column.to_numpy(float, na_value=np.nan)


def _refuse_bad_rows(
    entry: np.ndarray, duration: np.ndarray, event: np.ndarray, n: np.ndarray
) -> None:
    whole = (entry == np.floor(entry)) & (duration == np.floor(duration))
    rules = {
        "entry and duration must be whole periods of 0 or more": whole
        & (entry >= 0)
        & (duration >= 0),
        "event must be 1 (left) or 0 (still here)": (event == 0) | (event == 1),
        "n must be a number of 0 or more": (n >= 0) & np.isfinite(n),
        "somebody who left did so in period 1 or later, so duration 0 needs event 0 "
        "(count the period in which customers leave, from 1)": (duration >= 1)
        | (event != 1),
    }
    for rule, kept in rules.items():
        if not kept.all():
            rows = np.flatnonzero(~kept)
            shown = ", ".join(map(str, rows[:5]))
            raise ValueError(
                f"{len(rows)} rows of the tenure table break a rule: {rule}. "
                f"Rows {shown}{' ...' if len(rows) > 5 else ''}: mend or drop them."
            )


def risk_sets(
    tenure: pd.DataFrame, *, by: str | Sequence[str] = (), start: int = 0
) -> RiskSets:
    """Customers at risk, leaving and censored in every period.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table: ``entry``, ``duration``, ``event``, ``n`` and strata. Missing
        ``entry`` means seen from the start, missing ``n`` one customer a row.
    by : str or sequence of str
        Stratum columns.
    start : int
        Count only what happens after this many completed periods, among customers
        who had completed them.

    Returns
    -------
    RiskSets

    Raises
    ------
    ValueError
        When a column is missing, a row breaks the table's rules or nobody is left.

    Examples
    --------
    Two customers seen from the start, one who came under observation after period 1:

    >>> tenure = pd.DataFrame(
    ...     {"entry": [0, 0, 1], "duration": [1, 3, 3], "event": [1, 0, 1]}
    ... )
    >>> sets = risk_sets(tenure)
    >>> sets.at_risk.tolist(), sets.events.tolist()
    ([[2, 2, 2, 2]], [[0, 1, 0, 1]])
    """
    by = strata(by)
    entry, duration, event, n = _checked_measures(tenure, by)
    entry = np.maximum(entry, start)
    seen = (duration > entry) & (n > 0)
    if not seen.any():
        raise ValueError(
            f"No customer of the tenure table was observed after period {start}: "
            "check the observation window, or start earlier."
        )
    if not seen.all():
        tenure = tenure[seen]
        entry, duration, event, n = (a[seen] for a in (entry, duration, event, n))
    codes, levels = numbered(tenure, by)
    return _counted(codes, levels, (entry, duration, event, n), start)


def numbered(table: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number of each row's stratum, and the strata in that order."""
    if len(by) == 1:
        codes, levels = pd.factorize(table[by[0]], sort=True, use_na_sentinel=False)
        return codes, pd.DataFrame({by[0]: levels})
    codes = np.zeros(len(table), np.int64)
    for column in by:
        code, levels = pd.factorize(table[column], sort=True, use_na_sentinel=False)
        codes = codes * len(levels) + code
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    return codes, table[by].iloc[first].reset_index(drop=True)


def _counted(
    codes: np.ndarray, levels: pd.DataFrame, measures: tuple, start: int
) -> RiskSets:
    entry, duration, event, n = measures
    shape = (len(levels), int(duration.max()) + 1)

    def counted(period: np.ndarray, weight: np.ndarray) -> np.ndarray:
        cell = codes * shape[1] + period
        return np.bincount(cell, weight, shape[0] * shape[1]).reshape(shape)

    events, censored = counted(duration, n * event), counted(duration, n * (1 - event))
    entering = counted(entry, n)
    present = np.cumsum(entering - events - censored, axis=1)
    at_risk = np.concatenate([entering[:, :1], present[:, :-1]], axis=1)
    at_risk[:, start] = entering[:, start]
    last = np.zeros(shape[0], np.int64)
    np.maximum.at(last, codes, duration)
    whole = np.int64 if (n == np.floor(n)).all() else float
    at_risk = np.rint(at_risk) if whole is np.int64 else np.maximum(at_risk, 0)
    arrays = (a.astype(whole) for a in (at_risk, events, censored))
    return RiskSets(levels, *arrays, last, start)


def _emptied(sets: RiskSets) -> np.ndarray:
    """Periods after which nobody is left although somebody is observed later."""
    periods = np.arange(sets.at_risk.shape[1])
    inside = (periods > sets.start) & (periods < sets.last[:, None])
    return inside & (sets.at_risk == sets.events)


def earliest_start(tenure: pd.DataFrame, *, by: str | Sequence[str] = ()) -> int:
    """Smallest start after which somebody is at risk in every period of each stratum.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    by : str or sequence of str
        Stratum columns.

    Returns
    -------
    int
        0 when the curve can begin with new customers. With late entry the first
        periods may hold nobody, or a few who all left: survival would then be taken
        as known, or stay 0 for ever.

    Examples
    --------
    The only customer seen in period 1 left; others came under observation later:

    >>> tenure = pd.DataFrame(
    ...     {"entry": [0, 2, 2], "duration": [1, 5, 6], "event": [1, 1, 0]}
    ... )
    >>> earliest_start(tenure)
    2
    """
    emptied = _emptied(risk_sets(tenure, by=by))
    return int(np.max(np.nonzero(emptied)[1], initial=0))


def refuse_empty_risk_sets(sets: RiskSets) -> None:
    """Raise where a curve would be 0 for ever, or taken as known without anybody."""
    emptied = _emptied(sets)
    if not emptied.any():
        return
    stratum, period = (int(found[-1]) for found in np.nonzero(emptied))
    start = int(np.nonzero(emptied)[1].max())
    named = ", ".join(f"{c} = {v}" for c, v in sets.levels.iloc[stratum].items())
    raise ValueError(
        f"After period {period} nobody is left in the risk set"
        f"{f' of {named}' if named else ''}, although customers are observed later: "
        "they came under observation late, and too few were seen early. Condition on "
        f"customers who had stayed {start} periods: start={start} (or later, where "
        "more are at risk)."
    )


def supported_period(sets: RiskSets, *, customers: int = 50, stratum: int = 0) -> int:
    """Last period with at least so many customers at risk, ``start`` if there is none.

    Parameters
    ----------
    sets : RiskSets
        From :func:`risk_sets`.
    customers : int
        Fewer at risk than this and a curve's tail is not printed.
    stratum : int
        Row of ``sets.levels``.

    Returns
    -------
    int

    Examples
    --------
    >>> tenure = pd.DataFrame({"duration": [1, 2, 9], "event": 0, "n": [10, 40, 45]})
    >>> supported_period(risk_sets(tenure))
    2
    """
    enough = np.flatnonzero(sets.at_risk[stratum] >= customers)
    enough = enough[enough > sets.start]
    return int(enough[-1]) if len(enough) else sets.start
