"""What a company's customers are valued by, each part counted once."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import pandas as pd

from retention import counts
from retention.survival import HazardFit
from retention.value.products import cross_buy


@dataclass(frozen=True, eq=False)
class Ground:
    """A company with the windows that its customers are valued in.

    Attributes
    ----------
    company : Company
    months : int
        Length of a window asked for.
    overhead : float
        Further cost of each customer-month.
    table : str
        "activity", "orders", or empty for the company's own.
    tier_names : str
        Tiers from low to high, parted by spaces; empty orders them by margin.
    """

    company: object
    months: int = 12
    overhead: float = 0.0
    table: str = ""
    tier_names: str = ""

    @cached_property
    def basis(self) -> counts.Basis:
        """Where the money is read from."""
        return counts.value_basis(self.company, table=self.table)

    @cached_property
    def windows(self) -> list[counts.Window]:
        """Windows of equal length, the last one last."""
        return counts.value_windows(self.company, self.basis, months=self.months)

    @cached_property
    def dated(self) -> bool:
        """Whether joining and leaving have dates, and months their activity."""
        has = self.company.has
        joined = has("customers", "joined_on", "left_on")
        return joined and self.basis.table == "activity"

    def cells(self, rank: str, *, back: int = 0) -> pd.DataFrame:
        """Cells of a window, `back` windows before the last."""
        key = (rank, back)
        if key not in self._known:
            self._known[key] = counts.value_cells(
                self.company,
                self.windows[-1 - back],
                basis=self.basis,
                rank=rank,
                overhead=self.overhead,
            )
        return self._known[key]

    @cached_property
    def kind(self) -> str:
        """What shares are shares of: "net", or "revenue" without margin or profit."""
        if not self.basis.margin:
            return "revenue"
        return "net" if self.cells("revenue")["net"].sum() > 0 else "revenue"

    @property
    def word(self) -> str:
        """What `kind` is called."""
        return self.basis.word if self.kind == "net" else "revenue"

    @cached_property
    def _known(self) -> dict:
        return {}

    def crossed(self, first, second, *, present: bool = False) -> pd.DataFrame:
        """Customers by class in one window and in another."""
        return counts.value_crossed(
            self.company,
            first,
            second,
            basis=self.basis,
            overhead=self.overhead,
            present=present,
        )

    @cached_property
    def ages(self) -> pd.DataFrame:
        """Money in and after customers' first year, in the last window."""
        return counts.margin_by_age(self.company, self.windows[-1], basis=self.basis)

    @cached_property
    def score_rows(self) -> list[pd.DataFrame]:
        """Rows for the high-value score, the last pair of windows last."""
        attribute = next(iter(self.numbers), "")
        return [
            counts.score_rows(
                self.company,
                now,
                then,
                basis=self.basis,
                overhead=self.overhead,
                resources=attribute,
            )
            for now, then in list(pairwise(self.windows))[-2:]
        ]

    @cached_property
    def life_cycle(self) -> pd.DataFrame:
        """Sums of the four life-cycle classes over the last three windows."""
        middle = self.cells("net_per_month", back=1)
        cut = counts.value_cuts(middle, 2, of="net_per_month")
        return counts.class_sums(
            self.company,
            self.windows[-3:],
            basis=self.basis,
            cut=cut[0],
            overhead=self.overhead,
        )

    @cached_property
    def segments(self) -> list[str]:
        """Columns of customers that sort them into groups worth comparing."""
        if not self.company.has_customers:
            return []
        return counts.comparable(self.company, study="customer_value")

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Numeric columns of customers, each with a width for rounding it."""
        if not self.company.has_customers:
            return {}
        return counts.widths(self.company, study="customer_value")

    @cached_property
    def cross_buy(self) -> HazardFit:
        """Hazards of taking a further product."""
        return cross_buy(self.spells)

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Holding spells with the attributes that [drivers] lists, numbers rounded."""
        company = self.company
        drivers = company.settings.drivers
        listed = drivers.get("customer_value", drivers.get("tenure", []))
        by = [c for c in listed or self.segments if c in self.segments][:3]
        numbers = self.numbers
        width = {c: w for c, w in numbers.items() if c in (listed or numbers)}
        return counts.holding_spells(company, by=by, widths=width)

    @cached_property
    def tier_spans(self) -> pd.DataFrame:
        """Customers by the first and the last tier they were seen in."""
        return counts.tier_spans(self.company, self.tiers)

    @cached_property
    def oddities(self) -> dict[str, int]:
        """Rows of money that a reader should know of."""
        return counts.money_oddities(self.company, self.basis)

    @cached_property
    def buyers(self) -> dict[str, list] | None:
        """Customers who buy without a contract; None where there are none to tell."""
        return counts.order_only(self.company)

    @property
    def weeks(self) -> int:
        """Weeks of a window, for what is counted in weeks."""
        return round(self.windows[-1].months * 52 / 12)

    @cached_property
    def tiers(self) -> list[str]:
        """Tiers from low to high; empty where there are none."""
        return counts.tier_order(self.company, self.tier_names)


def ground(
    company,
    *,
    months: int = 12,
    overhead: float = 0.0,
    table: str = "",
    tier_names: str = "",
) -> Ground:
    """Basis and windows of a company, and its cells, each counted once.

    Parameters
    ----------
    company : Company
    months : int
        Length of a window.
    overhead : float
        Further cost of each customer-month, in the company's currency.
    table : {"", "activity", "orders"}
        Where the money is read from; empty takes activity where it is brought.
    tier_names : str
        Tiers from low to high, parted by spaces; empty orders them by their margin in
        [costs].

    Returns
    -------
    Ground

    Raises
    ------
    ValueError
        If there is no such table, or no money in its last window.

    Examples
    --------
    >>> from retention.company import open_company
    >>> base = ground(open_company("data/lakeshore"), months=12)
    >>> len(base.windows), base.word, base.tiers
    (4, 'net margin', ['mass', 'affluent', 'private'])
    """
    found = Ground(company, months, overhead, table, tier_names)
    if not found.windows or not found.cells("revenue")["revenue"].sum() > 0:
        raise ValueError(
            f"{company.name} has no money in the last window of whole months: "
            "check the dates and [population] customer_value in workbook.toml."
        )
    return found


def commonest_reason(company, reason: str = "") -> str:
    """Leave reason asked for, else the commonest one of customers with activity.

    Parameters
    ----------
    company : Company
    reason : str
        Taken as it is where it is not empty.

    Returns
    -------
    str
        A value of customers.leave_reason; empty where none is known.

    Examples
    --------
    >>> from retention.company import open_company
    >>> customers = pd.DataFrame({"customer_id": ["a", "b", "c", "d"],
    ...     "joined_on": "2025-01-01", "left_on": ["2025-06-30"] * 3 + [None],
    ...     "leave_reason": ["voluntary", "voluntary", "involuntary", None]})
    >>> company = open_company({"customers": customers},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> commonest_reason(company)
    'voluntary'
    """
    if reason or not company.has("customers", "leave_reason"):
        return reason
    known = counts.warning_reasons(company)
    return str(known.idxmax()) if len(known) else ""
