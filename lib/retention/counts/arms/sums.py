"""Outcomes and pasts of assigned customers, summed with their products."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import instant
from retention.counts.engine import collect, with_bucket
from retention.counts.programme import money, present, shifted, within

SUMS = ("n", "d", "y", "x", "yy", "xy", "xx", "dy", "dx")


def sums(company, drawn, start, months, before, by, bucket, study) -> pd.DataFrame:
    """Sums by arm, outcome and bucket of those drawn who were there at the start."""
    here = present(company.population(study), start).join(drawn, on="customer_id")
    activity, names = money(company)
    first, end = shifted(start, 0), shifted(start, months)
    after = _totals(within(activity, first, end), names, "y_", mean=False)
    history = _totals(
        within(activity, shifted(start, -before), first), names, "x_", mean=True
    )
    rows = here.join(after, on="customer_id", how="left")
    rows = rows.join(history, on="customer_id", how="left")
    left = nw.col("left_on")
    stayed = left.is_null() | (left >= instant(end))
    rows = rows.with_columns(
        y_stayed=nw.when(stayed).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        x_stayed=nw.col("x_revenue"),
    )
    if bucket:
        rows = with_bucket(rows)
    keys = [*by, "arm", *(["bucket"] if bucket else [])]
    outcomes = [*names, "stayed"]
    rows = _without_gaps(rows, outcomes)
    return _products(rows, keys, outcomes)


def _totals(rows, names, prefix: str, *, mean: bool):
    sums = (nw.col(n).mean() if mean else nw.col(n).sum() for n in names)
    named = (s.alias(prefix + n) for s, n in zip(sums, names, strict=True))
    return rows.group_by("customer_id").agg(*named)


def _without_gaps(rows, outcomes):
    """No activity after the start is no money; no history is the mean of all."""
    columns = [f"x_{name}" for name in outcomes]
    means = collect(rows.select(*(nw.col(c).mean() for c in columns))).iloc[0]
    known = means.astype(float).fillna(0.0)
    return rows.with_columns(
        *(nw.col(c).fill_null(float(known[c])).alias(c) for c in columns),
        *(nw.col(f"y_{name}").fill_null(0.0).alias(f"y_{name}") for name in outcomes),
    )


def _products(rows, keys: list[str], outcomes: list[str]) -> pd.DataFrame:
    factors = [*keys, "d", *(f"{p}_{name}" for p in "xy" for name in outcomes)]
    rows = rows.select(*factors).with_columns(
        *(
            (_factor(a, name) * _factor(b, name)).alias(f"{a}{b}_{name}")
            for name in outcomes
            for a, b in ("yy", "xy", "xx", "dy", "dx")
        )
    )
    kinds = ("y", "x", "yy", "xy", "xx", "dy", "dx")
    wide = collect(
        rows.group_by(*keys).agg(
            nw.len().alias("n"),
            nw.col("d").sum(),
            *(nw.col(f"{kind}_{name}").sum() for name in outcomes for kind in kinds),
        )
    )
    parts = [_long(wide, keys, name, kinds) for name in outcomes]
    order = [*(k for k in keys if k != "bucket"), "outcome"]
    order += ["bucket"] if "bucket" in keys else []
    table = pd.concat(parts, ignore_index=True)[[*order, *SUMS]]
    table = table.astype({"n": "int64", "d": "int64"})
    return table.sort_values(order, ignore_index=True)


def _factor(factor: str, name: str) -> nw.Expr:
    return nw.col(factor if factor == "d" else f"{factor}_{name}")


def _long(wide, keys, name, kinds) -> pd.DataFrame:
    own = wide[[*keys, "n", "d", *(f"{k}_{name}" for k in kinds)]]
    return own.rename(columns={f"{k}_{name}": k for k in kinds}).assign(outcome=name)
