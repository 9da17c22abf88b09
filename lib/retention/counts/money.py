"""What customers pay, by period of tenure, beside who was there to pay."""

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from retention.counts.calendar import completed
from retention.counts.engine import collect, with_bucket
from retention.counts.once import once
from retention.counts.risk import periods
from retention.counts.tenure import NOT_STATED, tenure_counts, tenure_frame

# A month's payment is dated to the middle of the month: right on average, whatever
# the day on which customers join.
_MIDDLE = "15d"


@dataclass(frozen=True)
class MoneySource:
    """Where a company's money is read from and what it stands for.

    Attributes
    ----------
    table, day, amount : str
        The table, and its columns with the date and the revenue.
    kind : str
        "margin" where the table has it, "assumed margin" where
        ``[economics] margin_rate`` of workbook.toml stands in, else "revenue".
    rate : float
        Margin per unit of revenue where it is assumed; 1 where money is revenue.
    """

    table: str
    day: str
    amount: str
    kind: str
    rate: float = 1.0

    @property
    def word(self) -> str:
        """Margin or revenue, for labels."""
        return "revenue" if self.kind == "revenue" else "margin"

    @property
    def sentence(self) -> str:
        """What the money is, as a page says it."""
        said = {
            "margin": f"Money is the margin in the table {self.table}.",
            "assumed margin": f"Money is {self.rate:.0%} of the revenue in the table "
            f"{self.table}, as workbook.toml assumes: no margin is recorded.",
            "revenue": f"Money is the revenue in the table {self.table}, as no margin "
            "is recorded: every worth below is a worth in revenue and not in profit.",
        }
        return said[self.kind]


def money_source(company) -> MoneySource:
    """Table and columns from which a company's money is read.

    Parameters
    ----------
    company : Company

    Returns
    -------
    MoneySource
        `activity` where it is brought, else `orders`: never both, because orders
        may be what activity sums.

    Raises
    ------
    ValueError
        If the company brings neither.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> source = counts.money_source(company)
    >>> source.table, source.day, source.amount, source.kind
    ('activity', 'month', 'revenue', 'margin')
    """
    for table, day, amount in (
        ("activity", "month", "revenue"),
        ("orders", "ordered_on", "amount"),
    ):
        if company.has(table, day, amount):
            return MoneySource(table, day, amount, *_kind(company, table))
    raise ValueError(
        f"{company.name} brings neither activity nor orders, so nothing is known of "
        "what its customers pay."
    )


@once
def payments(
    company,
    *,
    by: Sequence[str] = (),
    bucket: bool = False,
    across: int = 0,
    window: tuple[str, str] | None = None,
    study: str = "leaky_bucket",
) -> pd.DataFrame:
    """Customers at risk, customers lost and money paid in each period of tenure.

    Parameters
    ----------
    company : Company
        One that brings dates, and `activity` or `orders`.
    by : sequence of str
        Columns of the customers table that become strata.
    bucket : bool
        Add the column `bucket` for the grouped jackknife.
    across : int
        Count only customers who were seen both in and after this period; 0 counts
        all.
    window : (str, str), optional
        First and last month to use; all months with payments by default.
    study : str
        Whose population (``[population]`` in workbook.toml) is counted.

    Returns
    -------
    DataFrame
        The strata, `period` of tenure (1, 2, ...), `bucket` where asked for,
        `at_risk` (customers who began the period under observation), `events` (who
        left in it), `n` (whose observation began with it: they add up to the
        customers), `revenue` and `margin` (paid in it by all of them together;
        `margin` as :func:`money_source` says, and rows without one at the ratio of
        the others). Only months from the first to the last payment on record count.

    Raises
    ------
    ValueError
        If a column of `by` does not exist or there is no money.

    Examples
    --------
    >>> import datetime as dt
    >>> from retention.company import open_company
    >>> company = open_company({
    ...     "customers": pd.DataFrame({
    ...         "customer_id": ["a", "b"],
    ...         "joined_on": [dt.date(2025, 1, 1)] * 2,
    ...         "left_on": [dt.date(2025, 2, 10), None],
    ...     }),
    ...     "activity": pd.DataFrame({
    ...         "customer_id": ["a", "a", "b", "b", "b"],
    ...         "month": [dt.date(2025, m, 1) for m in (1, 2, 1, 2, 3)],
    ...         "revenue": [10.0, 10.0, 20.0, 20.0, 25.0],
    ...     }),
    ... }, settings={"company": {"observed_to": dt.date(2025, 3, 31)}})
    >>> payments(company)[["period", "at_risk", "events", "n", "revenue"]]
       period  at_risk  events  n  revenue
    0       1        2       0  2     30.0
    1       2        2       1  0     30.0
    2       3        1       0  0     25.0
    """
    source = money_source(company)
    customers = _customers(company, _span(company, source, window), study, across)
    customers = _stated(customers, by)
    keys = [*by, *(["bucket"] if bucket else [])]
    cells = tenure_counts(customers, by=by, bucket=bucket)
    paid = _paid(company, source, customers, by, bucket)
    found = periods(cells, by=keys)
    entered = cells.assign(period=cells["entry"] + 1)
    entered = entered.groupby([*keys, "period"], as_index=False)["n"].sum()
    for more in (entered, paid):
        found = found.merge(more, on=[*keys, "period"], how="left")
    money = ["n", "revenue", "margin"]
    found = found.fillna(dict.fromkeys(money, 0)).astype({"n": "int64"})
    return found.sort_values([*by, "period", *keys[len(by) :]], ignore_index=True)


