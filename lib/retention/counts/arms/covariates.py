"""What was known of the arms before."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.arms.assigned import chosen_experiment, drawn_for_holdout
from retention.counts.columns import comparable, widths
from retention.counts.engine import collect, tally
from retention.counts.programme import launched, money, present, shifted, within


def arm_covariates(
    company,
    *,
    experiment: str | None = None,
    start: dt.date | None = None,
    covariates: Sequence[str] | None = None,
    before: int = 12,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Means and variances of what was known before, in each arm.

    Parameters
    ----------
    company : Company
    experiment : str, optional
        Name of an experiment ("" = the only one); the holdout by default.
    start : date, optional
        As in `holdout_arms`.
    covariates : sequence of str, optional
        Columns of the customers table; by default all that are comparable.
    before : int
        Months of history in `revenue before`.
    programme, study : str
        As in `holdout_arms`.

    Returns
    -------
    DataFrame
        `group` (the arm), `covariate`, `level` ("" for a number), `n`, `mean` (share
        of the level), `variance`; and the covariates `tenure` in months and
        `revenue before`.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> known = counts.arm_covariates(company, covariates=["plan"])
    >>> known[known["level"] == "plus"][["group", "level", "n", "mean"]].round(3)
           group level     n   mean
    2    holdout  plus  2821  0.337
    3  programme  plus  7988  0.361
    """
    if experiment is None:
        start = start or launched(company, programme)
        drawn = drawn_for_holdout(company, programme).select("customer_id", "arm")
    else:
        drawn = chosen_experiment(company, experiment)
        first = collect(drawn.select(nw.col("assigned_on").min()))
        start = pd.Timestamp(first["assigned_on"].iloc[0]).date()
        drawn = drawn.select("customer_id", "arm")
    if covariates is None:
        covariates = [*comparable(company, study=study), *widths(company, study=study)]
    frame = _people(company, drawn, start, before, list(covariates), study)
    return group_moments(frame, "arm", [*covariates, "tenure", "revenue before"])


def group_moments(frame, group: str, covariates: Sequence[str]) -> pd.DataFrame:
    """Mean and variance of each covariate, or of each level of it, by group."""
    schema = frame.collect_schema()
    parts = [
        _numbers(frame, group, name)
        if schema[name].is_numeric()
        else _levels(frame, group, name)
        for name in covariates
    ]
    return pd.concat(parts, ignore_index=True)


def _numbers(frame, group: str, name: str) -> pd.DataFrame:
    known = frame.filter(~nw.col(name).is_null())
    known = known.select(group, value=nw.col(name).cast(nw.Float64))
    value, size = nw.col("value"), nw.len().alias("n")
    moments = value.mean().alias("mean"), value.var().alias("variance")
    found = collect(known.group_by(group).agg(size, *moments)).sort_values(group)
    found = found.rename(columns={group: "group"}).assign(covariate=name, level="")
    return found[["group", "covariate", "level", "n", "mean", "variance"]]


def _levels(frame, group: str, name: str) -> pd.DataFrame:
    counted = tally(frame, group, name)
    counted[name] = counted[name].astype(object).fillna("not stated").astype(str)
    wide = counted.pivot_table(
        index=group, columns=name, values="n", aggfunc="sum", fill_value=0
    )
    share = wide.div(wide.sum(axis=1), axis=0)
    out = share.rename_axis(columns="level").stack().rename("mean").reset_index()
    out = out.rename(columns={group: "group"}).sort_values(["level", "group"])
    return out.assign(
        covariate=name,
        n=out["group"].map(wide.sum(axis=1)).astype(int),
        variance=out["mean"] * (1 - out["mean"]),
    )[["group", "covariate", "level", "n", "mean", "variance"]]


def _people(company, drawn, start, before, covariates, study) -> nw.LazyFrame:
    """Those drawn who were there, with what was known of them then."""
    here = present(company.population(study), start).join(drawn, on="customer_id")
    activity, _ = money(company)
    history = (
        within(activity, shifted(start, -before), shifted(start, 0))
        .group_by("customer_id")
        .agg(nw.col("revenue").mean().alias("revenue before"))
    )
    joined, first = nw.col("joined_on"), shifted(start, 0)
    month = 12 * joined.dt.year() + joined.dt.month()
    tenure = 12 * first.year + first.month - month
    return here.join(history, on="customer_id", how="left").select(
        "arm", *covariates, "revenue before", tenure=tenure
    )
