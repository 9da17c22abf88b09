"""Customers as records in the engine, and the group-bys over them."""

from itertools import combinations_with_replacement

import narwhals as nw
import numpy as np
import pandas as pd

from retention.counts.engine import collect

CENSORED, EVENT, ENTRY, NEVER = 0, 1, 2, 3
UNKNOWN, NO_ENTRY = 8, 9  # the event, or the entry, cannot be read
MOST_GROUPS = 2_000_000
MOST_LEVELS = 100  # looked up one after the other, in every row


def keys_of(width: int) -> list[str]:
    """Names of the grouping columns: neutral ones, so that no column can clash."""
    return [*(f"key{i}" for i in range(width)), "time", "kind"]


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


def first_pass(records: nw.LazyFrame, width: int, q: int) -> pd.DataFrame:
    """Counts, sums, sums of products and filled cells, a row a group."""
    keys = keys_of(width)
    products = {f"x{i}{j}": nw.col(f"x{i}") * nw.col(f"x{j}") for i, j in pairs(q)}
    if products:
        records = records.with_columns(**products)
    sums = [*(f"x{i}" for i in range(q)), *products]
    groups = records.group_by(*keys).agg(
        nw.len().alias("n"),
        *(nw.col(c).sum() for c in sums),
        *(nw.col(f"x{i}").count().alias(f"filled{i}") for i in range(q)),
    )
    return collect(groups.sort(*keys).head(MOST_GROUPS + 1))


def distinct(groups: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct cells of the sorted groups, and each group's row among them."""
    keys = groups[keys_of(len(names))[:-2]]
    new = np.zeros(len(groups), bool)
    new[:1] = True
    for key in keys:
        values = keys[key].to_numpy()
        new[1:] |= values[1:] != values[:-1]
    return keys[new].set_axis(names, axis=1).reset_index(drop=True), new.cumsum() - 1


def numbered(
    records: nw.LazyFrame, cells: pd.DataFrame
) -> tuple[nw.LazyFrame, list[str], np.ndarray]:
    """Records with a whole number for their cell, to group by in further passes.

    Engines group by one number faster than by several texts. Returns the records, the
    columns to group by, and a number for each cell (a row each of those columns). With
    many levels, which would have to be looked up one by one, the texts remain.
    """
    found = [pd.factorize(cells[name]) for name in cells]
    keys = keys_of(len(found))[:-2]
    if sum(len(levels) for _, levels in found) > MOST_LEVELS:
        return records, keys, np.arange(len(cells))
    number, code = np.zeros(len(cells), int), nw.lit(0)
    for key, (at, levels) in zip(keys, found, strict=True):
        number, code = (
            number * len(levels) + at,
            code * len(levels) + _rank(key, levels),
        )
    return records.with_columns(cell=code), ["cell"], number


def _rank(key: str, levels: pd.Index) -> nw.Expr:
    """Place of a key among its levels."""
    rank = nw.lit(0)
    for place, level in enumerate(levels.tolist()[1:], start=1):
        rank = nw.when(nw.col(key) == level).then(nw.lit(place)).otherwise(rank)
    return rank


def weighted_pass(records, cells: list[str], centre, scale, slope) -> np.ndarray:
    """Sums of r, r z and r z z' a group, sorted by cell, time and kind."""
    keys, q = [*cells, "time", "kind"], len(centre)
    z = [(nw.col(f"x{i}") - float(centre[i])) / float(scale[i]) for i in range(q)]
    eta = sum((z[i] * float(slope[i]) for i in range(q)), start=nw.lit(0.0))
    frame = records.with_columns(r=eta.exp(), **{f"z{i}": z[i] for i in range(q)})
    r, z = nw.col("r"), [nw.col(f"z{i}") for i in range(q)]
    terms = {f"r{i}": r * z[i] for i in range(q)}
    terms |= {f"r{i}{j}": r * z[i] * z[j] for i, j in pairs(q)}
    grouped = frame.with_columns(**terms).group_by(*keys)
    sums = ["r", *terms]
    answer = grouped.agg(*(nw.col(c).sum() for c in sums)).sort(*keys).select(*sums)
    answer = collect(answer)
    return np.column_stack([answer[c].to_numpy() for c in sums])