def money_flow(company, *, study: str = "leaky_bucket") -> pd.DataFrame:
    """Revenue at each step from the table to the estimate.

    Parameters
    ----------
    company : Company
    study : str
        Whose population is counted.

    Returns
    -------
    DataFrame
        `step`, `rows` and `revenue` (whole units): what the money table holds, what
        other customers paid, what was paid outside the whole periods under
        observation (before joining, after leaving, in a period cut off), and what is
        used. The left-out rows and the last row add up to the first.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.money_flow(company)
                                     step    rows   revenue
    0               in the table activity  514422  31563475
    1                  of other customers       0         0
    2  outside the whole periods observed       0         0
    3                                used  514422  31563475
    """
    source = money_source(company)
    rows = company.table(source.table)
    customers = _customers(company, _span(company, source, None), study, 0)
    ids = company.population(study).select("customer_id").unique()
    own = rows.join(ids, on="customer_id", how="inner")
    used = _dated(company, source, rows, customers.select(*_SPELL))
    found = [_total(frame, source) for frame in (rows, own, used)]
    steps = {
        f"in the table {source.table}": found[0],
        "of other customers": found[0] - found[1],
        "outside the whole periods observed": found[1] - found[2],
        "used": found[2],
    }
    table = pd.DataFrame(steps).T.rename_axis("step").reset_index()
    return table.round({"revenue": 0}).astype({"rows": "int64", "revenue": "int64"})


_SPELL = ("customer_id", "joined_on", "entry", "duration")


def _kind(company, table: str) -> tuple[str, float]:
    if company.has(table, "margin"):
        return "margin", 1.0
    rate = company.settings.economics.get("margin_rate")
    return ("assumed margin", float(rate)) if rate is not None else ("revenue", 1.0)


def _customers(company, span: tuple[str, str], study: str, across: int):
    """Spells of the study's customers, observed while money was on record."""
    frame = tenure_frame(company, window=span, study=study)
    if "start_seen" in frame.collect_schema().names():
        frame = frame.filter(nw.col("start_seen") == 1)
    frame = frame.filter(nw.col("duration") > nw.col("entry"))
    if across:
        frame = frame.filter(nw.col("entry") < across, nw.col("duration") > across)
    return frame


def _span(company, source: MoneySource, window) -> tuple[str, str]:
    """First and last month with payments on record, within a window."""
    day = nw.col(source.day)
    rows = company.table(source.table)
    ends = rows.select(day.min().alias("first"), day.max().alias("last"))
    first, last = (pd.Timestamp(v) for v in collect(ends).iloc[0][["first", "last"]])
    if pd.isna(first):
        raise ValueError(f"The table {source.table} holds no payment.")
    end = min(last.date(), company.tenure_to)
    begin, over = window or ("0000-00", "9999-99")
    return max(f"{first:%Y-%m}", begin), min(f"{end:%Y-%m}", over)


def _stated(frame, by: Sequence[str]):
    columns = frame.collect_schema()
    texts = [name for name in by if columns.get(name) == nw.String]
    named = [nw.coalesce(nw.col(t), nw.lit(NOT_STATED)).alias(t) for t in texts]
    return frame.with_columns(*named) if named else frame


def _dated(company, source: MoneySource, rows, customers):
    """Payments with the period of tenure they fall in, if that was observed."""
    day = nw.col(source.day)
    if source.day == "month":
        day = day.dt.offset_by(_MIDDLE)
    period = completed(nw.col("joined_on"), day, company.time_unit) + 1
    dated = rows.join(customers, on="customer_id", how="inner")
    dated = dated.with_columns(period=period)
    if source.day == "month":
        # Who joins late in a month pays for it before the first period's middle.
        early = nw.col("period") == 0
        first = nw.when(early).then(nw.lit(1)).otherwise(nw.col("period"))
        dated = dated.with_columns(period=first)
    return dated.filter(
        nw.col("period") > nw.col("entry"), nw.col("period") <= nw.col("duration")
    )


def _paid(company, source: MoneySource, customers, by, bucket: bool) -> pd.DataFrame:
    rows = company.table(source.table)
    names = ["customer_id", source.day, source.amount]
    names += ["margin"] if source.kind == "margin" else []
    spells = customers.select(*dict.fromkeys([*_SPELL, *by]))
    spells = with_bucket(spells) if bucket else spells
    dated = _dated(company, source, rows.select(*names), spells)
    keys = [*by, *(["bucket"] if bucket else []), "period"]
    amount = nw.col(source.amount)
    sums = {"revenue": amount.sum()}
    if source.kind == "margin":
        known = nw.when(~nw.col("margin").is_null()).then(amount)
        sums |= {"margin": nw.col("margin").sum(), "known": known.sum()}
    paid = collect(dated.group_by(*keys).agg(**sums))
    return _with_margin(paid, source).astype({"period": "int64"})


def _with_margin(paid: pd.DataFrame, source: MoneySource) -> pd.DataFrame:
    if source.kind != "margin":
        return paid.assign(margin=source.rate * paid["revenue"])
    paid = paid.fillna({"margin": 0.0, "known": 0.0})
    known = paid["known"].sum()
    ratio = paid["margin"].sum() / known if known else 0.0
    rest = paid["revenue"] - paid["known"]
    return paid.assign(margin=paid["margin"] + ratio * rest).drop(columns="known")


def _total(frame, source: MoneySource) -> pd.Series:
    sums = frame.select(
        nw.len().alias("rows"), nw.col(source.amount).sum().alias("revenue")
    )
    return collect(sums).iloc[0].fillna(0).astype(float)
