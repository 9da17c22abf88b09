"""What winning and keeping cost: averages, and what only a trial can tell."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from retention.intervals import Estimate, jackknife, measured
from retention.projection.discounting import PERIODS_PER_YEAR
from retention.survival import kaplan_meier, survival_at

ACQUISITION = "acquisition"
RETENTION = "retention"
EXPERIMENT = "experiment"
BY_MONTH = "delete-a-month jackknife"


@dataclass(frozen=True, eq=False)
class CostSplit:
    """Booked costs beside the customers won and kept.

    Attributes
    ----------
    table : DataFrame
        `kind`, `amount`, `share`.
    per_new_customer : Estimate or None
        Acquisition cost per customer who joined.
    per_customer_year : Estimate or None
        Retention cost per customer here, a year.
    ratio : Estimate or None
        The first over the second.
    acquisition_share : Estimate or None
        Of all booked costs.
    customer_months : int
    keeping : float
        All booked costs but acquisition.
    """

    table: pd.DataFrame = field(repr=False)
    per_new_customer: Estimate | None
    per_customer_year: Estimate | None
    ratio: Estimate | None
    acquisition_share: Estimate | None
    customer_months: int
    keeping: float

    def keeping_per_period(self, time_unit: str) -> float:
        """All costs but acquisition, per customer and period of the company."""
        if not self.customer_months:
            return 0.0
        months = 12 / PERIODS_PER_YEAR[time_unit]
        return months * self.keeping / self.customer_months


def cost_split(
    book: pd.DataFrame, months: pd.DataFrame, *, currency: str = ""
) -> CostSplit | None:
    """Average costs of winning and of keeping, from the cost book.

    Parameters
    ----------
    book : DataFrame
        From `retention.counts.cost_book`.
    months : DataFrame
        From `retention.counts.customer_months`; costs of other months are left out.
    currency : str

    Returns
    -------
    CostSplit or None
        None where no month has both costs and customers. Intervals leave out a month
        at a time: they say how steady the ratio was, not what another euro would do.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import economics
    >>> months = pd.DataFrame({"month": pd.to_datetime(["2025-01-01", "2025-02-01"]),
    ...                        "joined": [10, 20], "here": [100, 120]})
    >>> book = pd.DataFrame({"month": months["month"], "kind": "acquisition",
    ...                      "channel": "ads", "amount": [500.0, 1000.0]})
    >>> economics.cost_split(book, months, currency="EUR").per_new_customer.value
    50.0
    """
    monthly = _monthly(book, months)
    if monthly.empty:
        return None
    customers, joined = int(monthly["here"].sum()), int(monthly["joined"].sum())
    total = monthly["total"].sum()

    def found(statistic: Callable, n: int, unit: str, known: bool) -> Estimate | None:
        return _ratio(monthly, statistic, n, unit) if known else None

    winning, keeping = monthly[ACQUISITION].sum(), monthly[RETENTION].sum()
    return CostSplit(
        table=_kinds(book, monthly),
        per_new_customer=found(
            _per_new, joined, f"{currency} per new customer".strip(), winning and joined
        ),
        per_customer_year=found(
            _per_year, customers, f"{currency} per customer and year".strip(), keeping
        ),
        ratio=found(
            lambda t: _per_new(t) / _per_year(t), joined, "", winning and keeping
        ),
        acquisition_share=found(
            lambda t: t[ACQUISITION].sum() / t["total"].sum(), joined, "%", winning
        ),
        customer_months=customers,
        keeping=float(total - winning),
    )


def kept_by_arm(
    arms: pd.DataFrame, book: pd.DataFrame, *, horizon: int, time_unit: str = "month"
) -> pd.DataFrame:
    """What each arm of a randomised retention action kept, and what that cost.

    Parameters
    ----------
    arms : DataFrame
        From `retention.counts.experiment_arms`.
    book : DataFrame
        From `retention.counts.cost_book`: costs of kind "experiment" whose channel
        is the arm.
    horizon : int
        Periods after assignment.
    time_unit : str

    Returns
    -------
    DataFrame
        `experiment`, `arm`, `customers`, `kept` (share here after the horizon),
        `extra`, `lower`, `upper` (extra customers kept per hundred against the arm
        named control, with a 95 % interval), `cost` (per customer of the arm within
        the horizon), `cost_per_extra` (missing where the arm kept no more) and
        `cost_per_extra_at_best` (at the upper bound of `extra`: one more customer
        kept cost at least so much). Experiments without an arm of that name, or
        followed for less than the horizon, are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import economics
    >>> arms = pd.DataFrame({
    ...     "experiment": "calls", "arm": ["call", "call", "control", "control"],
    ...     "assigned_on": pd.Timestamp("2025-01-01"), "entry": 0,
    ...     "duration": [6, 12] * 2, "event": [1, 0] * 2, "n": [10, 90, 20, 80]})
    >>> book = pd.DataFrame({"month": pd.to_datetime(["2025-01-01"]), "amount": [500.0],
    ...                      "kind": "experiment", "channel": "call"})
    >>> kept = economics.kept_by_arm(arms, book, horizon=12)
    >>> kept[["arm", "customers", "kept", "extra", "cost", "cost_per_extra"]].round(2)
           arm  customers  kept  extra  cost  cost_per_extra
    0     call        100   0.9   10.0   5.0            50.0
    1  control        100   0.8    NaN   NaN             NaN
    """
    rows = []
    for name, group in arms.groupby("experiment", sort=True):
        if "control" in set(group["arm"]) and _followed(group, horizon):
            rows += _arms_of(name, group, book, horizon, time_unit)
    columns = [
        "experiment",
        "arm",
        "customers",
        "kept",
        "extra",
        "lower",
        "upper",
        "cost",
        "cost_per_extra",
        "cost_per_extra_at_best",
    ]
    return pd.DataFrame(rows, columns=columns)


def _followed(group: pd.DataFrame, horizon: int) -> bool:
    """Whether everybody still here was followed to the horizon."""
    return bool((group.loc[group["event"] == 0, "duration"] >= horizon).all())


def _arms_of(name, group, book, horizon, time_unit) -> list[tuple]:
    began = pd.Timestamp(group["assigned_on"].iloc[0]).to_period("M").start_time
    months = round(12 * horizon / PERIODS_PER_YEAR[time_unit])
    spent = book[(book["kind"] == EXPERIMENT) & (book["month"] >= began)]
    spent = spent[spent["month"] < began + pd.DateOffset(months=months)]
    spent = spent.groupby("channel")["amount"].sum()
    kept = {
        arm: survival_at(kaplan_meier(cells), horizon)
        for arm, cells in group.groupby("arm", sort=True)
    }
    sizes = group.groupby("arm")["n"].sum()
    rows = []
    for arm, share in kept.items():
        if arm == "control":
            rows.append((name, arm, sizes[arm], share.value, *[math.nan] * 6))
            continue
        gain = share.value - kept["control"].value
        se = math.hypot(share.se, kept["control"].se)
        bounds = measured(gain, se, int(sizes[arm]), method="difference")
        cost = spent.get(arm, math.nan) / sizes[arm]
        rows.append(
            (
                name,
                arm,
                sizes[arm],
                share.value,
                *(100 * v for v in (gain, bounds.lower, bounds.upper)),
                cost,
                cost / gain if gain > 0 else math.nan,
                cost / bounds.upper if bounds.upper > 0 else math.nan,
            )
        )
    return rows


def _monthly(book: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Months with costs and customers: joined, here, acquisition, retention, total."""
    if book.empty:
        return pd.DataFrame()
    wide = book.pivot_table(
        index="month", columns="kind", values="amount", aggfunc="sum", fill_value=0.0
    )
    wide = wide.reindex(columns=sorted({*wide.columns, ACQUISITION, RETENTION}))
    wide = wide.fillna(0.0).assign(total=lambda t: t.sum(axis=1))
    monthly = months.set_index("month").join(wide, how="inner")
    return monthly[monthly["here"] > 0].rename_axis("month").reset_index()


