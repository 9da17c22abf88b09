"""Rules that one row can break, as expressions that every engine runs."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import narwhals as nw

from retention.company.typed import RAW
from retention.schema import Column, Table

_UNREADABLE = {
    **dict.fromkeys(("date", "moment", "month", "period"), "unreadable_date"),
    **dict.fromkeys(("number", "amount", "score", "whole"), "unreadable_number"),
    "flag": "unreadable_flag",
}
_FLOATING = ("number", "amount", "score")
_DATED = ("date", "moment", "month", "period")


@dataclass(frozen=True)
class Check:
    """A rule applied to a column: true in `bad` where a row breaks it."""

    rule: str
    column: str
    bad: nw.Expr


def checks(table: Table, present: list[str], settings, until: dt.date | None):
    """Checks of a table's rows, in the order in which a row is charged with one.

    Parameters
    ----------
    table : Table
    present : list of str
        Columns of the typed frame, with those that hold raw text.
    settings : Settings
    until : date or None
        Last day that was observed.

    Returns
    -------
    list of Check
    """
    found = []
    for column in table.columns:
        if column.name in present:
            found += _of_column(table, column, present, settings, until)
    return found + list(_between_columns(table, set(present)))


def after(column: Column, day: dt.date) -> nw.Expr:
    """Whether a date lies after a day; a month does if it is not over by then."""
    following = day + dt.timedelta(days=1)
    if column.kind == "month":
        following = following.replace(day=1)
    return nw.col(column.name) >= nw.lit(dt.datetime.combine(following, dt.time()))


def _of_column(table, column: Column, present, settings, until) -> Iterator[Check]:
    value, raw = nw.col(column.name), RAW + column.name
    if raw in present:
        unread = ~nw.col(raw).is_null() & value.is_null()
        yield Check(_UNREADABLE[column.kind], column.name, unread)
    if column.filled:
        empty = value.is_null()
        if column.kind in ("id", "text"):
            empty = empty | (value == "")
        yield Check("empty_value", column.name, empty)
    if column.kind in _FLOATING:
        yield Check("not_finite", column.name, ~value.is_finite())
    if column.kind == "flag" and raw not in present:
        yield Check("unreadable_flag", column.name, ~value.is_in([0, 1]))
    if column.kind == "score" and (scale := settings.scale(column.name)):
        outside = (value < scale[0]) | (value > scale[1])
        yield Check("outside_scale", column.name, outside)
    yield from _limits(table, column, settings)
    if column.kind in _DATED and until is not None:
        # The month in which observation ends has begun, and its row is kept.
        late = value >= nw.lit(dt.datetime.combine(until + dt.timedelta(1), dt.time()))
        yield Check("after_observed_to", column.name, late)


def _limits(table: Table, column: Column, settings) -> Iterator[Check]:
    value = nw.col(column.name)
    if column.at_least is not None:
        money = column.kind == "amount"
        declared = settings.tables.get(table.name, {}).get("negative_amounts", False)
        if not (money and declared):
            rule = "negative_amount" if money else "too_small"
            yield Check(rule, column.name, value < column.at_least)
    words = column.one_of
    if column.name == "channel":
        words = settings.channels.get(table.name, ())
    if words:
        yield Check("unknown_word", column.name, ~value.is_in(list(words)))


def _between_columns(table: Table, present: set[str]) -> Iterator[Check]:
    col = nw.col
    if table.name == "customers" and {"joined_on", "left_on"} <= present:
        early = col("left_on") < col("joined_on")
        yield Check("left_before_joined", "left_on", early)
    if table.name == "customers" and {"tenure", "left"} <= present:
        unlived = (col("left") == 1) & (col("tenure") == 0)
        yield Check("left_with_tenure_0", "tenure", unlived)
    if table.name == "tenure_counts":
        unlived = (col("event") == 1) & (col("duration") == 0)
        yield Check("left_with_tenure_0", "duration", unlived)
    if table.name == "memberships" and "ended_on" in present:
        early = (col("ended_on") < col("enrolled_on")) | (
            col("enrolled_on").is_null() & ~col("ended_on").is_null()
        )
        yield Check("ended_before_start", "ended_on", early)
    if table.name == "leads" and "closed_on" in present:
        early = col("closed_on") < col("opened_on")
        yield Check("ended_before_start", "closed_on", early)
    if table.name == "surveys":
        yield from _answers("responded" in present)
    if table.name == "referrals":
        same = nw.col("referrer_id") == nw.col("referee_id")
        yield Check("self_referral", "referee_id", same)


def _answers(flagged: bool) -> Iterator[Check]:
    empty = nw.col("satisfaction").is_null()
    if not flagged:
        yield Check("answer_missing", "satisfaction", empty)
        return
    responded = nw.col("responded")
    yield Check("answer_missing", "satisfaction", (responded == 1) & empty)
    yield Check("answer_without_response", "satisfaction", (responded == 0) & ~empty)
