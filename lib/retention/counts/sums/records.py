"""Customers as records in the engine, and the group-bys over them."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.engine import collect, held

CENSORED, EVENT, ENTRY, NEVER = 0, 1, 2, 3
KINDS = 4
UNKNOWN, NO_ENTRY = 8, 9  # the event, or the entry, cannot be read
MOST_GROUPS = 2_000_000
MOST_LEVELS = 100  # looked up one after the other, in every row
MOST_NUMBERS = 2**62


def keys_of(width: int) -> list[str]:
    """Names of the cells' columns: neutral ones, so that no column can clash."""
    return [f"key{i}" for i in range(width)]


def pairs(q: int) -> list[tuple[int, int]]:
    """Pairs (i, j), i <= j, of q covariates."""
    return list(combinations_with_replacement(range(q), 2))


def records_of(frame, names, continuous, duration, event, entry) -> nw.LazyFrame:
    """A record for each exit and, with late entry, one for each entry after 0."""
    known = nw.when(nw.col(event).cast(nw.Int64) == EVENT).then(nw.lit(EVENT))
    censored = nw.when(nw.col(event).cast(nw.Int64) == CENSORED).then(nw.lit(CENSORED))
    since = nw.col(entry) if entry else nw.lit(0)
    kind = known.otherwise(censored.otherwise(nw.lit(UNKNOWN)))
    columns = {
        **{f"key{i}": nw.col(c) for i, c in enumerate(names)},
        **{f"x{i}": nw.col(c).cast(nw.Float64) for i, c in enumerate(continuous)},
        "time": nw.col(duration).cast(nw.Int64),
        "kind": nw.when(nw.col(duration) <= since).then(nw.lit(NEVER)).otherwise(kind),
    }
    if entry is None:
        return frame.select(**columns)
    unknown = nw.when(nw.col(entry).is_null()).then(nw.lit(NO_ENTRY))
    exits = frame.select(**columns | {"kind": unknown.otherwise(columns["kind"])})
    arrival = {"time": nw.col(entry).cast(nw.Int64), "kind": nw.lit(ENTRY)}
    late = frame.filter(nw.col(entry) > 0, nw.col(duration) > nw.col(entry))
    return nw.concat([exits, late.select(**columns | arrival)])


def survey(records: nw.LazyFrame, width: int, q: int) -> pd.DataFrame:
    """What there is of each cell and kind of record, sorted: few rows.

    Records `n`, those with a time `timed`, the range of times `first` to `last`; of
    each number the filled cells, their sum, and the sum of their squares.
    """
    keys, numbers = [*keys_of(width), "kind"], [f"x{i}" for i in range(q)]
    squares = {f"{x}{x}": nw.col(x) * nw.col(x) for x in numbers}
    if squares:
        records = records.with_columns(**squares)
    time = nw.col("time")
    found = records.group_by(*keys).agg(
        nw.len().alias("n"),
        time.count().alias("timed"),
        time.min().alias("first"),
        time.max().alias("last"),
        *(nw.col(x).count().alias(f"filled_{x}") for x in numbers),
        *(nw.col(x).sum() for x in (*numbers, *squares)),
    )
    return collect(found.sort(*keys).head(MOST_GROUPS + 1))


