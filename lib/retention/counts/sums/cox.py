"""Group sums of a Cox model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.sums.checks import check_columns, check_finite, check_groups
from retention.counts.sums.records import (
    CENSORED,
    EVENT,
    NEVER,
    distinct,
    first_pass,
    numbered,
    pairs,
    records_of,
    weighted_pass,
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
        Input of `retention.survival.cox`. With categorical covariates only, the one
        group-by has been run and the engine is not needed again.

    Raises
    ------
    ValueError
        If a column is missing, a time is not a whole number, an event is neither 0
        nor 1, a covariate has empty cells or does not vary, or there are too many
        groups.

    Notes
    -----
    The first group-by is keyed by the columns as they are; once their levels are
    known, further ones are keyed by a number for each cell. Rows that enter late are
    counted twice, at their entry and at their exit, and the sums of the first are
    taken from those of the second.

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
    names = [*strata, *categorical]
    check_columns(frame, names, continuous, duration, event, entry)
    records = records_of(frame, names, continuous, duration, event, entry)
    groups = first_pass(records, len(names), len(continuous))
    cells, cell = distinct(groups, names)
    check_groups(groups, cells, cell, (duration, event, entry))
    check_finite(records, groups, continuous)
    plain, centre, scale = _standardised(groups, continuous)
    time, kind = (groups[c].to_numpy(int) for c in ("time", "kind"))
    records, keys, number = numbered(records, cells)
    order = np.lexsort((kind, time, number[cell]))

    def weighted(slope):
        if not continuous:
            return plain
        sums = np.empty_like(plain)
        sums[order] = weighted_pass(records, keys, centre, scale, slope)
        return sums

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


def _standardised(groups: pd.DataFrame, continuous: tuple[str, ...]):
    """Sums of the standardised covariates, with the means and deviations used."""
    q = len(continuous)
    n = groups["n"].to_numpy(float)
    first = groups[[f"x{i}" for i in range(q)]].to_numpy(float)
    own = groups["kind"].isin([CENSORED, EVENT]).to_numpy()
    centre = first[own].sum(axis=0) / n[own].sum()
    squares = groups[[f"x{i}{i}" for i in range(q)]].to_numpy(float)
    spread = squares[own].sum(axis=0) / n[own].sum() - centre**2
    flat = [
        c
        for c, s, m in zip(continuous, spread, centre, strict=True)
        if s <= 1e-13 * m**2
    ]
    if flat:
        raise ValueError(f"{', '.join(flat)} has the same value in every row.")
    scale = np.sqrt(spread)
    shifted = (first - n[:, None] * centre) / scale
    products = [
        groups[f"x{i}{j}"].to_numpy(float)
        - centre[i] * first[:, j]
        - centre[j] * first[:, i]
        + n * centre[i] * centre[j]
        for i, j in pairs(q)
    ]
    scaled = [
        p / scale[i] / scale[j] for p, (i, j) in zip(products, pairs(q), strict=True)
    ]
    return np.column_stack([n, shifted, *scaled]), centre, scale
