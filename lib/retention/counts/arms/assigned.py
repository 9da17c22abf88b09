"""Arms of a holdout, and of any experiment."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.arms.sums import sums
from retention.counts.calendar import instant
from retention.counts.engine import collect
from retention.counts.once import once
from retention.counts.programme import launched, members, must_be_followed, shifted

CONTROLS = ("control", "holdout", "none", "nothing", "placebo")
TREATED, HELD_OUT = "programme", "holdout"


def drawn_for_holdout(company, programme: str = "") -> nw.LazyFrame:
    """Customers in the draw of a holdout: `customer_id`, `arm`, `enrolled_on`."""
    drawn = members(company, programme).filter(~nw.col("holdout").is_null())
    held = nw.when(nw.col("holdout") == 1).then(nw.lit(HELD_OUT))
    arm = held.otherwise(nw.lit(TREATED))
    return drawn.select("customer_id", "enrolled_on", arm=arm)


def holdout_arms(
    company,
    *,
    start: dt.date | None = None,
    months: int = 12,
    before: int = 12,
    by: Sequence[str] = (),
    bucket: bool = True,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Sums of money and staying in the two arms of a randomised holdout.

    Parameters
    ----------
    company : Company
        With memberships.holdout (1 held out, 0 not; empty = not in the draw).
    start : date, optional
        When the draw was made; the launch by default. Only customers who were
        there then count.
    months : int
        Follow-up.
    before : int
        Months before the start from which the pre-period mean is made.
    by : sequence of str
        Columns of the customers table, for effects in groups.
    bucket : bool
        Add `bucket`, for the grouped jackknife.
    programme : str
        One of several programmes; all by default.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        The columns of `by`, `arm` ("programme" or "holdout"), `outcome` ("margin"
        and "revenue" in the follow-up, nothing after leaving; "stayed" 0/1 at its
        end), `bucket`, and sums over customers: `n`, `d` (enrolled in the follow-up,
        0/1), `y` (the outcome), `x` (the customer's own monthly mean before the
        start of the same money, of revenue for "stayed"; the mean of all where
        there is no history), `yy`, `xy`, `xx`, `dy`, `dx` (sums of products).

    Raises
    ------
    ValueError
        If there is no holdout, or the follow-up was not seen in full.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention.company import open_company
    >>> from retention.simulate import simulate
    >>> small = simulate(seed=1, scale=0.02)
    >>> company = open_company(small.tables, settings=small.settings)
    >>> arms = holdout_arms(company, bucket=False)
    >>> arms[["arm", "outcome"]].values.tolist()[:3]
    [['holdout', 'margin'], ['holdout', 'revenue'], ['holdout', 'stayed']]
    """
    start = start or launched(company, programme)
    must_be_followed(company, start, months)
    enrolled = nw.col("enrolled_on") < instant(shifted(start, months))
    taken = nw.when(enrolled).then(nw.lit(1)).otherwise(nw.lit(0))
    drawn = drawn_for_holdout(company, programme).select("customer_id", "arm", d=taken)
    table = sums(company, drawn, start, months, before, by, bucket, study)
    if table["arm"].nunique() < 2:
        raise ValueError(
            "There is no randomised holdout: memberships.holdout is not filled with "
            "both 1 and 0 for customers who were there at the launch. Without one the "
            "comparison cannot be made up afterwards."
        )
    return table


@once
def action_arms(
    company,
    *,
    experiment: str = "",
    control: str = "",
    months: int = 12,
    before: int = 12,
    by: Sequence[str] = (),
    bucket: bool = True,
    study: str = "loyalty",
) -> pd.DataFrame:
    """Sums of money and staying in the arms of any randomised retention action.

    Parameters
    ----------
    company : Company
        With an experiments table.
    experiment : str
        Which one; may be left empty where there is only one.
    control : str
        The arm that got nothing; by default the one called control, holdout, none
        or the like, else the largest.
    months, before, by, bucket, study
        As in `holdout_arms`.

    Returns
    -------
    DataFrame
        As `holdout_arms`; `d` is 1 for everybody outside the control arm. Time is
        counted from the month of assignment, the earliest one of the experiment.

    Raises
    ------
    ValueError
        If there is no such experiment, or it was not followed in full.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> arms = counts.action_arms(company, months=6, bucket=False)
    >>> stayed = arms[arms["outcome"] == "stayed"]
    >>> stayed.groupby("arm")[["n", "y"]].sum()
               n      y
    arm
    call     652  589.0
    card     653  598.0
    control  653  590.0
    """
    assigned = chosen_experiment(company, experiment)
    sizes = collect(
        assigned.group_by("arm").agg(
            nw.len().alias("n"), nw.col("assigned_on").min().alias("start")
        )
    ).sort_values("arm")
    start = pd.Timestamp(sizes["start"].min()).date()
    must_be_followed(company, start, months)
    untreated = control or control_arm(sizes)
    drawn = assigned.select(
        "customer_id",
        "arm",
        d=nw.when(nw.col("arm") == untreated).then(nw.lit(0)).otherwise(nw.lit(1)),
    )
    return sums(company, drawn, start, months, before, by, bucket, study)


def chosen_experiment(company, experiment: str = "") -> nw.LazyFrame:
    """Rows of one experiment.

    Raises
    ------
    ValueError
        If it does not exist, or several do and none was named.
    """
    if "experiments" not in company.tables:
        raise ValueError(
            f"{company.name} brings no experiments table, so no action was tried "
            "against a randomised control."
        )
    table = company.table("experiments")
    found = sorted(collect(table.select("experiment").unique())["experiment"])
    if (experiment and experiment not in found) or (not experiment and len(found) != 1):
        raise ValueError(
            f"Name one of the experiments: {', '.join(found[:8]) or 'there is none'}."
        )
    return table.filter(nw.col("experiment") == (experiment or found[0]))


def control_arm(sizes: pd.DataFrame) -> str:
    """Name of the control arm of a table with `arm` and `n`."""
    named = [arm for arm in sizes["arm"] if str(arm).lower() in CONTROLS]
    return named[0] if named else sizes.sort_values("n")["arm"].iloc[-1]


def arm_sizes(arms: pd.DataFrame) -> pd.DataFrame:
    """Customers in each arm of a table of sums.

    Parameters
    ----------
    arms : DataFrame
        From `holdout_arms` or `action_arms`.

    Returns
    -------
    DataFrame
        `arm`, `n`, and `d`, those who took what was offered.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.arm_sizes(counts.holdout_arms(company, bucket=False))
             arm     n     d
    0    holdout  2821     0
    1  programme  7988  2527
    """
    one = arms[arms["outcome"] == arms["outcome"].iloc[0]]
    return one.groupby("arm", as_index=False)[["n", "d"]].sum()
