"""What was known of a customer on a day: nothing dated later can enter."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw

from retention.counts.calendar import day_after, instant, month_end
from retention.counts.tenure import NOT_STATED
from retention.counts.value.windows import MONEY, Basis

RECENT_MONTHS = 3
SCORE_MONTHS = 6
WORDS = 3
NOT_ASKED = "no answer"


def month_before(day: dt.date, months: int) -> dt.date:
    """Last day of the month so many months before the one that ends on a day."""
    at = 12 * day.year + day.month - 1 - months
    return month_end(f"{at // 12:04d}-{at % 12 + 1:02d}")


def warning_features(company, *, asked: str = "") -> list[str]:
    """Names of what early warning can look at in a company.

    Parameters
    ----------
    company : Company
    asked : str
        Names parted by spaces; empty takes behaviour, numbers and the first three
        columns of words.

    Returns
    -------
    list of str
        Behaviour first (`score`, `complaint`, `contacts`, `money`, `member`, as far
        as the tables allow), then columns of customers that [drivers] lists for
        customer_value, or else for tenure.

    Raises
    ------
    ValueError
        If a name is not on offer.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.warning_features(company)[:5]
    ['score', 'complaint', 'contacts', 'money', 'member']
    """
    needs = {
        "score": company.has("surveys"),
        "complaint": company.has("contacts", "reason"),
        "contacts": company.has("contacts"),
        "money": company.has("activity"),
        "member": company.has("memberships"),
    }
    offered = [name for name, there in needs.items() if there]
    drivers = company.settings.drivers
    listed = drivers.get("customer_value", drivers.get("tenure", []))
    kinds = company.table("customers").collect_schema()
    columns = [c for c in listed if c in kinds]
    usual = [c for c in columns if kinds[c] == nw.String][:WORDS]
    usual = offered + usual + [c for c in columns if kinds[c] != nw.String]
    offered += columns
    names = asked.replace(",", " ").split()
    strange = [name for name in names if name not in offered]
    if strange:
        raise ValueError(
            f"Early warning cannot look at {', '.join(strange)}; it can at "
            f"{', '.join(offered) or 'nothing'}."
        )
    return names or usual


def with_features(company, people, day: dt.date, names: Sequence[str]) -> nw.LazyFrame:
    """Customers with each feature as it was at the end of a day. Lazy."""
    build = {
        "score": _score,
        "complaint": _complaint,
        "contacts": _contacts,
        "money": _money,
        "member": _member,
    }
    for name in names:
        if name in build:
            found = build[name](company, day)
            people = people.join(found, on="customer_id", how="left")
            people = people.with_columns(_filled(name))
        else:
            people = people.with_columns(_attribute(people, name))
    return people


def recent_margin(company, day: dt.date, basis: Basis) -> nw.LazyFrame:
    """Margin a month of each customer over the last months before a day."""
    rows = _dated(company, basis.table, day, RECENT_MONTHS)
    margin = nw.col(MONEY[basis.table]) * basis.margin_rate
    if basis.margin == "booked":
        margin = nw.coalesce(nw.col("margin"), nw.lit(0.0))
    sums = rows.select("customer_id", margin=margin).group_by("customer_id")
    sums = sums.agg(nw.col("margin").sum(), nw.len().alias("months"))
    if basis.table == "activity":
        return sums.with_columns(margin=nw.col("margin") / nw.col("months"))
    return sums.with_columns(margin=nw.col("margin") / RECENT_MONTHS)


_DAY = {
    "activity": "month",
    "orders": "ordered_on",
    "contacts": "occurred_on",
    "surveys": "surveyed_on",
}


def _dated(company, table: str, day: dt.date, months: int, *, back: int = 0):
    """Rows of a table in the so many months that end `back` months before a day."""
    date = nw.col(_DAY[table])
    last, first = month_before(day, back), month_before(day, back + months)
    return company.table(table).filter(
        date >= instant(day_after(first)), date < instant(day_after(last))
    )


def _score(company, day: dt.date):
    """Mean answer of the last half year, to the nearest point; no exit survey."""
    rows = _dated(company, "surveys", day, SCORE_MONTHS)
    if company.has("surveys", "kind"):
        exit_ = nw.coalesce(nw.col("kind"), nw.lit("")) == "exit"
        rows = rows.filter(~exit_)
    rows = rows.filter(~nw.col("satisfaction").is_null())
    mean = rows.group_by("customer_id").agg(nw.col("satisfaction").mean())
    low, high = company.settings.scale("satisfaction") or (1, 5)
    point = ((nw.col("satisfaction") - low) * 4 / (high - low) + 0.5).floor() + 1
    text = nw.coalesce(
        *(nw.when(point == k).then(nw.lit(f"{k} of 5")) for k in range(1, 6)),
        nw.lit(NOT_ASKED),
    )
    return mean.select("customer_id", text.alias("score"))


def _complaint(company, day: dt.date):
    rows = _dated(company, "contacts", day, RECENT_MONTHS)
    rows = rows.filter(nw.col("reason") == "complaint")
    return _marked(rows, "complaint")


def _contacts(company, day: dt.date):
    rows = _dated(company, "contacts", day, RECENT_MONTHS)
    if company.has("contacts", "reason"):
        plain = nw.coalesce(nw.col("reason"), nw.lit("")) != "complaint"
        rows = rows.filter(plain)
    sums = rows.group_by("customer_id").agg(nw.len().alias("many"))
    few = nw.when(nw.col("many") <= 2).then(nw.lit("1-2"))
    many = nw.when(nw.col("many") <= 5).then(nw.lit("3-5")).otherwise(nw.lit("6+"))
    text = nw.coalesce(few, many)
    return sums.select("customer_id", text.alias("contacts"))


def _money(company, day: dt.date):
    """Revenue a month of the last months against those before them."""
    parts = []
    for name, back in (("late", 0), ("early", RECENT_MONTHS)):
        rows = _dated(company, "activity", day, RECENT_MONTHS, back=back)
        mean = rows.group_by("customer_id").agg(nw.col("revenue").mean().alias(name))
        parts.append(mean)
    both = parts[0].join(parts[1], on="customer_id")
    falls = nw.when(nw.col("late") < 0.9 * nw.col("early")).then(nw.lit("falling"))
    rises = nw.when(nw.col("late") > 1.1 * nw.col("early")).then(nw.lit("rising"))
    text = nw.coalesce(falls, rises, nw.lit("steady"))
    return both.select("customer_id", text.alias("money"))


def _member(company, day: dt.date):
    rows, begin = company.table("memberships"), instant(day_after(day))
    rows = rows.filter(nw.col("enrolled_on") < begin)
    if company.has("memberships", "ended_on"):
        ended = nw.col("ended_on")
        rows = rows.filter(ended.is_null() | (ended >= begin))
    return _marked(rows, "member")


def _marked(rows, name: str):
    ids = rows.select("customer_id").unique()
    return ids.with_columns(**{name: nw.lit("yes")})


_MISSING = {
    "score": NOT_ASKED,
    "complaint": "no",
    "contacts": "0",
    "money": "new",
    "member": "no",
}


def _filled(name: str) -> nw.Expr:
    return nw.coalesce(nw.col(name), nw.lit(_MISSING[name])).alias(name)


def _attribute(people, name: str) -> nw.Expr:
    """Text as it is, a number rounded to half a unit so that it makes few cells."""
    kind = people.collect_schema()[name]
    if kind == nw.String:
        return nw.coalesce(nw.col(name), nw.lit(NOT_STATED)).alias(name)
    return nw.coalesce((nw.col(name) * 2).round(0) / 2, nw.lit(0.0)).alias(name)
