"""Everybody who was asked, and what became of them: one row a survey, lazily."""

import narwhals as nw

from retention.company.errors import CompanyError
from retention.counts.calendar import DAYS, MONTHS, completed, day_after, instant
from retention.counts.engine import collect
from retention.counts.once import once
from retention.counts.satisfaction.scales import has_score, rating_columns, score_scale

COMPLAINT_DAYS = 30
NEVER = 10**6  # periods: later than any horizon
STUDY = "satisfaction"


def usual_outcome(company) -> str:
    """What shows loyalty here: "left", or "bought" where nobody ever leaves.

    Parameters
    ----------
    company : Company

    Returns
    -------
    {"left", "bought"}

    Raises
    ------
    CompanyError
        If the company brings neither leaving dates nor orders.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.usual_outcome(company)
    'left'
    """
    dated = has_dates(company)
    if dated:
        gone = (~nw.col("left_on").is_null()).cast(nw.Int64).sum()
        people = collect(company.population(STUDY).select(gone.alias("gone")))
        if (people["gone"].fillna(0) > 0).any():
            return "left"
    if company.has("orders", "ordered_on"):
        return "bought"
    if not dated:
        raise CompanyError(
            "What customers did is in no table: bring customers.left_on, or "
            "orders.ordered_on."
        )
    return "left"


@once
def asked_frame(
    company, *, horizon: int, outcome: str = "", complaints: bool = False
) -> nw.LazyFrame:
    """Survey rows of present customers, with what they did afterwards.

    Every row is a landmark of its own: the score is known on the day it was given,
    the clock starts on that day, and whoever had left by the end of it is not in.
    So nothing known later sorts customers into groups, and a customer asked several
    times has several rows (which is why every count can be dealt into buckets by
    customer). Exit surveys are never in it.

    Parameters
    ----------
    company : Company
    horizon : int
        Periods of follow-up, in the company's time unit.
    outcome : {"", "left", "bought"}
        What is followed; empty takes `usual_outcome`.
    complaints : bool
        Look up complaints for the column `complained`; it is 0 otherwise.

    Returns
    -------
    LazyFrame
        The columns of surveys and customers, and `responded` (0/1), `score` (the
        satisfaction, at the levels of its scale), `duration` (period of the event
        after the answer, or periods followed, at most the horizon), `event` (1 left,
        or bought, within the horizon), `cause`, `followed` (1 if the whole horizon
        was observed), `complained` (1 if within the last 30 days), `time_with_us`
        (text), `met` (experience against expectation), `asked_in` (yyyymm) and, for
        each driver rated, `quality_level` and so on (low, middle, high).
    """
    outcome = outcome or usual_outcome(company)
    rows = _present(_asked(company), company)
    if outcome == "left":
        rows = _left(rows, company, horizon)
    elif outcome == "bought":
        rows = _bought(rows, company, horizon)
    else:
        raise ValueError(f"outcome is {outcome!r}; it can be left or bought.")
    rows = _complained(rows, company, look=complaints)
    score = score_scale(company).level("satisfaction")
    day = nw.col("surveyed_on").dt
    return rows.with_columns(
        *_rating_levels(company),
        score=score,
        met=_met(company),
        time_with_us=_time_with_us(company),
        asked_in=(day.year() * 100 + day.month()).cast(nw.Int64),
    )


def has_dates(company) -> bool:
    """Whether it is known when customers joined and left."""
    return company.has("customers", "joined_on", "left_on")


def surveys(company) -> nw.LazyFrame:
    """The surveys with the two columns that a company may leave out."""
    rows = company.table("surveys")
    present = rows.collect_schema().names()
    answered = ~nw.col("satisfaction").is_null()
    said = nw.coalesce(nw.col("responded"), nw.lit(1)) if "responded" in present else 1
    kind = nw.coalesce(nw.col("kind"), nw.lit("relationship"))
    rows = rows.with_columns(
        responded=nw.when(answered).then(said).otherwise(0).cast(nw.Int64),
        kind=kind if "kind" in present else nw.lit("relationship"),
    )
    return rows


def _asked(company) -> nw.LazyFrame:
    return surveys(company).filter(nw.col("kind") != "exit")


def with_people(rows: nw.LazyFrame, company) -> nw.LazyFrame:
    """Survey rows joined to the study's customers (to each of their spells)."""
    people = company.population(STUDY)
    own = set(rows.collect_schema().names()) - {"customer_id"}
    people = people.drop([n for n in people.collect_schema().names() if n in own])
    return rows.join(people, on="customer_id", how="inner")


def _present(rows: nw.LazyFrame, company) -> nw.LazyFrame:
    """Rows of customers who were there at the end of the day they were asked."""
    if not company.has_customers:
        return rows
    rows = with_people(rows, company)
    if not has_dates(company):
        return rows
    asked, left = nw.col("surveyed_on"), nw.col("left_on")
    return rows.filter(nw.col("joined_on") <= asked, left.is_null() | (left > asked))


def _left(rows: nw.LazyFrame, company, horizon: int) -> nw.LazyFrame:
    last, left = company.tenure_to, nw.col("left_on")
    gone = ~left.is_null() & (left < instant(day_after(last)))
    reason = "leave_reason" in rows.collect_schema().names()
    said = nw.col("leave_reason") if reason else nw.lit("not stated")
    rows = _clock(rows, gone, left, last, company.time_unit, horizon)
    cause = nw.when(nw.col("event") == 1).then(nw.coalesce(said, nw.lit("not stated")))
    return rows.with_columns(cause=cause.otherwise(nw.lit("")))


