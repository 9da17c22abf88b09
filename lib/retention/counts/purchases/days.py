"""Cut-off days, cohorts, and whose orders are counted."""

import datetime as dt
from collections.abc import Mapping, Sequence

import narwhals as nw

Choice = Mapping[str, Sequence]
Day = dt.date | str


def cutoff_days(company, as_of: Day | None, holdout_weeks: int) -> tuple:
    """The cut-off day and the last day of the holdout, both on record."""
    if not company.has("orders"):
        raise ValueError(
            f"{company.name} brings no orders; purchases are counted from orders with "
            "customer_id, ordered_on and amount."
        )
    length = dt.timedelta(weeks=holdout_weeks)
    cutoff = date_of(as_of) if as_of else company.observed_to - length
    if holdout_weeks < 0 or cutoff + length > company.observed_to:
        raise ValueError(
            f"{holdout_weeks} weeks after {cutoff} do not end by "
            f"{company.observed_to}, the last day on record: choose an earlier as_of "
            "or a shorter holdout."
        )
    return cutoff, cutoff + length


def in_cohort(bought, cutoff: dt.date, cohort: tuple[Day, Day] | None, *, ticks=1):
    """Only customers whose first day lies between two days."""
    if cohort is None:
        return bought
    first, last = ((date_of(day) - cutoff).days * ticks for day in cohort)
    begin = nw.col("first") > first - ticks
    return bought.filter(begin, nw.col("first") <= last)


def date_of(day: Day) -> dt.date:
    """A day given as a date or written as 2025-10-31."""
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is not a day; write it as 2025-10-31.") from error


def must_bring(company, value: str) -> None:
    """Refuse what is no money, and a company whose orders do not have it."""
    if value not in ("amount", "margin"):
        raise ValueError(f"value is {value!r}; it can be amount or margin.")
    if not company.has("orders", value):
        raise ValueError(
            f"The orders of {company.name} have no column {value!r}: use "
            'value="amount" and call the result revenue.'
        )


def chosen_customers(company, where: Choice, study: str):
    """Customers of a study with these values of their columns."""
    people = company.population(study)
    names = people.collect_schema().names()
    for column, values in where.items():
        if column not in names:
            raise ValueError(
                f"No column named {column} in the customers table. It has: "
                f"{', '.join(sorted(names))}."
            )
        people = people.filter(nw.col(column).is_in(list(values)))
    return people
