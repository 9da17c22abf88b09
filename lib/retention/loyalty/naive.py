"""What the dashboard shows: members against the others, nothing adjusted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Estimate, difference
from retention.intervals.formulas import critical
from retention.loyalty.additive import estimated, ratio, totals, wide


@dataclass(frozen=True, eq=False)
class NaiveComparison:
    """Members minus others, as a dashboard computes it.

    Attributes
    ----------
    estimate : Estimate
        The difference; it describes who is a member, not what membership does.
    members, others : Estimate
        The two levels.
    table : DataFrame
        `group`, `value`, `lower`, `upper`, `n`.
    summary : str
    """

    estimate: Estimate
    members: Estimate
    others: Estimate
    table: pd.DataFrame
    summary: str


def naive_spend(table: pd.DataFrame, *, currency: str = "EUR") -> NaiveComparison:
    """Monthly spend of members minus that of others, in months they were active.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.spend_by_membership`.
    currency : str

    Returns
    -------
    NaiveComparison

    Raises
    ------
    ValueError
        If everybody is a member, or nobody.

    Examples
    --------
    >>> rows = [("a", 1, 2, 90.0), ("a", 0, 2, 60.0), ("b", 1, 2, 110), ("b", 0, 2, 60)]
    >>> spend = pd.DataFrame(rows, columns=["bucket", "member", "n", "revenue"])
    >>> naive_spend(spend).estimate.value
    20.0
    """
    _both(table, "member")
    sums = totals(wide(table, ["n", "revenue"], ["member"]))
    unit = f"{currency} per month".strip()
    levels = [ratio(sums, f"revenue {m}", f"n {m}") for m in (1, 0)]
    counts = [int(sums[f"n {m}"][0]) for m in (1, 0)]
    return _compared(levels, counts, unit, "Spend while active")


def naive_margin(money: pd.DataFrame, *, currency: str = "EUR") -> NaiveComparison:
    """Margin of those who enrolled minus that of the others, zeros after leaving.

    Parameters
    ----------
    money : DataFrame
        From `retention.counts.programme_money`.
    currency : str

    Returns
    -------
    NaiveComparison

    Raises
    ------
    ValueError
        If everybody enrolled, or nobody.

    Examples
    --------
    >>> money = pd.DataFrame({"bucket": ["00", "00", "01", "01"], "taker": [1, 0] * 2,
    ...                       "n": 10, "margin": [900.0, 500.0, 1100.0, 700.0]})
    >>> found = naive_margin(money)
    >>> found.table[["group", "value", "n"]]
            group  value   n
    0     members  100.0  20
    1      others   60.0  20
    2  difference   40.0  40
    """
    _both(money, "taker")
    if not money["margin"].any():
        raise ValueError(
            "No margin is known: bring it in the table, or margin_rate in [economics]."
        )
    sums = totals(wide(money, ["n", "margin"], ["taker"]))
    unit = f"{currency} per customer".strip()
    levels = [ratio(sums, f"margin {m}", f"n {m}") for m in (1, 0)]
    counts = [int(sums[f"n {m}"][0]) for m in (1, 0)]
    return _compared(levels, counts, unit, "Margin since the launch")


def naive_staying(
    tenure: pd.DataFrame, *, horizon: int = 12, unit: str = "month"
) -> NaiveComparison:
    """Share still here after so many periods: ever members minus never members.

    Immortal time is built into it: who enrols has by then already stayed.

    Parameters
    ----------
    tenure : DataFrame
        A tenure table with the stratum `member` ("yes" if ever a member, "no").
    horizon : int
    unit : str
        Unit of tenure, singular.

    Returns
    -------
    NaiveComparison

    Raises
    ------
    ValueError
        If everybody is a member, or nobody.

    Examples
    --------
    Of 100 who ever became members 90 are here after a year, of 100 others 60:

    >>> tenure = pd.DataFrame({"member": ["yes", "yes", "no", "no"], "entry": 0,
    ...     "duration": [6, 12, 6, 12], "event": [1, 0] * 2, "n": [10, 90, 40, 60]})
    >>> round(naive_staying(tenure).estimate.value, 2)
    0.3
    """
    from retention.survival import kaplan_meier, survival_at

    _both(tenure, "member")
    curves = kaplan_meier(tenure, by="member")
    kept = [
        survival_at(curves[curves["member"] == who], horizon) for who in ("yes", "no")
    ]
    return _told(difference(*kept), *kept, f"Still here after {horizon} {unit}s")


def _both(table: pd.DataFrame, column: str) -> None:
    found = set(table[column].unique())
    if len(found) < 2:
        everybody = found & {1, "yes"}
        who = "Everybody is a member" if everybody else "Nobody is a member"
        raise ValueError(f"{who}, so there is nobody to compare with.")


def _compared(levels, counts, unit, what) -> NaiveComparison:
    parts = [estimated(v, n=c, unit=unit) for v, c in zip(levels, counts, strict=True)]
    gap = estimated(levels[0] - levels[1], n=sum(counts), unit=unit)
    return _told(gap, *parts, what)


def _told(gap: Estimate, members: Estimate, others: Estimate, what: str):
    named = zip(
        ("members", "others", "difference"), (members, others, gap), strict=True
    )
    table = pd.DataFrame(
        [(name, e.value, e.lower, e.upper, e.n) for name, e in named],
        columns=["group", "value", "lower", "upper", "n"],
    )
    summary = (
        f"{what}: members {members.value_text}, others {others.value_text}; the gap of "
        f"{gap.value_text} tells who is a member, not what membership does."
    )
    return NaiveComparison(gap, members, others, table, summary)


def dashboard_factor(
    naive: Estimate, effect: Estimate, *, covariance: float = 0.0
) -> Estimate:
    """How many times too large the naive number is, with Fieller's interval.

    Parameters
    ----------
    naive, effect : Estimate
        In the same unit.
    covariance : float
        Of the two; leaving a positive one out makes the interval too wide.

    Returns
    -------
    Estimate
        Upper bound infinite where the effect may be nil.

    References
    ----------
    Fieller (1954), "Some problems in interval estimation", Journal of the Royal
    Statistical Society B 16, 175-185.

    Examples
    --------
    >>> shown = Estimate(60, 58, 62, 900, "", "EUR", 1.0)
    >>> dashboard_factor(shown, Estimate(10, 6, 14, 900, "", "EUR", 2.0)).text
    '6 times (95 % CI 4 to 10)'
    >>> dashboard_factor(shown, Estimate(3, -1, 7, 900, "", "EUR", 2.0)).text
    '20 times (95 % CI 9 or more)'
    """
    z = critical(0.95)
    noise = [z**2 * v for v in (naive.se**2, effect.se**2, covariance)]
    bounds = _fieller(naive.value, effect.value, *noise)
    value = naive.value / effect.value if effect.value else float("nan")
    method = "ratio of the two, Fieller's interval"
    return Estimate(value, *bounds, effect.n, method, "times")


def _fieller(a, b, va, vb, cov) -> tuple[float, float]:
    """Ratios f for which a - f b is not told from nil; open where b may be nil."""
    curve, middle, rest = b**2 - vb, a * b - cov, a**2 - va
    spread = middle**2 - curve * rest
    if not np.isfinite(spread):
        return float("nan"), float("nan")
    if spread < 0:
        return float("-inf"), float("inf")
    roots = np.array([middle - np.sqrt(spread), middle + np.sqrt(spread)])
    if curve > 0:
        return tuple(roots / curve)
    # The effect may be nil, then negative: the factor has no upper end.
    return float(min(r for r in roots / curve if r > 0)), float("inf")
