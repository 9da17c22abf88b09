"""Changes in money by enrolment cohort and month, for difference-in-differences."""

import datetime as dt
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed_between, day_after
from retention.counts.engine import collect, with_bucket
from retention.counts.programme import (
    launched,
    members,
    money,
    months_since,
    shifted,
    within,
)

NEVER = 1_000_000  # a cohort later than any month


@dataclass(frozen=True)
class Span:
    """Months of a design, counted from the launch: first and last one used."""

    origin: dt.date
    first: int
    last: int


def group_changes(
    company,
    *,
    outcome: str = "revenue",
    before: int = 12,
    after: int = 12,
    control: str = "not yet",
    base: str = "varying",
    launch: dt.date | None = None,
    lead: int = 0,
    bucket: bool = True,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Change of an outcome since a base month, by enrolment cohort and month.

    Only customers active in both months count, so customers who join or leave do
    not move the comparison.

    Parameters
    ----------
    company : Company
        With activity and memberships.
    outcome : {"revenue", "margin"}
    before, after : int
        Months before the launch, and from the launch on, that are used. Fewer where
        the records do not reach as far.
    control : {"not yet", "never"}
        Whom cohorts are compared with: customers who had not enrolled by the later
        of the two months, or only those who never did.
    base : {"varying", "universal"}
        Base of the months before enrolment: the month before each of them, or, as
        for those after, the month before enrolment.
    launch : date, optional
        As workbook.toml says by default.
    lead : int
        Pretend that everybody enrolled so many months earlier, and use only months
        before the launch: a placebo. Zero is the truth.
    bucket : bool
        Add `bucket`, for the grouped jackknife.
    programme, study : str
        As in `retention.counts.holdout_arms`.

    Returns
    -------
    DataFrame
        `role` ("enrolled" or "control"), `cohort` (month of enrolment; missing for
        the control), `base`, `time` (months since the launch, 0 = its first month),
        `bucket`, `n` customers, and `change`, the sum of outcome at `time` minus
        outcome at `base`.

    Raises
    ------
    ValueError
        If nobody enrolled while being observed, everybody enrolled at once, or no
        month before the launch was observed.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> changes = counts.group_changes(company, before=3, after=6, bucket=False)
    >>> changes.columns.tolist(), sorted(changes["role"].unique())
    (['role', 'cohort', 'base', 'time', 'n', 'change'], ['control', 'enrolled'])
    """
    span = _span(company, launch or launched(company, programme), before, after, lead)
    activity = _activity(company, span, outcome, lead, bucket, programme, study)
    cohorts = _cohorts(activity, span)
    keys = ["bucket"] if bucket else []
    treated = _enrolled(activity, cohorts, base, keys)
    compared = _controls(activity, _pairs(cohorts, span, base), control, keys)
    if not len(treated) or not len(compared):
        who = "enrolled" if not len(treated) else "not enrolled"
        raise ValueError(
            f"No customer who was {who} was active both before and after an "
            "enrolment, so there is nothing to compare."
        )
    table = pd.concat(
        [treated.assign(role="enrolled"), compared.assign(role="control")]
    ).astype({"cohort": "Int64", "base": "int64", "time": "int64", "n": "int64"})
    order = ["role", "cohort", "base", "time", *keys]
    table = table.sort_values(order, ascending=[False] + [True] * (len(order) - 1))
    return table[[*order, "n", "change"]].reset_index(drop=True)


def group_levels(
    company,
    *,
    outcome: str = "revenue",
    before: int = 12,
    after: int = 12,
    launch: dt.date | None = None,
    bucket: bool = False,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Sum of an outcome by enrolment cohort and month.

    Parameters
    ----------
    company, outcome, before, after, launch, bucket, programme, study
        As in `group_changes`.

    Returns
    -------
    DataFrame
        `cohort` (missing = not enrolled by the last month), `time`, `bucket`, `n`
        customers active and `total`, the sum of their outcome.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> levels = counts.group_levels(company, before=2, after=2)
    >>> levels[levels["cohort"].isna()].round({"total": 0})
       cohort  time      n     total
    4    <NA>    -2  10235  591670.0
    5    <NA>    -1  10339  608063.0
    6    <NA>     0  10421  629720.0
    7    <NA>     1  10478  649579.0
    """
    span = _span(company, launch or launched(company, programme), before, after, 0)
    rows = _activity(company, span, outcome, 0, bucket, programme, study)
    keys = ["cohort", "time", *(["bucket"] if bucket else [])]
    sums = (nw.len().alias("n"), nw.col("y").sum().alias("total"))
    table = collect(rows.group_by(*keys).agg(*sums)).astype({"n": "int64"})
    late = table["cohort"] > span.last
    table["cohort"] = table["cohort"].astype("Int64").mask(late)
    table = table.groupby(keys, dropna=False, as_index=False)[["n", "total"]].sum()
    return table.sort_values(keys, ignore_index=True)


def _span(company, launch: dt.date, before: int, after: int, lead: int) -> Span:
    first, last = -before, after - 1
    if company.observed_from is not None:
        start = shifted(company.observed_from, 0)
        gap = 12 * (start.year - launch.year) + start.month - launch.month
        first = max(first, gap)
    whole = completed_between(launch, day_after(company.observed_to), "month")
    if lead:
        return Span(launch, first, -1)
    if first >= 0:
        raise ValueError(
            f"No month before the launch on {launch} was observed, so there is no "
            "change to compare: the design needs a pre-period."
        )
    return Span(launch, first, min(last, whole - 1))


def _activity(company, span, outcome, lead, bucket, programme, study):
    """Active customer-months in the span: customer_id, cohort, time, y, bucket."""
    rows, names = money(company)
    if outcome not in names:
        raise ValueError(f"The activity table has no {outcome}: it has {names}.")
    rows = within(
        rows, shifted(span.origin, span.first), shifted(span.origin, span.last + 1)
    )
    people = company.population(study).select("customer_id")
    enrolled = members(company, programme).select("customer_id", "enrolled_on")
    people = people.join(enrolled, on="customer_id", how="left")
    month = months_since(nw.col("enrolled_on"), span.origin) - lead
    people = people.select("customer_id", cohort=month.fill_null(NEVER).cast(nw.Int64))
    if bucket:
        people = with_bucket(people)
    return rows.join(people, on="customer_id").select(
        "customer_id",
        "cohort",
        *(["bucket"] if bucket else []),
        time=months_since(nw.col("month"), span.origin).cast(nw.Int64),
        y=nw.col(outcome),
    )


def _cohorts(activity, span: Span) -> list[int]:
    """Cohorts that enrolled in the span, with a month before them in it."""
    found = collect(activity.select("cohort").unique())["cohort"]
    inside = sorted(int(g) for g in found if span.first < g <= span.last)
    if not inside:
        raise ValueError(
            "Nobody enrolled in months that were observed, so no change can be "
            f"compared ({span.first} to {span.last} months from the launch)."
        )
    return inside


def _pairs(cohorts: list[int], span: Span, base: str) -> list[tuple[int, list[int]]]:
    """Base months, each with the months that are compared with it."""
    if base not in ("varying", "universal"):
        raise ValueError(f"base is {base!r}; it can be varying or universal.")
    wanted: dict[int, set[int]] = {}
    for g in cohorts:
        start = g if base == "varying" else span.first
        for t in range(start, span.last + 1):
            wanted.setdefault(g - 1, set()).add(t)
        for t in range(span.first + 1, g) if base == "varying" else ():
            wanted.setdefault(t - 1, set()).add(t)
    return sorted((b, sorted(times - {b})) for b, times in wanted.items())


def _enrolled(activity, cohorts, base: str, keys: list[str]) -> pd.DataFrame:
    """Changes of the cohorts, each since its own base month."""
    time, cohort = nw.col("time"), nw.col("cohort")
    varying = nw.when(time < cohort).then(time - 1).otherwise(cohort - 1)
    rows = activity.filter(cohort.is_in(cohorts)).with_columns(
        base=varying if base == "varying" else cohort - 1
    )
    earlier = activity.select("customer_id", base=nw.col("time"), was=nw.col("y"))
    paired = rows.join(earlier, on=["customer_id", "base"])
    paired = paired.filter(nw.col("base") != nw.col("time"))
    return _summed(paired, ["cohort", "base", "time", *keys])


def _controls(activity, pairs, control: str, keys: list[str]) -> pd.DataFrame:
    """Changes of those not enrolled, since each base month that is wanted."""
    if control not in ("not yet", "never"):
        raise ValueError(f"control is {control!r}; it can be 'not yet' or 'never'.")
    time, base = nw.col("time"), nw.col("base")
    bases = [b for b, _ in pairs]
    earlier = activity.filter(nw.col("time").is_in(bases)).select(
        "customer_id", base=nw.col("time"), was=nw.col("y")
    )
    never = nw.col("cohort") == NEVER
    rows = activity.filter(never) if control == "never" else activity
    paired = rows.join(earlier, on="customer_id").filter(base != time)
    paired = paired.filter((nw.col("cohort") > time) & (nw.col("cohort") > base))
    summed = _summed(paired, ["base", "time", *keys])
    wanted = {(b, t) for b, times in pairs for t in times}
    kept = [p in wanted for p in zip(summed["base"], summed["time"], strict=True)]
    return summed[kept].assign(cohort=pd.NA)


def _summed(paired, keys: list[str]) -> pd.DataFrame:
    paired = paired.with_columns(change=nw.col("y") - nw.col("was"))
    sums = nw.len().alias("n"), nw.col("change").sum()
    return collect(paired.group_by(*keys).agg(*sums))
