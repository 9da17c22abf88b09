"""Customers of a business without cancellations, read off their orders.

A silence of at least N days after an order counts as leaving on the day of that
order, whether or not the customer ever comes back: so the meaning of "left" does
not depend on how long the records go on. One who comes back begins a new spell.
The last N days of the records can only confirm earlier leavings; tenure is
therefore observed until N days before their end. A spell's beginning is known only
if a silence of at least M days before it was itself observed.

Whether a silence means leaving at all is a question to the data: if more than a
declared share of such silences was followed by another order within the records,
the inference is refused, because most of the "leavers" were pausing.
"""

import datetime as dt
from dataclasses import dataclass

import narwhals as nw

from retention.company.collecting import collect

MOST_RETURNS = 0.2


@dataclass(frozen=True, eq=False)
class Silence:
    """Leaving inferred from silence, and how far it can be trusted.

    Parameters
    ----------
    spells : LazyFrame
        customer_id, spell, joined_on, left_on, start_seen (1 if the beginning of
        the spell was observed).
    days, most_returns
        As declared in [leaving].
    silences, returned : int
        Silences of at least `days` days, and those that another order ended.
    """

    spells: nw.LazyFrame
    days: int
    most_returns: float
    silences: int
    returned: int

    @property
    def share_returned(self) -> float:
        """Share of the silences that were pauses: a lower bound, records end."""
        return self.returned / self.silences if self.silences else 0.0

    @property
    def trusted(self) -> bool:
        """Whether silence means leaving often enough."""
        return self.share_returned <= self.most_returns

    @property
    def reason(self) -> str:
        """Why the inference is refused, in numbers."""
        return (
            f"leaving is not identifiable from silence: of {self.silences:,} silences "
            f"of {self.days} days or more, {self.returned:,} "
            f"({self.share_returned:.0%}) ended with another order, and at most "
            f"{self.most_returns:.0%} may ([leaving] most_returns)"
        )

    @property
    def note(self) -> str:
        """What a page must say about an inferred leaving."""
        return (
            f"Leaving is inferred: {self.days} days without an order count as leaving "
            f"on the day of the last one. Of {self.silences:,} such silences "
            f"{self.returned:,} ({self.share_returned:.0%}) ended with another order "
            "and began a new spell. Only spells whose beginning was observed count."
        )


def silence(orders: nw.LazyFrame, settings, start: dt.date, end: dt.date) -> Silence:
    """Spells of ordering, split where no order came for the declared time.

    Parameters
    ----------
    orders : LazyFrame
        customer_id, ordered_on.
    settings : Settings
        [leaving] after_silence_days, new_after_days (the same unless declared) and
        most_returns (0.2 unless declared).
    start, end : date
        First and last day of the records.

    Returns
    -------
    Silence
    """
    days = settings.leaving["after_silence_days"]
    before = settings.leaving.get("new_after_days", days)
    spells = _spells(orders, days)
    known_from = nw.lit(start + dt.timedelta(days=before))
    known_to = nw.lit(end - dt.timedelta(days=days))
    seen = (nw.col("spell") > 1) | (nw.col("joined_on") >= known_from)
    gone = nw.col("last_on") <= known_to
    spells = spells.with_columns(
        left_on=nw.when(gone).then(nw.col("last_on")),
        start_seen=nw.when(seen).then(nw.lit(1)).otherwise(nw.lit(0)),
    ).drop("last_on")
    ended = ~nw.col("left_on").is_null()
    again = nw.col("spell") > 1
    facts = collect(
        spells.select(
            ended.cast(nw.Int64).sum().alias("silences"),
            again.cast(nw.Int64).sum().alias("returned"),
        )
    ).iloc[0]
    most = settings.leaving.get("most_returns", MOST_RETURNS)
    return Silence(spells, days, most, int(facts["silences"]), int(facts["returned"]))


def _spells(orders: nw.LazyFrame, days: int) -> nw.LazyFrame:
    """First and last day of each spell, numbered by customer."""
    day = nw.col("ordered_on").dt.date()
    visits = orders.select("customer_id", day.alias("day")).unique()
    before = nw.col("day").shift(1).over("customer_id", order_by="day")
    visits = visits.with_columns(before=before)
    quiet_until = nw.col("before").dt.offset_by(f"{days}d").cast(nw.Date)
    opens = nw.col("before").is_null() | (quiet_until < nw.col("day"))
    visits = visits.with_columns(opens=nw.when(opens).then(nw.lit(1)).otherwise(0))
    spell = nw.col("opens").cum_sum().over("customer_id", order_by="day")
    return (
        visits.with_columns(spell=spell.cast(nw.Int64))
        .group_by("customer_id", "spell")
        .agg(
            nw.col("day").min().alias("joined_on"), nw.col("day").max().alias("last_on")
        )
    )
