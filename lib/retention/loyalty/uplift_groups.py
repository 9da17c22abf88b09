"""Effect of the offer in groups of customers, with their number allowed for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, benjamini_hochberg, number
from retention.loyalty.randomised import p_value, randomised


@dataclass(frozen=True, eq=False)
class GroupEffects:
    """Effect of the offer in each group of customers.

    Attributes
    ----------
    table : DataFrame
        `group`, `level`, `n`, `value`, `lower`, `upper`, `p`, and `q`
        (Benjamini-Hochberg over all levels shown).
    differ : DataFrame
        `group`, `chi2`, `df`, `p`: whether the levels of a group differ at all.
    summary : str
    """

    table: pd.DataFrame
    differ: pd.DataFrame
    summary: str


def effects_by(
    sums: Mapping[str, pd.DataFrame],
    *,
    outcome: str = "margin",
    unit: str = "EUR per customer",
) -> GroupEffects:
    """Intention-to-treat effect in each level of some columns.

    Parameters
    ----------
    sums : mapping of str to DataFrame
        Column to the sums of its levels: `retention.counts.holdout_arms(by=[column])`,
        or `row_sums`.
    outcome, unit : str

    Returns
    -------
    GroupEffects
        Levels with fewer than 30 customers in an arm are left out.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> rows = pd.DataFrame({"offered": rng.integers(0, 2, 2_000), "history": 1.0})
    >>> rows["plan"] = rng.choice(["basic", "plus"], 2_000)
    >>> works = (rows["plan"] == "basic") & (rows["offered"] == 1)
    >>> rows["margin"] = rng.normal(50, 5, 2_000) + 6 * works
    >>> found = effects_by({"plan": row_sums(rows.assign(taker=0), "plan")})
    >>> found.summary, (found.table["value"] > 3).tolist()
    ('The effect differs by plan.', [True, False])
    """
    rows, tests = [], []
    for group, table in sums.items():
        found = {
            level: randomised(own, outcome=outcome, unit=unit).itt
            for level, own in table.groupby(group, sort=True)
            if _enough(own)
        }
        rows += [(group, str(level), e) for level, e in found.items()]
        tests += [(group, *_heterogeneity([*found.values()]))] if len(found) > 1 else []
    fields = ("n", "value", "lower", "upper")
    table = pd.DataFrame(
        [
            (group, level, *(getattr(e, f) for f in fields), p_value(e))
            for group, level, e in rows
        ],
        columns=["group", "level", *fields, "p"],
    )
    table["q"] = benjamini_hochberg(table["p"])
    differ = pd.DataFrame(tests, columns=["group", "chi2", "df", "p"])
    return GroupEffects(table, differ, _told(differ))


def row_sums(
    rows: pd.DataFrame, group: str, *, outcome: str = "margin", past: str = "history"
) -> pd.DataFrame:
    """Sums an arm from rows, as `retention.counts.holdout_arms` counts them.

    Parameters
    ----------
    rows : DataFrame
        From `retention.counts.holdout_rows`.
    group : str
        Column of levels.
    outcome, past : str

    Returns
    -------
    DataFrame
        One row a level and arm ("programme" or "holdout"): the group, `arm`, `outcome`
        and the sums `n`, `d` (takers), `y` (outcome), `x` (past), `yy`, `xy`, `xx`,
        `dy`, `dx`.

    Examples
    --------
    >>> rows = pd.DataFrame({"offered": [1, 1, 0], "taker": [1, 0, 0], "plan": "plus",
    ...                      "margin": [12.0, 8.0, 9.0], "history": 1.0})
    >>> row_sums(rows, "plan")[["plan", "arm", "n", "d", "y", "yy"]]
       plan        arm  n    d     y     yy
    0  plus    holdout  1  0.0   9.0   81.0
    1  plus  programme  2  1.0  20.0  208.0
    """
    y, x, d = (rows[name].astype(float) for name in (outcome, past, "taker"))
    parts = {"n": 1, "d": d, "y": y, "x": x, "yy": y * y, "xy": x * y, "xx": x * x}
    parts |= {"dy": d * y, "dx": d * x}
    arm = np.where(rows["offered"] == 1, "programme", "holdout")
    frame = pd.DataFrame(parts, index=rows.index).assign(arm=arm)
    frame[group] = rows[group]
    keys = [group, "arm"]
    summed = frame.groupby(keys, as_index=False, observed=True).sum()
    return summed.assign(outcome=outcome)


def bands(values: pd.Series, *, into: int = 3) -> pd.Series:
    """Equal parts of the customers by a number, named by their bounds.

    Parameters
    ----------
    values : Series
        A number a customer.
    into : int
        How many parts; fewer where many share a value.

    Returns
    -------
    Series
        Names of the parts ("1: up to 6", ..., "2: above"), index as of the values.

    Examples
    --------
    >>> bands(pd.Series([1, 2, 3, 10, 20, 30]), into=2).unique().tolist()
    ['1: up to 6', '2: above']
    """
    edges = np.unique(np.quantile(values, np.arange(1, into) / into))
    place = np.searchsorted(edges, values, side="left")
    names = [f"{i + 1}: up to {number(edge)}" for i, edge in enumerate(edges)]
    return pd.Series(
        np.array([*names, f"{len(edges) + 1}: above"])[place], values.index
    )


def _enough(arms: pd.DataFrame) -> bool:
    sizes = arms.groupby(["outcome", "arm"])["n"].sum()
    return len(sizes.unstack().columns) == 2 and sizes.min() >= 30


def _heterogeneity(found: list[Estimate]) -> tuple[float, int, float]:
    from scipy.special import chdtrc

    weight = np.array([1 / e.se**2 for e in found])
    value = np.array([e.value for e in found])
    centre = (weight * value).sum() / weight.sum()
    chi2 = float((weight * (value - centre) ** 2).sum())
    return chi2, len(found) - 1, float(chdtrc(len(found) - 1, chi2))


def _told(differ: pd.DataFrame) -> str:
    if differ.empty:
        return "There are no two groups to compare."
    surely = differ.loc[differ["p"] < 0.05 / len(differ), "group"]
    if len(surely):
        return f"The effect differs by {' and '.join(surely)}."
    return (
        "No difference of effect between groups is shown once the number of "
        "comparisons is allowed for."
    )