def distinct(groups: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct cells of the sorted groups, and each group's row among them."""
    keys = groups[keys_of(len(names))]
    new = np.zeros(len(groups), bool)
    new[:1] = True
    for key in keys:
        values = keys[key].to_numpy()
        new[1:] |= values[1:] != values[:-1]
    return keys[new].set_axis(names, axis=1).reset_index(drop=True), new.cumsum() - 1


@dataclass(frozen=True, eq=False)
class Grouping:
    """How the engine groups the records.

    Engines group by one number faster than by several texts, so cell, time and kind
    are packed into the column `group`. With many levels, which would have to be looked
    up one by one, the texts of the cells remain as keys beside it.

    Attributes
    ----------
    records : narwhals LazyFrame
        Records with `group`.
    keys : list of str
        Columns to group by.
    number : ndarray of int, shape (cells,)
        The cell's part of `group`; empty where its texts are keys.
    first, span : int
        Earliest time, and number of times from it to the last.
    """

    records: nw.LazyFrame
    keys: list[str]
    number: np.ndarray
    first: int
    span: int

    def sums(self, centre, scale, slope) -> tuple[pd.DataFrame, np.ndarray]:
        """Keys of the groups, sorted, and their sums of r, r z and r z z'.

        r is exp(slope'z), z the standardised numbers; without numbers r is one.
        """
        q = len(centre)
        if not q:
            counted = self.records.group_by(*self.keys).agg(nw.len().alias("r"))
            found = collect(counted.sort(*self.keys).head(MOST_GROUPS + 1))
            return found[self.keys], found[["r"]].to_numpy(float)
        z = [(nw.col(f"x{i}") - float(centre[i])) / float(scale[i]) for i in range(q)]
        eta = sum((z[i] * float(slope[i]) for i in range(q)), start=nw.lit(0.0))
        frame = self.records.with_columns(
            r=eta.exp(), **{f"z{i}": z[i] for i in range(q)}
        )
        r, z = nw.col("r"), [nw.col(f"z{i}") for i in range(q)]
        terms = {f"r{i}": r * z[i] for i in range(q)}
        terms |= {f"r{i}{j}": r * z[i] * z[j] for i, j in pairs(q)}
        columns = ["r", *terms]
        grouped = frame.with_columns(**terms).group_by(*self.keys)
        summed = grouped.agg(*(nw.col(c).sum() for c in columns))
        found = collect(summed.sort(*self.keys).head(MOST_GROUPS + 1))
        return found[self.keys], np.column_stack([found[c] for c in columns])

    def unpacked(self, keys: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cell, time and kind of groups, from their sorted keys."""
        group = keys["group"].to_numpy(int)
        code, moment = np.divmod(group, self.span * KINDS)
        time, kind = np.divmod(moment, KINDS)
        if len(self.number):
            by_number = np.argsort(self.number)
            cell = by_number[np.searchsorted(self.number, code, sorter=by_number)]
        else:
            cell = distinct(keys, self.keys[:-1])[1]
        return cell, time + self.first, kind


def grouping(
    records: nw.LazyFrame, cells: pd.DataFrame, times, *, q: int, rows: int
) -> Grouping:
    """Grouping of records with these cells, q numbers and times from first to last."""
    first, last = times
    span = last - first + 1
    found = [pd.factorize(cells[name]) for name in cells]
    keys, sizes = keys_of(len(found)), [len(levels) for _, levels in found]
    packed = np.prod(sizes, dtype=float) * span * KINDS < MOST_NUMBERS
    packed &= sum(sizes) <= MOST_LEVELS
    number = np.zeros(len(cells) if packed else 0, int)
    code = nw.lit(0).cast(nw.Int64)
    if packed and keys:
        ranks = {
            k: _rank(k, levels) for k, (_, levels) in zip(keys, found, strict=True)
        }
        records = records.with_columns(**ranks)
        for key, (at, levels) in zip(keys, found, strict=True):
            number = number * len(levels) + at
            code = code * len(levels) + nw.col(key)
    group = (code * span + (nw.col("time") - first)) * KINDS + nw.col("kind")
    if packed and np.prod(sizes, dtype=float) * span * KINDS < 2**31:
        group = group.cast(nw.Int32)  # half as much to hold and to read again
    by = ["group"] if packed else [*keys, "group"]
    records = records.with_columns(group=group).select(
        *by, *(f"x{i}" for i in range(q))
    )
    return Grouping(held(records, rows) if q else records, by, number, first, span)


def _rank(key: str, levels: pd.Index) -> nw.Expr:
    """Place of a key among its levels."""
    rank = nw.lit(0)
    for place, level in enumerate(levels.tolist()[1:], start=1):
        rank = nw.when(nw.col(key) == level).then(nw.lit(place)).otherwise(rank)
    return rank