def _bought(rows: nw.LazyFrame, company, horizon: int) -> nw.LazyFrame:
    """The first order after the day of the answer is the event."""
    days = company.table("orders").select(
        "customer_id", nw.col("ordered_on").dt.date().alias("bought_on")
    )
    keys = ["customer_id", "surveyed_on"]
    later = rows.select(*keys).unique().join(days, on="customer_id", how="inner")
    later = later.filter(nw.col("bought_on") > nw.col("surveyed_on"))
    first = later.group_by(*keys).agg(nw.col("bought_on").min())
    rows = rows.join(first, on=keys, how="left")
    bought, last = nw.col("bought_on"), company.observed_to
    gone = ~bought.is_null() & (bought < instant(day_after(last)))
    rows = _clock(rows, gone, bought, last, company.time_unit, horizon)
    cause = nw.when(nw.col("event") == 1).then(nw.lit("bought"))
    return rows.with_columns(cause=cause.otherwise(nw.lit("")))


def _clock(rows, happened, day, last, unit: str, horizon: int) -> nw.LazyFrame:
    asked = nw.col("surveyed_on")
    seen = completed(asked, day_after(last), unit)
    until = nw.when(happened).then(completed(asked, day, unit) + 1).otherwise(NEVER)
    rows = rows.with_columns(_seen=seen, _until=until)
    seen, until = nw.col("_seen"), nw.col("_until")
    return rows.with_columns(
        duration=nw.min_horizontal(until, seen, nw.lit(horizon)).cast(nw.Int64),
        event=(happened & (until <= horizon)).cast(nw.Int64),
        followed=(seen >= horizon).cast(nw.Int64),
    ).drop("_seen", "_until")


def _complained(rows: nw.LazyFrame, company, *, look: bool) -> nw.LazyFrame:
    if not look or not company.has("contacts", "reason"):
        return rows.with_columns(complained=nw.lit(0).cast(nw.Int64))
    contacts = company.table("contacts").filter(nw.col("reason") == "complaint")
    days = contacts.select("customer_id", nw.col("occurred_on").alias("_day")).unique()
    keys = ["customer_id", "surveyed_on"]
    near = rows.select(*keys).unique().join(days, on="customer_id", how="inner")
    forgotten = nw.col("_day").dt.offset_by(f"{COMPLAINT_DAYS}d").cast(nw.Date)
    asked = nw.col("surveyed_on")
    near = near.filter(nw.col("_day") <= asked, forgotten > asked)
    near = near.select(*keys).unique().with_columns(complained=nw.lit(1))
    rows = rows.join(near, on=keys, how="left")
    said = nw.coalesce(nw.col("complained"), nw.lit(0)).cast(nw.Int64)
    return rows.with_columns(complained=said)


def _time_with_us(company) -> nw.Expr:
    """Tenure on the day, in years; text, as it only sorts customers into groups."""
    if not has_dates(company):
        return nw.lit("not known")
    unit = company.time_unit
    year = {**MONTHS, "quarter": 3}.get(unit)
    per_year = 12 // year if year else round(365 / DAYS[unit])
    stayed = completed(nw.col("joined_on"), nw.col("surveyed_on"), unit)
    first = nw.when(stayed < per_year).then(nw.lit("first year"))
    second = nw.when(stayed < 2 * per_year).then(nw.lit("second year"))
    return first.otherwise(second.otherwise(nw.lit("later")))


def _rating_levels(company) -> list[nw.Expr]:
    """Each driver's rating as low, middle or high."""
    drivers = rating_columns(company)
    if not drivers:
        return []
    scale, out = score_scale(company, column="quality"), []
    for name in drivers:
        value = nw.col(name)
        high = nw.when(value >= scale.high_from).then(nw.lit("high"))
        low = nw.when(value <= scale.low_to).then(nw.lit("low"))
        level = low.otherwise(high.otherwise(nw.lit("middle")))
        out.append(nw.when(~value.is_null()).then(level).alias(f"{name}_level"))
    return out


def _met(company) -> nw.Expr:
    """Experience (mean rating) below, about equal to, or above expectation."""
    drivers = rating_columns(company)
    if not drivers or not has_score(company, "expectation"):
        return nw.lit(None).cast(nw.String)
    gap, half = experience(company) - expectation(company), half_a_point(company)
    unknown = gap.is_null()
    sorted_out = (
        nw.when(gap < -half)
        .then(nw.lit("below"))
        .otherwise(nw.when(gap > half).then(nw.lit("above")).otherwise(nw.lit("met")))
    )
    return nw.when(~unknown).then(sorted_out)


def experience(company) -> nw.Expr:
    """Mean of the drivers' ratings, as a part of their scale."""
    low, high = company.settings.scale("quality")
    drivers = rating_columns(company)
    total = nw.col(drivers[0])
    for name in drivers[1:]:
        total = total + nw.col(name)
    return (total / len(drivers) - low) / (high - low)


def expectation(company) -> nw.Expr:
    """Expectation, as a part of its scale."""
    low, high = company.settings.scale("expectation")
    return (nw.col("expectation") - low) / (high - low)


def half_a_point(company) -> float:
    """Half a point of the scale of expectation, and a hair for binary fractions."""
    low, high = company.settings.scale("expectation")
    return 0.5 / (high - low) + 1e-9
