"""Tenure counted in the engine, into cells of entry, duration and event."""

import datetime as dt
from collections.abc import Mapping, Sequence

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.calendar import completed, day_after, instant, period_bounds
from retention.counts.engine import collect, tally, with_bucket
from retention.counts.once import once

RESERVED = ("entry", "duration", "event", "cause", "bucket", "n")
NOT_STATED = "not stated"


def tenure(
    company,
    *,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    cause: bool = False,
    bucket: bool = False,
    reason: str = "",
    window: tuple[str, str] | None = None,
    study: str = "tenure",
) -> pd.DataFrame:
    """Tenure table of a company's customers, counted where the data live.

    Parameters
    ----------
    company : Company
        From `retention.company.open_company`.
    by : sequence of str
        Columns of the customers table that become strata. An empty cell becomes
        the stratum "not stated".
    widths : mapping of str to float, optional
        Numeric columns to use as strata after rounding to a multiple of this
        width, for example ``{"engagement": 0.25}``.
    cause : bool
        Add the column `cause`: the leave reason, "" for customers still here.
    bucket : bool
        Add the column `bucket`: the first two hex characters of the md5 of the
        customer id, for the grouped jackknife.
    reason : str
        Count only losses for this leave reason as events; customers who left for
        another one are followed until they did. Empty counts every loss.
    window : (str, str), optional
        First and last month of the observation window, such as
        ``("2022-11", "2024-10")``. The company's own window by default. Customers
        who joined later are left out, and later losses are not yet seen.
    study : str
        Whose population (``[population]`` in workbook.toml) is counted.

    Returns
    -------
    DataFrame
        One row a cell, sorted: the strata, then `entry` (completed periods when
        the customer came under observation, 0 = seen from joining), `duration`
        (the period of leaving, 1 = the first; for customers still here the
        periods completed), `event` (1 left, 0 still here), `cause` and `bucket`
        where asked for, and `n`. Customers whose duration does not exceed their
        entry were never at risk in a whole observed period and are left out;
        `tenure_flow` counts them.

    Raises
    ------
    ValueError
        If a column of `by` does not exist, or a window is asked of a company that
        brought durations instead of dates.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> from retention.company import open_company
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": ["a", "b", "c"],
    ...     "joined_on": [dt.date(2025, 1, 1)] * 3,
    ...     "left_on": [dt.date(2025, 2, 10), None, None],
    ... })}, settings={"company": {"observed_to": dt.date(2025, 6, 30)}})
    >>> tenure(company)
       entry  duration  event  n
    0      0         2      1  1
    1      0         6      0  2
    """
    if company.tenure_form == "counts":
        return _brought_counts(company, [*by, *(widths or {})], cause, reason, window)
    frame = tenure_frame(company, window=window, reason=reason, study=study)
    return tenure_counts(
        frame,
        by=[*by, *(["cause"] if cause else [])],
        widths=widths,
        bucket=bucket,
    )


def tenure_counts(
    frame,
    *,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    bucket: bool = False,
) -> pd.DataFrame:
    """Tenure table of a frame that already has durations.

    Parameters
    ----------
    frame : narwhals-compatible frame
        One row a customer: `duration`, `event` and, where customers came under
        observation late, `entry`; plus the columns of `by` and `widths`, and
        `customer_id` if a bucket is asked for.
    by, widths, bucket
        As in `tenure`.

    Returns
    -------
    DataFrame
        As in `tenure`.

    Examples
    --------
    >>> import pandas as pd
    >>> tenure_counts(pd.DataFrame(
    ...     {"duration": [3, 3, 5], "event": [1, 1, 0], "plan": ["a", "a", "b"]}
    ... ), by=["plan"])
      plan  entry  duration  event  n
    0    a      0         3      1  2
    1    b      0         5      0  1
    """
    frame = nw.from_native(frame).lazy()
    widths = dict(widths or {})
    columns = frame.collect_schema()
    _known(columns, [*by, *widths])
    if bucket:
        frame = with_bucket(frame)
    if widths:
        frame = frame.with_columns(*(_rounded(n, width) for n, width in widths.items()))
    keys = [k for k in ("entry", "duration", "event") if k in columns]
    keys = [*by, *widths, *keys, *(["bucket"] if bucket else [])]
    counted = tally(frame, *keys)
    strata = [name for name in (*by, *widths) if name not in RESERVED]
    texts = [name for name in by if columns[name] == nw.String]
    return _ordered(_stated(_at_risk(counted), texts), strata=strata)


@once
def tenure_frame(
    company, *, window=None, reason: str = "", study: str = "tenure"
) -> nw.LazyFrame:
    """Customers of a study with `entry`, `duration`, `event` and `cause` as columns.

    Lazy: nothing is read until it is counted. `cause` is "" for customers
    still here and "not stated" for losses without a reason.

    Parameters
    ----------
    company, window, reason, study
        As in `tenure`.

    Returns
    -------
    LazyFrame
        A row a customer: all columns of the customers table, `entry`, `duration`,
        `event` and `cause`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> frame = counts.tenure_frame(company).select("cause", "event")
    >>> counts.collect(frame)["cause"].value_counts().to_dict()
    {'': 12230, 'voluntary': 7067, 'involuntary': 3141}
    """
    customers = company.population(study)
    if company.tenure_form == "tenure":
        if window is not None:
            raise ValueError(
                f"{company.name} brings durations (tenure, left), not dates, so a "
                "window cannot be laid over them. Leave the window empty, or bring "
                "joined_on and left_on."
            )
        return _with_cause(_from_durations(customers), reason)
    start, end = period_bounds(company, window)
    return _with_cause(_from_dates(customers, start, end, company.time_unit), reason)


