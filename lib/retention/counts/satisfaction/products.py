"""Sums of cross-products of ratings: all that a linear model needs of its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import narwhals as nw
import numpy as np

from retention.counts.engine import collect, with_bucket
from retention.counts.once import once
from retention.counts.satisfaction.asked import asked_frame, expectation, experience
from retention.counts.satisfaction.scales import (
    has_score,
    rating_columns,
    score_scale,
)


@dataclass(frozen=True, eq=False)
class Products:
    """Cross-products of some columns, bucket by bucket.

    Parameters
    ----------
    names : tuple of str
        The columns; the first is "one", so that the first row holds plain sums.
    sums : array, shape (buckets, columns, columns)
        Sum of the product of two columns over the rows of a bucket.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"x": [1.0, 2, 3], "y": [2.0, 4, 7]})
    >>> found = Products.of(table)
    >>> found.names, found.total.tolist()[1]
    (('one', 'x', 'y'), [6.0, 14.0, 31.0])
    """

    names: tuple[str, ...]
    sums: np.ndarray

    @classmethod
    def of(cls, table, bucket=None) -> "Products":
        """Products of the columns of a pandas table, for small tables and tests."""
        values = np.column_stack([np.ones(len(table)), table.to_numpy(float)])
        groups = np.zeros(len(table)) if bucket is None else np.asarray(bucket)
        parts = [values[groups == g] for g in np.unique(groups)]
        return cls(("one", *table.columns), np.array([p.T @ p for p in parts]))

    @property
    def total(self) -> np.ndarray:
        """Sum over the buckets."""
        return self.sums.sum(axis=0)

    @property
    def n(self) -> int:
        """Rows behind the sums."""
        return round(self.sums[:, 0, 0].sum())


@once
def rating_products(company) -> Products | None:
    """Cross-products of satisfaction, the drivers' ratings and expectation.

    Parameters
    ----------
    company : Company

    Returns
    -------
    Products or None
        `satisfaction` (the finer points where there are any); each driver's rating
        by its name, and `low_` and `high_` with the name (1 if the rating lies in the
        lowest or highest sixth of the scale), `below_` and `over_` (how far the
        rating is under or above the middle of its scale); where expectation is
        known `expectation`, `experience` (mean rating; both as parts of their scale,
        centred at one half), their squares and product (`expectation_2`,
        `experience_2`, `experience_expectation`). Only rows with all of them; a
        product of columns that meet in no model is nan. None where the surveys rate
        no driver.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = counts.rating_products(company)
    >>> found.n, round(float(found.total[0, 1] / found.n), 2)
    (27359, 7.3)
    """
    drivers = rating_columns(company)
    if not drivers:
        return None
    finer = has_score(company, "satisfaction_points")
    columns = {
        "satisfaction": nw.col("satisfaction_points" if finer else "satisfaction")
    }
    scale = score_scale(company, column="quality")
    for name in drivers:
        columns |= _rated(name, scale)
    surface = _expected(company) if has_score(company, "expectation") else {}
    columns |= surface
    known = ["expectation"] * bool(surface)
    families = [
        [
            "satisfaction",
            *(f"{side}{name}" for name in drivers for side in pair),
            *known,
        ]
        for pair in (("",), ("low_", "high_"), ("below_", "over_"))
    ]
    frame = asked_frame(company, horizon=1).filter(nw.col("responded") == 1)
    return cross_products(
        frame, columns, families=[*families, ["satisfaction", *surface]]
    )


def cross_products(
    frame: nw.LazyFrame,
    columns: Mapping[str, nw.Expr],
    *,
    families: Sequence[Sequence[str]] = (),
) -> Products:
    """Sums of products of expressions by bucket, in one group-by.

    Parameters
    ----------
    frame : LazyFrame
        With `customer_id`.
    columns : mapping of str to expression
        Rows where any of them is empty are left out.
    families : sequence of sequences of str
        Columns that meet in one model; products across families are not summed and
        are nan. All meet by default.

    Returns
    -------
    Products
    """
    names = list(columns)
    rows = frame.select("customer_id", *(e.alias(n) for n, e in columns.items()))
    rows = with_bucket(rows.drop_nulls(names))
    pairs = [
        pair
        for pair in combinations_with_replacement(names, 2)
        if not families or any({*pair} <= {*family} for family in families)
    ]
    sums = [nw.col(n).cast(nw.Float64).sum().alias(f"_{n}") for n in names]
    for i, (a, b) in enumerate(pairs):
        product = nw.col(a).cast(nw.Float64) * nw.col(b)
        sums.append(product.sum().alias(f"_{i}_"))
    table = collect(rows.group_by("bucket").agg(nw.len().alias("_one"), *sums))
    table = table.sort_values("bucket")
    p = len(names) + 1
    out = np.full((len(table), p, p), np.nan)
    out[:, 0, 0] = table["_one"]
    for j, name in enumerate(names, start=1):
        out[:, 0, j] = out[:, j, 0] = table[f"_{name}"]
    for i, (a, b) in enumerate(pairs):
        j, k = names.index(a) + 1, names.index(b) + 1
        out[:, j, k] = out[:, k, j] = table[f"_{i}_"]
    return Products(("one", *names), out)


def _rated(name: str, scale) -> dict[str, nw.Expr]:
    value, middle = nw.col(name), (scale.low + scale.high) / 2
    away = value - middle
    return {
        name: away,
        f"low_{name}": (value <= scale.low_to).cast(nw.Float64),
        f"high_{name}": (value >= scale.high_from).cast(nw.Float64),
        f"below_{name}": nw.when(away < 0).then(-away).otherwise(0.0 * away),
        f"over_{name}": nw.when(away > 0).then(away).otherwise(0.0 * away),
    }


def _expected(company) -> dict[str, nw.Expr]:
    x, e = experience(company) - 0.5, expectation(company) - 0.5
    return {
        "expectation": e,
        "experience": x,
        "expectation_2": e * e,
        "experience_2": x * x,
        "experience_expectation": x * e,
    }
