"""Tenure split at enrolment, so that membership can change over time."""

import datetime as dt
from collections.abc import Mapping, Sequence

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    completed,
    completed_between,
    day_after,
    instant,
    period_bounds,
)
from retention.counts.once import once
from retention.counts.programme import members, present
from retention.counts.tenure import tenure_counts, tenure_frame

YES, NO = "yes", "no"


def member_tenure(
    company,
    *,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    reason: str = "",
    window: tuple[str, str] | None = None,
    bucket: bool = False,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Tenure table in which a customer becomes a member at enrolment.

    Each customer brings a spell as a non-member, which ends at enrolment without a
    loss, and a spell as a member, which enters there; what follows the end of a
    membership is a non-member's again. Nobody is a member before enrolling. The rows
    never leave the engine, and person-periods are not made.

    Parameters
    ----------
    company : Company
        One with dates and memberships.
    by, widths, reason, window, bucket, study
        As in `retention.counts.tenure`.
    programme : str
        One of several programmes; all by default.

    Returns
    -------
    DataFrame
        A tenure table with the stratum `member` ("yes" or "no") in front. A period
        counts as a member's if the membership had begun by its first day.

    Raises
    ------
    ValueError
        If the company brings durations or counts instead of dates.

    Examples
    --------
    Joined in January, enrolled in April, left in June:

    >>> import datetime as dt
    >>> from retention.company import open_company
    >>> company = open_company({
    ...     "customers": pd.DataFrame({"customer_id": ["a"],
    ...         "joined_on": [dt.date(2025, 1, 1)], "left_on": [dt.date(2025, 6, 9)]}),
    ...     "memberships": pd.DataFrame({"customer_id": ["a"],
    ...         "enrolled_on": [dt.date(2025, 4, 1)]}),
    ... }, settings={"company": {"observed_to": dt.date(2025, 12, 31)}})
    >>> member_tenure(company)
      member  entry  duration  event  n
    0     no      0         3      0  1
    1    yes      3         6      1  1
    """
    frame = _spelled(company, window, reason, programme, study)
    start, stop = nw.col("member_from"), nw.col("member_to")
    parts = (
        _part(frame, NO, None, start),
        _part(frame, YES, start, stop),
        _part(frame, NO, stop, None),
    )
    tables = [
        tenure_counts(part, by=["member", *by], widths=widths, bucket=bucket)
        for part in parts
    ]
    return _together(tables)


def ever_member_tenure(
    company,
    *,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    reason: str = "",
    window: tuple[str, str] | None = None,
    bucket: bool = False,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Tenure table by whether a customer ever enrolled: the usual, wrong one.

    Who enrols late had to stay until then, so the months before enrolment are
    immortal and are counted for the members.

    Parameters
    ----------
    company, by, widths, reason, window, bucket, programme, study
        As in `member_tenure`.

    Returns
    -------
    DataFrame
        A tenure table with the stratum `member`: "yes" throughout for everybody who
        was enrolled before leaving or the end of observation.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.ever_member_tenure(company)
    >>> table.groupby("member")["n"].sum()
    member
    no     16654
    yes     5784
    Name: n, dtype: int64
    """
    frame = _spelled(company, window, reason, programme, study)
    ever = nw.col("member_from") < nw.col("duration")
    frame = frame.with_columns(member=_word(ever))
    return tenure_counts(frame, by=["member", *by], widths=widths, bucket=bucket)


def member_landmark(
    company,
    *,
    on: dt.date,
    horizon: int = 12,
    by: Sequence[str] = (),
    widths: Mapping[str, float] | None = None,
    reason: str = "",
    bucket: bool = False,
    programme: str = "",
    study: str = "loyalty",
) -> pd.DataFrame:
    """Members and others present at a landmark, followed from there.

    Parameters
    ----------
    company : Company
    on : date
        The landmark. Membership is that of the day, whatever comes later.
    horizon : int
        Periods of follow-up.
    by, widths, reason, bucket, programme, study
        As in `member_tenure`.

    Returns
    -------
    DataFrame
        A tenure table with the stratum `member`; `entry` is 0 at the landmark.

    Raises
    ------
    ValueError
        If the landmark lies outside the observation window, or the company brings
        durations or counts instead of dates.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> table = counts.member_landmark(company, on=dt.date(2025, 4, 30))
    >>> table.groupby(["member", "event"])["n"].sum()
    member  event
    no      0        7701
            1        1803
    yes     0        1253
            1         204
    Name: n, dtype: int64
    """
    _dated(company)
    first, last = period_bounds(company, None)
    if on >= last or (first is not None and on < first):
        raise ValueError(
            f"The landmark {on} lies outside the observation window "
            f"({first} to {last})."
        )
    unit, left, begin = company.time_unit, nw.col("left_on"), on
    people = present(company.population(study), on)
    joined = _with_members(company, people, programme)
    whole = completed_between(begin, day_after(last), unit)
    gone = ~left.is_null() & (left < instant(day_after(last)))
    lived = nw.when(gone).then(completed(begin, left, unit) + 1)
    lived = lived.otherwise(nw.lit(whole))
    counted = gone & (lived <= horizon)
    if reason:
        counted = counted & (nw.col("leave_reason") == reason)
    frame = joined.with_columns(
        member=_word(_member_on(on)),
        duration=nw.min_horizontal(lived, nw.lit(horizon)).cast(nw.Int64),
        event=nw.when(counted).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    return tenure_counts(frame, by=["member", *by], widths=widths, bucket=bucket)


def _member_on(day: dt.date) -> nw.Expr:
    begun = nw.col("enrolled_on") <= instant(day)
    over = ~nw.col("ended_on").is_null() & (nw.col("ended_on") < instant(day))
    return begun & ~over


def _word(yes: nw.Expr) -> nw.Expr:
    return nw.when(yes).then(nw.lit(YES)).otherwise(nw.lit(NO))


def _dated(company) -> None:
    if company.tenure_form != "dates":
        raise ValueError(
            f"{company.name} brings no joining dates, so nobody can tell how long a "
            "customer had been here when it enrolled. Bring joined_on and left_on."
        )


def _with_members(company, people, programme: str) -> nw.LazyFrame:
    columns = ("customer_id", "enrolled_on", "ended_on")
    enrolled = members(company, programme).select(*columns)
    taken = set(people.collect_schema().names()) & {"enrolled_on", "ended_on"}
    people = people.drop(*taken) if taken else people
    return people.join(enrolled, on="customer_id", how="left")


@once
def _spelled(company, window, reason, programme, study) -> nw.LazyFrame:
    """Tenure rows with the periods completed when membership began and ended."""
    _dated(company)
    frame = tenure_frame(company, window=window, reason=reason, study=study)
    frame = _with_members(company, frame, programme)
    far = nw.lit(1_000_000)
    begun = _until(nw.col("enrolled_on"), company.time_unit)
    ended = _until(nw.col("ended_on"), company.time_unit)
    return frame.with_columns(
        member_from=nw.when(nw.col("enrolled_on").is_null())
        .then(far)
        .otherwise(begun)
        .cast(nw.Int64),
        member_to=nw.when(nw.col("ended_on").is_null())
        .then(far)
        .otherwise(ended)
        .cast(nw.Int64),
    )


def _until(day: nw.Expr, unit: str) -> nw.Expr:
    """Periods begun before a day: those that it does not change any more."""
    before = completed(nw.col("joined_on"), day.dt.offset_by("-1d"), unit) + 1
    return nw.max_horizontal(before, nw.lit(0))


def _part(frame, member: str, start, stop) -> nw.LazyFrame:
    """A stretch of each customer's tenure, from `start` to `stop` periods."""
    entry, duration = nw.col("entry"), nw.col("duration")
    if start is not None:
        entry = nw.max_horizontal(entry, start)
    last = duration if stop is None else nw.min_horizontal(duration, stop)
    event = nw.when(last == duration).then(nw.col("event")).otherwise(nw.lit(0))
    rows = frame.with_columns(
        first=entry, last=last, loss=event.cast(nw.Int64), member=nw.lit(member)
    )
    # What belongs to the cause of a loss is not there before the loss.
    kept = rows.filter(nw.col("last") > nw.col("first"))
    return kept.with_columns(
        entry=nw.col("first"), duration=nw.col("last"), event=nw.col("loss")
    )


def _together(tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)
    keys = [name for name in table.columns if name != "n"]
    grouped = table.groupby(keys, as_index=False, dropna=False, observed=True)
    return grouped["n"].sum()
