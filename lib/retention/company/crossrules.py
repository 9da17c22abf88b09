"""Rules that only several rows together can break.

Each function takes the rows that passed so far and returns those that pass its
rule; what fails goes to the `bin`. Nothing is copied or joined unless a first,
cheap query has found something.
"""

import narwhals as nw

from retention.company.collecting import collect, embedded
from retention.company.errors import CompanyError
from retention.company.quarantine import Bin, size
from retention.company.typed import ROW, is_ours
from retention.schema import Table

_ROWS_A_PASS = 2_500_000  # keeps the memory of counting distinct keys flat


def own_columns(frame: nw.LazyFrame) -> list[str]:
    """Columns of the table, without the bookkeeping beside them."""
    return [n for n in frame.collect_schema().names() if not is_ours(n)]


def unique(frame, table: Table, rows: int, bin: Bin, settings) -> nw.LazyFrame:
    """Rows whose key is theirs alone; of equal rows one is kept."""
    columns = own_columns(frame)
    declared = settings.tables.get(table.name, {}).get("key")
    key = [k for k in (table.key if declared is None else declared) if k in columns]
    if not key and (not table.whole_row or declared is not None):
        return frame
    if _distinct(frame, key or columns, rows) == rows:
        return frame
    frame = _without_copies(frame, columns, bin)
    if not key:
        return frame
    alone = frame.with_columns(__same__=nw.len().over(*key))
    clash = alone.filter(nw.col("__same__") > 1)
    if table.name == "customers":
        _refuse_clash(clash, key, bin)
    rule = "two_referrers" if key == ["referee_id"] else "conflicting_rows"
    if not bin.add(rule, key[0], clash):
        return frame
    return alone.filter(nw.col("__same__") == 1).drop("__same__")


def _without_copies(frame, columns: list[str], bin: Bin) -> nw.LazyFrame:
    order = ROW if ROW in frame.collect_schema().names() else columns[0]
    one = frame.with_columns(__one__=nw.lit(1))
    copy = nw.col("__one__").cum_sum().over(*columns, order_by=order)
    marked = one.with_columns(__copy__=copy)
    if not bin.add("duplicate_row", columns[0], marked.filter(nw.col("__copy__") > 1)):
        return frame
    return marked.filter(nw.col("__copy__") == 1).drop("__one__", "__copy__")


def _refuse_clash(clash, key: list[str], bin: Bin) -> None:
    ids = clash.group_by("customer_id").agg(nw.len().alias("n")).sort("customer_id")
    found = collect(ids.head(5))
    if found.empty:
        return
    names = ", ".join(found["customer_id"].astype(str))
    raise CompanyError(
        f"{bin.label}: {size(ids):,} customer_id have several rows that differ "
        f"({names}{', ...' if size(ids) > 5 else ''}). Keep one row a customer, or, "
        "if a customer can leave and come back, number its stays in a column spell "
        "(1, 2, ...).",
        rule="ids_not_unique",
    )