def _from_dates(customers, start: dt.date | None, end: dt.date, unit: str):
    """A loss belongs to the period its day falls in; survivors count whole ones."""
    joined, left = nw.col("joined_on"), nw.col("left_on")
    present = customers.filter(joined < instant(day_after(end)))
    entry = nw.lit(0)
    if start is not None:
        present = present.filter(left.is_null() | (left >= instant(start)))
        before = completed(joined, start - dt.timedelta(days=1), unit) + 1
        entry = nw.when(joined < instant(start)).then(before).otherwise(nw.lit(0))
    gone = ~left.is_null() & (left < instant(day_after(end)))
    return present.with_columns(
        entry=entry.cast(nw.Int64),
        event=gone.cast(nw.Int64),
        duration=nw.when(gone)
        .then(completed(joined, left, unit) + 1)
        .otherwise(completed(joined, day_after(end), unit))
        .cast(nw.Int64),
    )


def _from_durations(customers):
    names = customers.collect_schema().names()
    entry = nw.col("entry") if "entry" in names else nw.lit(0)
    return customers.with_columns(
        entry=entry.cast(nw.Int64),
        duration=nw.col("tenure").cast(nw.Int64),
        event=nw.col("left").cast(nw.Int64),
    )


def _with_cause(frame, only: str):
    names = frame.collect_schema().names()
    reason = nw.col("leave_reason") if "leave_reason" in names else nw.lit(NOT_STATED)
    cause = nw.when(nw.col("event") == 1).then(nw.coalesce(reason, nw.lit(NOT_STATED)))
    frame = frame.with_columns(cause=cause.otherwise(nw.lit("")))
    if not only:
        return frame
    return frame.with_columns(event=(nw.col("cause") == only).cast(nw.Int64))


def _brought_counts(company, by, cause: bool, reason: str, window) -> pd.DataFrame:
    if window is not None:
        raise ValueError(
            f"{company.name} brings a count table; its window was fixed when it was "
            "counted. Leave the window empty."
        )
    counted = brought_cells(company, reason)
    wanted = [*by, *(["cause"] if cause else [])]
    _known(counted.columns, wanted)
    counted = counted[counted["duration"] > counted["entry"]]
    keys = [*wanted, "entry", "duration", "event"]
    counted = counted.groupby(keys, as_index=False, dropna=False, observed=True)
    return _ordered(counted["n"].sum(), strata=list(by))


def brought_cells(company, reason: str = "") -> pd.DataFrame:
    """Count table that a company brought, with the columns every count has."""
    cells = collect(company.table("tenure_counts"))
    if "entry" not in cells:
        cells = cells.assign(entry=0)
    if "cause" not in cells:
        cells = cells.assign(cause=NOT_STATED)
    cells["cause"] = cells["cause"].where(cells["event"] == 1, "").fillna(NOT_STATED)
    if reason:
        cells["event"] = (cells["cause"] == reason).astype(int)
    return cells


def _known(columns, wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        offered = sorted(set(columns) - {"customer_id", "joined_on", "left_on"})
        raise ValueError(
            f"No column named {', '.join(missing)} in the customers table. "
            f"It has: {', '.join(offered)}."
        )


def _at_risk(counted: pd.DataFrame) -> pd.DataFrame:
    """Cells of customers who were at risk in a whole period, with their entry."""
    if "entry" not in counted:
        counted["entry"] = 0
    seen = counted["duration"].to_numpy() > counted["entry"].to_numpy()
    return counted if seen.all() else counted[seen]


def _stated(counted: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame:
    """Empty cells are a stratum of their own, so that strata add up to the total."""
    empty = [name for name in texts if counted[name].isna().any()]
    if not empty:
        return counted
    said = {name: counted[name].astype(object).fillna(NOT_STATED) for name in empty}
    keys = [name for name in counted.columns if name != "n"]
    return counted.assign(**said).groupby(keys, as_index=False, dropna=False)["n"].sum()


def _rounded(name: str, width: float) -> nw.Expr:
    return ((nw.col(name) / width).round(0) * width).alias(name)


def _ordered(counted: pd.DataFrame, *, strata: list[str]) -> pd.DataFrame:
    tail = [c for c in RESERVED if c in counted]
    whole = {"entry", "duration", "event", "n"}
    columns = {
        c: counted[c].to_numpy("int64") if c in whole else counted[c].array
        for c in [*strata, *tail]
    }
    # Sorted as arrays: a frame's own sort takes longer than counting does.
    order = np.lexsort([_ranks(counted[c]) for c in reversed([*strata, *tail])])
    return pd.DataFrame({c: values[order] for c, values in columns.items()})


def _ranks(column: pd.Series) -> np.ndarray:
    """Whole numbers in the order of the values, those not stated last."""
    if column.dtype.kind in "iub":
        return column.to_numpy()
    codes, levels = pd.factorize(column, sort=True)
    return np.where(codes < 0, len(levels), codes)