def _kinds(book: pd.DataFrame, monthly: pd.DataFrame) -> pd.DataFrame:
    inside = book[book["month"].isin(monthly["month"])]
    kinds = inside.groupby("kind")["amount"].sum().sort_values(ascending=False)
    table = kinds.reset_index()
    total = table["amount"].sum()
    return table.assign(share=table["amount"] / total if total else math.nan)


def _ratio(monthly: pd.DataFrame, statistic: Callable, n: int, unit: str) -> Estimate:
    if len(monthly) < 12:
        value, no = float(statistic(monthly)), math.nan
        return Estimate(value, no, no, n, "too few months for an interval", unit)
    try:
        found = jackknife(
            monthly, statistic, bucket="month", unit=unit, method=BY_MONTH
        )
    except ValueError:
        value, no = float(statistic(monthly)), math.nan
        return Estimate(value, no, no, n, "all in one month: no interval", unit)
    return Estimate(found.value, found.lower, found.upper, n, BY_MONTH, unit, found.se)


def _per_new(monthly: pd.DataFrame) -> float:
    joined = monthly["joined"].sum()
    return monthly[ACQUISITION].sum() / joined if joined else math.nan


def _per_year(monthly: pd.DataFrame) -> float:
    return 12 * monthly[RETENTION].sum() / monthly["here"].sum()
