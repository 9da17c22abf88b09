"""What a table and a column declare."""

from dataclasses import dataclass

KINDS = (
    "id",  # text: "007" and a 20-digit number stay what they are
    "text",
    "date",
    "moment",  # a date with an optional time of day
    "month",  # a date or 2026-10; stored as the first day of the month
    "period",  # a date, 2026, 2026-Q3 or 2026-10; stored as its last day
    "number",
    "amount",  # money, in the company's currency
    "whole",
    "flag",  # 0 or 1
    "score",  # a number on a declared scale
)


@dataclass(frozen=True)
class Column:
    """One column: its name, what kind of value it holds and the rules it obeys.

    Parameters
    ----------
    name : str
    kind : str
        One of `KINDS`.
    required : bool
        Without it the table is refused.
    filled : bool
        Every row must have a value (rows without one are quarantined).
    refers : bool
        The value is a `customer_id` of the customers table.
    ends : bool
        A date that is empty as long as it has not come (`left_on`); it can have
        `still_here` values, and under `as_of` a later one becomes empty.
    one_of : tuple of str
        The words allowed; empty means any.
    at_least : float, optional
        Smallest value allowed.
    unit : str
        Unit or meaning, for the documentation.
    """

    name: str
    kind: str
    required: bool = False
    filled: bool = False
    refers: bool = False
    ends: bool = False
    one_of: tuple[str, ...] = ()
    at_least: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """One table: its columns, its key and the date that decides what is known when.

    Parameters
    ----------
    name : str
    columns : tuple of Column
    key : tuple of str
        Columns that identify a row, as far as the table has them. Empty: equal
        rows are meant (two calls on one day are two calls).
    date : str
        The column that decides under `as_of`; "" if the table has no date.
    whole_row : bool
        No key, but two rows equal in every column are one row exported twice.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    date: str = ""
    whole_row: bool = False

    def column(self, name: str) -> Column | None:
        """Column of this name, or None for an attribute of the company's own."""
        return next((c for c in self.columns if c.name == name), None)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table is refused."""
        return tuple(c.name for c in self.columns if c.required)
