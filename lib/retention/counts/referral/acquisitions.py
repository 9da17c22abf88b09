"""New customers by what speaks for each source."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant, period_bounds
from retention.counts.engine import tally, with_bucket
from retention.counts.once import once

REFERRAL = "referral"
NOT_STATED = "not stated"
NO_ANSWER = "no answer"
WORDS = ("referral",)


@once
def acquisitions(
    company,
    *,
    by: Sequence[str] = (),
    words: Sequence[str] = WORDS,
    bucket: bool = False,
    window: tuple[str, str] | None = None,
    study: str = "referral",
) -> pd.DataFrame:
    """New customers of the window by what each record says of their source.

    Parameters
    ----------
    company : Company
    by : sequence of str
        Columns of the customers table that become strata, and "year" for the
        calendar year of joining.
    words : sequence of str
        Words of the company's tables that mean "sent by a customer".
    bucket : bool
        Add the column `bucket`, for the grouped jackknife.
    window : (str, str), optional
        First and last month of joining; the company's own window by default.
        Customers who joined before records began are left out, because those who
        left early were never recorded. A company without dates has no window.
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        The strata, `recorded` (the source in the books; the referral words are all
        "referral", an empty cell is "not stated"), `rep` (1 booked to a
        salesperson), `coded` (1 came with a referral code or a referral link),
        `told` ("referral", "other" or "no answer", as the customer said),
        `household` (1 lives with a customer who joined earlier), `bucket` where
        asked for, and `n`.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention.company import open_company
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": ["a", "b", "c"], "joined_on": [dt.date(2025, 1, 1)] * 3,
    ...     "left_on": [None] * 3, "referral_code": ["F-9", None, None],
    ...     "told_us": ["referral", "shop", None],
    ... })}, settings={"company": {"observed_to": dt.date(2025, 6, 30)}})
    >>> acquisitions(company)[["coded", "told", "n"]]
       coded       told  n
    0      0  no answer  1
    1      0      other  1
    2      1   referral  1
    """
    frame = acquisition_frame(company, words=words, window=window, study=study)
    if bucket:
        frame = with_bucket(frame)
    evidence = ["recorded", "rep", "coded", "told", "household"]
    keys = [*by, *evidence, *(["bucket"] if bucket else [])]
    return counted(frame, keys, by)


@once
def acquisition_frame(company, *, words=WORDS, window=None, study="referral"):
    """New customers of the window with the evidence of `acquisitions` as columns."""
    customers = company.population(study)
    frame = with_evidence(customers, company, words=words)
    if company.has("customers", "joined_on"):
        start, end = period_bounds(company, window)
        frame = joined_between(frame, start, end)
        frame = frame.with_columns(year=nw.col("joined_on").dt.year().cast(nw.String))
    return frame


def joined_between(frame, start: dt.date | None, end: dt.date):
    """Customers who joined from one day to another, both included."""
    joined = nw.col("joined_on")
    if start is not None:
        frame = frame.filter(joined >= instant(start))
    return frame.filter(joined < instant(day_after(end)))


def with_evidence(frame, company, *, words=WORDS) -> nw.LazyFrame:
    """Customers with `recorded`, `rep`, `coded`, `told` and `household`."""
    names = frame.collect_schema().names()
    frame = _linked(frame, company, "referral_code" in names)
    frame = _in_household(frame, names)
    recorded, told = nw.lit(NOT_STATED), nw.lit(NO_ANSWER)
    if "recorded_source" in names:
        source = nw.col("recorded_source")
        recorded = nw.when(is_referral(source, words)).then(nw.lit(REFERRAL))
        recorded = recorded.otherwise(nw.coalesce(source, nw.lit(NOT_STATED)))
    if "told_us" in names:
        said = nw.when(is_referral(nw.col("told_us"), words)).then(nw.lit(REFERRAL))
        told = nw.when(nw.col("told_us").is_null()).then(nw.lit(NO_ANSWER))
        told = told.otherwise(said.otherwise(nw.lit("other")))
    rep = ~nw.col("rep_id").is_null() if "rep_id" in names else nw.lit(False)
    return frame.with_columns(recorded=recorded, told=told, rep=rep.cast(nw.Int64))


def is_referral(source: nw.Expr, words: Sequence[str]) -> nw.Expr:
    """Whether a text is one of the words for a referral, in any case."""
    known = [word.strip().lower() for word in words]
    return nw.coalesce(source.str.to_lowercase().is_in(known), nw.lit(False))


def counted(frame, keys: Sequence[str], by: Sequence[str] = ()) -> pd.DataFrame:
    """Sorted counts of a frame's cells; an empty stratum is "not stated"."""
    columns = frame.collect_schema()
    missing = [name for name in by if name not in columns]
    if missing:
        raise ValueError(
            f"No column named {', '.join(missing)} in the customers table. "
            f"It has: {', '.join(sorted(columns))}."
        )
    for name in [name for name in by if columns[name] == nw.String]:
        stated = nw.coalesce(nw.col(name), nw.lit(NOT_STATED))
        frame = frame.with_columns(stated.alias(name))
    table = tally(frame, *keys)
    whole = [c for c in table if pd.api.types.is_integer_dtype(table[c])]
    table = table.astype(dict.fromkeys(whole, "int64"))
    return table.sort_values(list(keys), ignore_index=True)


def _linked(frame, company, coded: bool) -> nw.LazyFrame:
    """Column `coded`: a referral code, or a row of the referrals table."""
    code = ~nw.col("referral_code").is_null() if coded else nw.lit(False)
    if not company.has("referrals"):
        return frame.with_columns(coded=code.cast(nw.Int64))
    referees = company.table("referrals").select(nw.col("referee_id"))
    referees = referees.unique().with_columns(__link__=nw.lit(1))
    frame = frame.join(
        referees, how="left", left_on="customer_id", right_on="referee_id"
    )
    code = code | ~nw.col("__link__").is_null()
    return frame.with_columns(coded=code.cast(nw.Int64)).drop("__link__")


def _in_household(frame, names: Sequence[str]) -> nw.LazyFrame:
    """Column `household`: another customer of the household had joined before."""
    if not {"household_id", "joined_on"} <= {*names}:
        return frame.with_columns(household=nw.lit(0).cast(nw.Int64))
    first = frame.group_by("household_id").agg(
        nw.col("joined_on").min().alias("__first__")
    )
    first = first.filter(~nw.col("household_id").is_null())
    frame = frame.join(first, how="left", on="household_id")
    later = nw.coalesce(nw.col("joined_on") > nw.col("__first__"), nw.lit(False))
    return frame.with_columns(household=later.cast(nw.Int64)).drop("__first__")