def _distinct(frame: nw.LazyFrame, key: list[str], rows: int) -> int:
    """Number of distinct keys, counted in parts if there are many."""
    if not embedded(frame):
        return size(frame.select(*key).unique())
    from retention.company.store import ident

    relation = nw.to_native(frame)
    hashed = relation.project(f"hash({', '.join(map(ident, key))}) AS h")
    passes = max(1, -(-rows // _ROWS_A_PASS))
    # Equal hashes of unlike keys only send us to the exact comparison in `unique`.
    parts = (hashed.filter(f"h % {passes} = {i}") for i in range(passes))
    return sum(p.aggregate("count(DISTINCT h)").fetchall()[0][0] for p in parts)


def known_customers(frame, table: Table, people, bin: Bin) -> nw.LazyFrame:
    """Rows whose customers are in the clean customers table, or name none."""
    for column in (c.name for c in table.columns if c.refers):
        if column in own_columns(frame):
            frame = _known(frame, column, people, bin)
    return frame


def _known(frame, column: str, people, bin: Bin) -> nw.LazyFrame:
    named = frame.filter(~nw.col(column).is_null())
    on = {"left_on": column, "right_on": "customer_id"}
    missing = named.join(people.clean, how="anti", **on)
    if not size(missing):
        return frame
    bin.add("unknown_customer", column, missing.join(people.read, how="anti", **on))
    known = missing.join(people.read, how="semi", **on)
    bin.skip(size(known.join(people.not_yet, how="semi", **on)))
    out = known.join(people.not_yet, how="anti", **on)
    bin.add("customer_left_out", column, out)
    here = people.clean.with_columns(__here__=nw.lit(1))
    joined = frame.join(here, how="left", **on)
    keep = ~nw.col("__here__").is_null() | nw.col(column).is_null()
    return joined.filter(keep).drop("__here__")


def referrals(frame, joined, bin: Bin) -> nw.LazyFrame:
    """Referrals made by a customer of that day, and never in a circle."""
    if joined is not None:
        dated = _with_joined(frame, "referrer_id", joined)
        early = nw.col("referred_on") < nw.col("__joined__")
        rule = "referral_before_joining", "referred_on"
        frame = _apart(frame, dated, early, *rule, bin)
    frame = _without_circles(frame, bin)
    return frame if joined is None else _sent_by_the_older(frame, joined, bin)


def _without_circles(frame, bin: Bin) -> nw.LazyFrame:
    edges = collect(frame.select("referrer_id", "referee_id"))
    circle = _circle(dict(zip(edges["referee_id"], edges["referrer_id"], strict=True)))
    if not circle:
        return frame
    inside = nw.col("referee_id").is_in(sorted(circle))
    return _apart(frame, frame, inside, "referral_cycle", "referee_id", bin)


def _sent_by_the_older(frame, joined, bin: Bin) -> nw.LazyFrame:
    """Referrals by a customer who joined no later than the one it sent."""
    dated = _with_joined(frame, "referrer_id", joined)
    theirs = joined.rename({"__joined__": "__theirs__"})
    on = {"left_on": "referee_id", "right_on": "customer_id"}
    dated = dated.join(theirs, how="left", **on)
    late = nw.col("__joined__") > nw.col("__theirs__")
    return _apart(frame, dated, late, "referrer_joined_later", "referrer_id", bin)


def _circle(referrer: dict[str, str]) -> set[str]:
    """Customers on a circle, by walking each chain of referrers once."""
    first_walk: dict[str, str] = {}
    circle: set[str] = set()
    for start in referrer:
        at = start
        while at in referrer and at not in first_walk:
            first_walk[at] = start
            at = referrer[at]
        # Met on this very walk, so the walk has come round to it.
        while first_walk.get(at) == start and at not in circle:
            circle.add(at)
            at = referrer[at]
    return circle


def memberships(frame, joined, bin: Bin) -> nw.LazyFrame:
    """Memberships that begin after joining and after the one before has ended."""
    if joined is not None:
        dated = _with_joined(frame, "customer_id", joined)
        early = nw.col("enrolled_on") < nw.col("__joined__")
        rule = "membership_before_joining", "enrolled_on"
        frame = _apart(frame, dated, early, *rule, bin)
    names = frame.collect_schema().names()
    who = ["customer_id", *(["programme"] if "programme" in names else [])]
    order = ["enrolled_on", *([ROW] if ROW in names else [])]
    before = nw.col("enrolled_on").shift(1).over(*who, order_by=order)
    marked = frame.with_columns(__before__=before, __until__=nw.lit(None, nw.Date))
    if "ended_on" in names:
        until = nw.col("ended_on").shift(1).over(*who, order_by=order)
        marked = marked.with_columns(__until__=until)
    running = nw.col("__until__").is_null() | (
        nw.col("__until__") > nw.col("enrolled_on")
    )
    overlap = ~nw.col("enrolled_on").is_null() & ~nw.col("__before__").is_null()
    rule = "membership_overlap", "enrolled_on"
    return _apart(frame, marked, overlap & running, *rule, bin)


def points(frame, bin: Bin) -> nw.LazyFrame:
    """Entries that never take out more than was earned by that day."""
    earned = nw.col("kind") == "earn"
    signed = nw.when(earned).then(nw.col("points")).otherwise(-nw.col("points"))
    turn = nw.when(earned).then(nw.lit(0)).otherwise(nw.lit(1))
    order = ["occurred_on", "__turn__"]
    order += [ROW] if ROW in frame.collect_schema().names() else []
    marked = frame.with_columns(__signed__=signed, __turn__=turn)
    balance = nw.col("__signed__").cum_sum().over("customer_id", order_by=order)
    marked = marked.with_columns(__balance__=balance)
    beyond = ~earned & (nw.col("__balance__") < -1e-6)
    return _apart(frame, marked, beyond, "redeemed_beyond_earned", "points", bin)


def journeys(frame, bin: Bin) -> nw.LazyFrame:
    """Journeys whose positions run 1, 2, 3 without a hole."""
    last, steps = nw.col("position").max().alias("last"), nw.len().alias("steps")
    holes = frame.group_by("journey_id").agg(last, steps)
    holes = holes.filter(nw.col("last") != nw.col("steps"))
    return _groups_apart(frame, holes, "position_gap", "journey_id", bin)


def orders(frame, bin: Bin) -> nw.LazyFrame:
    """Orders; lines that share an order_id are summed into one."""
    columns = own_columns(frame)
    if "order_id" not in columns:
        return frame
    whose = ("customer_id", "ordered_on")
    ends = [nw.col(c).min().alias(f"{c}_low") for c in whose]
    ends += [nw.col(c).max().alias(f"{c}_high") for c in whose]
    differ = [nw.col(f"{c}_low") != nw.col(f"{c}_high") for c in whose]
    mixed = frame.group_by("order_id").agg(*ends).filter(differ[0] | differ[1])
    frame = _groups_apart(frame, mixed, "order_conflict", "order_id", bin)
    money = [c for c in ("amount", "margin") if c in columns]
    totals = [nw.col(c).sum().alias(c) for c in money]
    return frame.group_by("order_id", *whose).agg(*totals, nw.len().alias("lines"))


def _groups_apart(frame, groups, rule: str, column: str, bin: Bin) -> nw.LazyFrame:
    """All rows of the groups that break a rule go, so that none is left in part."""
    if not size(groups):
        return frame
    groups = groups.select(column)
    bin.add(rule, column, frame.join(groups, on=column, how="semi"))
    return frame.join(groups, on=column, how="anti")


def _apart(frame, marked, bad: nw.Expr, rule: str, column: str, bin: Bin):
    """The frame itself if nothing is bad in it, else its marked rows that are good."""
    bad = nw.coalesce(bad, nw.lit(False))
    if not bin.add(rule, column, marked.filter(bad)):
        return frame
    return marked.filter(~bad).select(*frame.collect_schema().names())


def _with_joined(frame, column: str, joined) -> nw.LazyFrame:
    return frame.join(joined, how="left", left_on=column, right_on="customer_id")
