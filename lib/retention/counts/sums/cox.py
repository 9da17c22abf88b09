"""Group sums of a Cox model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.sums.checks import (
    check_columns,
    check_finite,
    check_size,
    check_survey,
)
from retention.counts.sums.records import (
    CENSORED,
    EVENT,
    NEVER,
    distinct,
    grouping,
    records_of,
    survey,
)


@dataclass(frozen=True, eq=False)
class CoxSums:
    """Group sums from which `retention.survival.cox` is fitted.

    Attributes
    ----------
    cells : DataFrame
        Distinct combinations of strata and categorical covariates.
    cell, time, kind : ndarray of int, shape (groups,)
        The group's row in `cells`; its time; and its kind of record: 0 left the
        study without an event at `time`, 1 had the event at `time`, 2 came under
        observation at `time`, 3 never at risk.
    plain : ndarray, shape (groups, 1 + q + q(q+1)/2)
        Records in the group, sums of the standardised continuous covariates, and
        sums of their products (pairs 11, 12, ..., 22, ...).
    weighted : callable
        ``weighted(slope)`` gives the same sums with each record weighted by
        exp(slope'z); it runs in the engine, one group-by a call.
    strata, categorical, continuous : tuple of str
        Columns of each sort.
    centre, scale : ndarray, shape (q,)
        Mean and standard deviation that standardise the continuous covariates.
    """

    cells: pd.DataFrame
    cell: np.ndarray
    time: np.ndarray
    kind: np.ndarray
    plain: np.ndarray
    weighted: Callable[[np.ndarray], np.ndarray]
    strata: tuple[str, ...]
    categorical: tuple[str, ...]
    continuous: tuple[str, ...]
    centre: np.ndarray
    scale: np.ndarray

    @property
    def n(self) -> int:
        """Rows that were at risk at some time."""
        return self._rows(CENSORED) + self._rows(EVENT)

    @property
    def never_at_risk(self) -> int:
        """Rows left out because their duration does not exceed their entry."""
        return self._rows(NEVER)

    def _rows(self, kind: int) -> int:
        return int(self.plain[self.kind == kind, 0].sum())


def cox_sums(
    frame,
    *,
    strata: Sequence[str] = (),
    categorical: Sequence[str] = (),
    continuous: Sequence[str] = (),
    duration: str = "duration",
    event: str = "event",
    entry: str | None = None,
) -> CoxSums:
    """Sums of a customer table that a Cox model needs, made where the data live.

    Parameters
    ----------
    frame : any frame that narwhals can wrap
        DuckDB relation, Spark, polars, pyarrow or pandas; one row a customer, or a
        row for each stretch of a customer's time with unchanged covariates.
    strata : sequence of str
        Columns whose levels have baseline hazards of their own.
    categorical, continuous : sequence of str
        Covariates. Each level of a categorical one gets a coefficient, so it should
        have few levels: at most 2,000,000 groups of (strata, categorical, duration,
        event) are brought back.
    duration : str
        Column with the whole number of periods at the end. Half days and the like
        are recorded as whole numbers of the smaller unit.
    event : str
        Column with 1 (or True) when the customer left at `duration`, 0 when it was
        still there.
    entry : str, optional
        Column with the periods completed when the customer came under observation.
        A row is at risk at times t with entry < t <= duration. Without it everyone
        is at risk from 0 on.

    Returns
    -------
    CoxSums
        Input of `retention.survival.cox`. With categorical covariates only, the
        engine is not needed again.

    Raises
    ------
    ValueError
        If a column is missing, a time is not a whole number, an event is neither 0
        nor 1, a covariate has empty cells or does not vary, or there are too many
        groups.

    Notes
    -----
    The first group-by surveys levels and times, and scales the numbers. Those that
    follow, one a Newton step, are keyed by one whole number for cell, time and kind
    of record, which engines group by fastest. Rows that enter late are counted
    twice, at their entry and at their exit, and the sums of the first are taken from
    those of the second.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"plan": ["basic", "basic", "plus"],
    ...                           "duration": [1, 2, 2], "event": [1, 0, 1]})
    >>> sums = cox_sums(customers, categorical=["plan"])
    >>> sums.cells.loc[sums.cell].assign(time=sums.time, kind=sums.kind)
        plan  time  kind
    0  basic     1     1
    0  basic     2     0
    1   plus     2     1
    """
    frame = nw.from_native(frame).lazy()
    strata, categorical, continuous = map(tuple, (strata, categorical, continuous))
    names, q = [*strata, *categorical], len(continuous)
    check_columns(frame, names, continuous, duration, event, entry)
    records = records_of(frame, names, continuous, duration, event, entry)
    found = survey(records, len(names), q)
    cells, of_cell = distinct(found, names)
    check_survey(found, cells, of_cell, (duration, event, entry))
    check_finite(records, found, continuous)
    centre, scale = _standards(found, continuous)
    times = int(found["first"].min()), int(found["last"].max())
    groups = grouping(records, cells, times, q=q, rows=found["n"].sum())
    keys, plain = groups.sums(centre, scale, np.zeros(q))
    check_size(keys, [*names, duration])
    cell, time, kind = groups.unpacked(keys)

    def weighted(slope):
        return groups.sums(centre, scale, slope)[1] if continuous else plain

    return CoxSums(
        cells,
        cell,
        time,
        kind,
        plain,
        weighted,
        strata,
        categorical,
        continuous,
        centre,
        scale,
    )


def _standards(found: pd.DataFrame, continuous: tuple[str, ...]):
    """Means and standard deviations of the numbers over the rows ever at risk."""
    own = found[found["kind"].isin([CENSORED, EVENT])]
    n, numbers = own["n"].sum(), [f"x{i}" for i in range(len(continuous))]
    centre = own[numbers].sum().to_numpy(float) / n
    squares = own[[f"{x}{x}" for x in numbers]].sum().to_numpy(float) / n
    spread = squares - centre**2
    flat = [
        c
        for c, s, m in zip(continuous, spread, centre, strict=True)
        if s <= 1e-13 * m**2
    ]
    if flat:
        raise ValueError(f"{', '.join(flat)} has the same value in every row.")
    return centre, np.sqrt(spread)
