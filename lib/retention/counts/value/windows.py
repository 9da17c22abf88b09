"""Which money a company's customers are valued by, and in which windows of time."""

import datetime as dt
from dataclasses import dataclass

import narwhals as nw

from retention.counts.calendar import day_after, month_end
from retention.counts.engine import collect

DATED = {"activity": "month", "orders": "ordered_on"}
MONEY = {"activity": "revenue", "orders": "amount"}


@dataclass(frozen=True)
class Basis:
    """Where customers' money is read from, and what it is called.

    Attributes
    ----------
    table : str
        "activity" (months of a contract) or "orders" (purchases).
    margin : str
        "booked" (a margin column), "rate" (revenue times [economics] margin_rate)
        or "" (none: revenue stands in for it).
    margin_rate : float
        1.0 where revenue stands in.
    contacts : bool
        Whether the cost of contacts can be taken off.
    """

    table: str
    margin: str
    margin_rate: float
    contacts: bool

    @property
    def word(self) -> str:
        """What the value of a customer is called on the page."""
        if not self.margin:
            return "revenue"
        return "net margin" if self.contacts else "margin"

    @property
    def note(self) -> str:
        """One sentence on what the value is and is not."""
        if not self.margin:
            return (
                "No margin is recorded and workbook.toml has no [economics] "
                "margin_rate: everything below is revenue, and says so."
            )
        origin = "booked" if self.margin == "booked" else "a fixed share of revenue"
        served = (
            "minus the cost of the customer's contacts"
            if self.contacts
            else "without the cost of serving, which no table holds"
        )
        return f"Value is {self.word}: margin ({origin}) {served}."


@dataclass(frozen=True, order=True)
class Window:
    """Whole months from the first day of one to the last day of another.

    Attributes
    ----------
    first, last : date
    """

    first: dt.date
    last: dt.date

    @property
    def label(self) -> str:
        """Months it spans: "2025-11 to 2026-10"."""
        return f"{self.first:%Y-%m} to {self.last:%Y-%m}"

    @property
    def months(self) -> int:
        """Number of months."""
        return 12 * (self.last.year - self.first.year) + (
            self.last.month - self.first.month + 1
        )


def value_basis(company, *, table: str = "") -> Basis:
    """Where a company's customer value is read from.

    Parameters
    ----------
    company : Company
    table : {"", "activity", "orders"}
        Empty takes activity where it is brought, and otherwise orders.

    Returns
    -------
    Basis

    Raises
    ------
    ValueError
        If the company does not bring the table.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> basis = counts.value_basis(company)
    >>> basis.table, basis.word, counts.value_basis(company, table="orders").word
    ('activity', 'net margin', 'net margin')
    """
    brought = [name for name in DATED if company.has(name)]
    table = table or (brought[0] if brought else "")
    if table not in brought:
        raise ValueError(
            f"Customer value needs the table activity or orders; {company.name} "
            f"brings {', '.join(brought) or 'neither'}, and "
            f"{table or 'no table'} was asked for."
        )
    rate = company.settings.economics.get("margin_rate")
    booked = company.has(table, "margin") and _any_margin(company, table)
    margin = "booked" if booked else "rate" if rate else ""
    served = bool(margin) and company.has("contacts") and priced(company)
    return Basis(table, margin, float(rate) if margin == "rate" else 1.0, served)


def value_windows(company, basis: Basis, *, months: int = 12) -> list[Window]:
    """Windows of equal length that end with the records, the oldest first.

    Parameters
    ----------
    company : Company
    basis : Basis
    months : int
        Length. Where the records do not hold two windows of it, they are halved, so
        that there is a next one to test on; a single month cannot be.

    Returns
    -------
    list of Window
        Only windows that lie wholly within the records; empty where these do not
        cover a month.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> windows = counts.value_windows(company, counts.value_basis(company))
    >>> [window.label for window in windows[-2:]]
    ['2024-11 to 2025-10', '2025-11 to 2026-10']
    """
    if not 1 <= months <= 60:
        raise ValueError(f"A window has 1 to 60 months, not {months}.")
    end = _end(company)
    first = _first(company, basis)
    if first is None:
        return []
    whole = 12 * (end.year - first.year) + end.month - first.month + 1
    whole -= first.day > 1
    length = months if whole >= 2 * months else max(whole // 2, 1)
    found = [_window(end, length, back) for back in range(whole // length)]
    return found[::-1]


def customer_ids(company, table: str, *, study: str = "customer_value"):
    """Ids of a study's customers; of a table where customers have none of their own.

    Parameters
    ----------
    company : Company
    table : str
        Where ids are read from if the company brings no customers table.
    study : str

    Returns
    -------
    LazyFrame
        `customer_id`, each once.
    """
    rows = company.table(table)
    if company.has_customers:
        rows = company.population(study)
    return rows.select("customer_id").unique()


def priced(company) -> bool:
    """Whether contacts have a cost of their own or a rate in [costs]."""
    rates = company.settings.costs
    return company.has("contacts", "cost") or any(
        name.startswith(("contact_", "minute_")) for name in rates
    )


def last_months(window: Window, months: int) -> Window:
    """The last so many months of a window."""
    first = day_after(_shifted(window.last, -months))
    return Window(max(first, window.first), window.last)


def _any_margin(company, table: str) -> bool:
    margin = company.table(table).select(nw.col("margin").count())
    return bool(collect(margin)["margin"].iloc[0])


def _end(company) -> dt.date:
    """Last day of the last whole month on record."""
    end = company.observed_to
    if end == month_end(f"{end:%Y-%m}"):
        return end
    return end.replace(day=1) - dt.timedelta(days=1)


def _first(company, basis: Basis) -> dt.date | None:
    """First day of the records: declared, else the earliest row."""
    if company.observed_from is not None:
        return company.observed_from
    column = DATED[basis.table]
    row = collect(company.table(basis.table).select(nw.col(column).min()))[column]
    value = row.iloc[0] if len(row) else None
    if value is None or value != value:
        return None
    return dt.date(value.year, value.month, value.day).replace(day=1)


def _window(end: dt.date, length: int, back: int) -> Window:
    last = _shifted(end, -length * back)
    first = day_after(_shifted(last, -length))
    return Window(first, last)


def _shifted(end: dt.date, months: int) -> dt.date:
    """Last day of the month so many months from the one that ends here."""
    at = 12 * end.year + end.month - 1 + months
    return month_end(f"{at // 12:04d}-{at % 12 + 1:02d}")
