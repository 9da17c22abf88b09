"""Which columns of the customers table can be compared, and at what width."""

import functools
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import narwhals as nw

from retention.counts.engine import collect

# Known to be keys, outcomes or answers given after joining, never attributes.
NOT_ATTRIBUTES = {
    "customer_id",
    "joined_on",
    "left_on",
    "tenure",
    "left",
    "entry",
    "spell",
    "leave_reason",
    "told_us",
    "referral_code",
    "household_id",
    "rep_id",
}
MOST_LEVELS = 8
FEWEST_CUSTOMERS = 50
_AT_ONCE = 50  # columns a question, where each takes a second
_DISTINCT = 20


def _asked_once(function):
    """The answer about a company and study, kept for as long as the company is."""
    known: WeakKeyDictionary = WeakKeyDictionary()

    @functools.wraps(function)
    def answer(company, *, study: str = "tenure"):
        found = known.setdefault(company, {})
        if study not in found:
            found[study] = function(company, study=study)
        return found[study].copy()

    return answer


@_asked_once
def comparable(company, *, study: str = "tenure") -> list[str]:
    """Columns that sort a study's customers into 2 to 8 groups worth comparing.

    Parameters
    ----------
    company : Company
    study : str
        Whose population is looked at.

    Returns
    -------
    list of str
        In the order of the table. Each group has at least 50 customers. Ids,
        dates, and what is known only after joining or at leaving are not offered.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.comparable(company)[:5]
    ['recorded_source', 'region', 'age_group', 'segment', 'plan']
    """
    frame, kinds = _attributes(company, study)
    whole = [
        n for n, kind in kinds.items() if not (kind.is_float() or kind.is_temporal())
    ]
    levels = _levels(frame, whole)
    few = [name for name in whole if 2 <= levels[name] <= MOST_LEVELS]
    customers = nw.col("n") if company.tenure_form == "counts" else nw.lit(1)
    smallest = _smallest(frame, few, customers)
    return [name for name in few if smallest[name] >= FEWEST_CUSTOMERS]


@_asked_once
def widths(company, *, study: str = "tenure") -> dict[str, float]:
    """Numeric columns, each with a width for rounding it into count cells.

    Parameters
    ----------
    company, study
        As in `comparable`.

    Returns
    -------
    dict of str to float
        Column to width: half its standard deviation, rounded to one digit. Of the
        variance of the column, rounding at that width loses about 2 %.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.widths(company)
    {'engagement': 0.5}
    """
    frame, kinds = _attributes(company, study)
    numbers = [name for name, kind in kinds.items() if kind.is_numeric()]
    levels = _levels(frame, numbers)
    names = [name for name in numbers if levels[name] > MOST_LEVELS]
    if not names:
        return {}
    spread = collect(frame.select(*(nw.col(name).std() for name in names)))
    return {name: float(f"{spread[name].iloc[0] / 2:.1g}") for name in names}


def split(company, names: str, *, study: str = "tenure") -> tuple[list[str], dict]:
    """Columns to group by and columns to round, from a line of names.

    Parameters
    ----------
    company : Company
    names : str
        Column names parted by spaces; empty takes those that workbook.toml lists
        under ``[drivers]``, or else all, as far as `comparable` and `widths` offer
        them.
    study : str

    Returns
    -------
    (list of str, dict of str to float)
        Ready for `tenure(by=..., widths=...)`.

    Raises
    ------
    ValueError
        If a given name is none of the columns on offer.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.split(company, "plan engagement")
    (['plan'], {'engagement': 0.5})
    """
    groups, rounded = comparable(company, study=study), widths(company, study=study)
    asked = names.replace(",", " ").split()
    if not asked:
        listed = company.settings.drivers.get(study, [*groups, *rounded])
        asked = [name for name in listed if name in groups or name in rounded]
    unknown = [name for name in asked if name not in groups and name not in rounded]
    if unknown:
        raise ValueError(
            f"Nothing to compare by {', '.join(unknown)}: the customers table offers "
            f"{', '.join([*groups, *rounded]) or 'no attribute'}."
        )
    return (
        [name for name in asked if name in groups],
        {name: rounded[name] for name in asked if name in rounded},
    )


def _attributes(company, study: str) -> tuple[nw.LazyFrame, dict]:
    """Customers, and the kinds of those columns that may describe them."""
    if company.tenure_form == "counts":
        frame = nw.from_native(company.table("tenure_counts")).lazy()
        known = {"duration", "event", "entry", "cause", "n"}
    else:
        frame, known = nw.from_native(company.population(study)).lazy(), NOT_ATTRIBUTES
    kinds = frame.collect_schema().items()
    return frame, {name: kind for name, kind in kinds if name not in known}


def _levels(frame: nw.LazyFrame, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    # Spark copies every row once for each distinct count of a question.
    at_once = max(len(names), 1) if frame.implementation.is_duckdb() else _DISTINCT
    for k in range(0, len(names), at_once):
        asked = names[k : k + at_once]
        row = collect(frame.select(*(nw.col(name).n_unique() for name in asked)))
        found |= {name: int(row[name].iloc[0]) for name in asked}
    return found


def _smallest(
    frame: nw.LazyFrame, names: Sequence[str], customers: nw.Expr
) -> dict[str, int]:
    """Customers in each column's smallest group; Spark is asked for many at once."""
    at_once = 1 if frame.implementation.is_duckdb() else _AT_ONCE
    found: dict[str, int] = {}
    for k in range(0, len(names), at_once):
        asked = names[k : k + at_once]
        sizes = [
            _sizes(frame, n, customers).with_columns(name=nw.lit(n)) for n in asked
        ]
        counted = collect(nw.concat(sizes) if len(sizes) > 1 else sizes[0])
        found |= counted.groupby("name")["size"].min().astype(int).to_dict()
    return found


def _sizes(frame: nw.LazyFrame, name: str, customers: nw.Expr) -> nw.LazyFrame:
    levels = frame.select(level=nw.col(name), size=customers)
    return levels.group_by("level").agg(nw.col("size").sum()).select("size")
