"""Bands of tenure that share one term of the baseline hazard."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SINGLE_PERIODS = 12


def default_ends(last: int) -> list[int]:
    """Last periods of the bands: single periods to 12, half a year, then years."""
    return [*range(1, SINGLE_PERIODS + 1), 18, *range(24, last + 12, 12)]


def bands(
    table: pd.DataFrame, *, ends: Sequence[int] | None, cuts: Sequence[int]
) -> pd.DataFrame:
    """Bands of the baseline: first, last, at_risk, events and fitted.

    A band needs an event and a survivor for a finite term, so one without joins the
    next, but never across a cut. `fitted` is False for a stretch between cuts in
    which nobody, or everybody, has the event: its periods say nothing about effects.
    """
    totals = table.groupby("period")[["at_risk", "events"]].sum().sort_index()
    last = int(totals.index.max())
    ends = default_ends(last) if ends is None else ends
    ends = np.unique([*(e for e in [*ends, *cuts] if 1 <= e < last), last])
    place = np.searchsorted(ends, totals.index, side="left")
    summed = totals.groupby(place).sum().reindex(range(len(ends)), fill_value=0)
    summed = summed.assign(last=ends, stretch=np.searchsorted(np.sort(cuts), ends))
    joined = [_joined(part.to_dict("records")) for _, part in summed.groupby("stretch")]
    out = pd.DataFrame([band for part in joined for band in part])
    first = out["last"].shift(fill_value=0) + 1
    fitted = (out["events"] > 0) & (out["events"] < out["at_risk"])
    out = out.assign(first=first, fitted=fitted)
    return out[["first", "last", "at_risk", "events", "fitted"]]


def _joined(parts: list[dict]) -> list[dict]:
    """Bands of one stretch, joined until each has an event and a survivor."""
    out: list[dict] = []
    complete = True
    for part in parts:
        out = [*out, part] if complete else [*out[:-1], _sum(out[-1], part)]
        complete = 0 < out[-1]["events"] < out[-1]["at_risk"]
    if not complete and len(out) > 1:
        out = [*out[:-2], _sum(out[-2], out[-1])]
    return out


def _sum(a: dict, b: dict) -> dict:
    return b | {c: a[c] + b[c] for c in ("at_risk", "events")}
