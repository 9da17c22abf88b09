"""What a customer table must satisfy before a Cox model can be fitted."""

import narwhals as nw
import numpy as np

from retention.counts.engine import collect
from retention.counts.sums.records import EVENT, MOST_GROUPS, NO_ENTRY, UNKNOWN


def check_columns(frame, names, continuous, duration, event, entry) -> None:
    """Refuse absent or doubly used columns, and times that are not whole."""
    wanted = [*names, *continuous, duration, event, *([entry] if entry else [])]
    schema = frame.collect_schema()
    absent = [c for c in wanted if c not in schema]
    if absent:
        raise ValueError(
            f"No column {', '.join(absent)}; the table has {', '.join(schema)}."
        )
    twice = sorted({c for c in wanted if wanted.count(c) > 1})
    if twice:
        raise ValueError(f"Column {', '.join(twice)} is named for two purposes.")
    for column in [duration, *([entry] if entry else [])]:
        if not schema[column].is_integer():
            raise ValueError(
                f"Column {column} is {schema[column]}, but times must be whole "
                "numbers: cast it, after multiplying up to a smaller unit if there "
                "are fractions."
            )


def check_survey(found, cells, cell, times) -> None:
    """Refuse empty keys, unknown events and times, and a table without events."""
    duration, event, entry = times
    check_size(found, [*cells])
    n, kind = found["n"].to_numpy(), found["kind"].to_numpy()
    lacking = {c: n[cells[c].isna().to_numpy()[cell]].sum() for c in cells}
    lacking[duration] = (n - found["timed"].to_numpy()).sum()
    if entry:
        lacking[entry] = n[kind == NO_ENTRY].sum()
    _refuse_empty(lacking)
    if (kind == UNKNOWN).any():
        raise ValueError(
            f"{event} is neither 0 nor 1 in {n[kind == UNKNOWN].sum():,} rows."
        )
    if not (kind == EVENT).any():
        raise ValueError(
            f"No row at risk has {event} = 1: there is nothing to explain."
        )


def check_size(groups, names) -> None:
    """Refuse more groups than are brought back."""
    if len(groups) > MOST_GROUPS:
        raise ValueError(
            f"More than {MOST_GROUPS:,} groups of {', '.join(names)}: "
            "put rare levels together, or give a many-valued column as continuous."
        )


def check_finite(records, found, continuous) -> None:
    """Refuse empty and infinite covariates; they are counted only if there are any."""
    columns = [f"x{i}" for i in range(len(continuous))]
    filled = found[[f"filled_{x}" for x in columns]].to_numpy()
    summed = np.isfinite(found[columns].to_numpy(float)).all()
    if summed and (filled == found[["n"]].to_numpy()).all():
        return
    finite = records.select(
        *(
            nw.when(nw.col(c).is_finite()).then(0).otherwise(1).sum().alias(c)
            for c in columns
        )
    )
    bad = collect(finite).iloc[0]
    _refuse_empty(dict(zip(continuous, bad, strict=True)))


def _refuse_empty(lacking: dict[str, int]) -> None:
    found = [f"{name} ({int(rows):,} rows)" for name, rows in lacking.items() if rows]
    if found:
        raise ValueError(
            f"Empty or not finite: {', '.join(found)}. Fill the cells, give them a "
            "level of their own, or leave the rows out."
        )
