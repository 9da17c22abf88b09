"""What `retention check COMPANY` prints."""

from pathlib import Path

import pandas as pd

from retention.company.company import Company
from retention.company.quarantine import sentence
from retention.schema import STUDIES

_EXAMPLES = 5


def check_report(company: Company, *, quarantine: str | Path | None = None) -> str:
    """Text on every table and every study of a company.

    Parameters
    ----------
    company : Company
    quarantine : path, optional
        Where the rows set aside were written, to be named in the text.

    Returns
    -------
    str
        Per table: rows read, used, set aside by rule with examples and repair,
        first and last date, share still here. Per study: runnable, or what is
        missing.

    Raises
    ------
    CompanyError
        If a table cannot be used at all.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.company import check_report, open_company
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": ["a", "b", "c"],
    ...     "joined_on": ["2025-01-01", "2025-02-01", "2025-03-01"],
    ...     "left_on": [None, "2025-01-01", None],
    ... })}, settings={"company": {"name": "Acme", "observed_to": "2025-12-31"}})
    >>> text = check_report(company)
    >>> print(text[text.index("customers"):text.index("    Correct")].strip())
    customers
      3 rows read, 2 used, 1 set aside
      2025-01-01 to 2025-03-01
      100.0% still here
      1 x left_before_joined: the customer left before it joined
          frame customers, line 2: left_on '2025-01-01'
    """
    quality = company.quality()
    parts = [_head(company)]
    for row in quality.itertuples():
        parts.append("\n".join([_table(row), *_set_aside(company, row.table)]))
    if company.unused:
        parts.append(f"Not used (no table has this name): {', '.join(company.unused)}")
    parts.append("\n".join(["Studies", *_studies(company)]))
    if quality["quarantined"].sum():
        where = f", listed in {quarantine}" if quarantine else ""
        parts.append(f"Rows set aside: {quality['quarantined'].sum():,}{where}")
    return "\n\n".join(parts) + "\n"


def _head(company: Company) -> str:
    until = f"observed to {company.observed_to}" if company.observed_to else "no dates"
    if company.observed_to and not company.as_of:
        declared = "observed_to" in company.settings.company
        until += "" if declared else " (the latest date in the data; none is declared)"
    since = f"observed from {company.observed_from}"
    if company.observed_from is None:
        since = "everyone counts as seen from joining (observed_from is not declared)"
    lines = [f"{company.name} ({company.label})", f"  {since}", f"  {until}"]
    if company.tenure_to != company.observed_to:
        lines.append(f"  leaving known to {company.tenure_to}")
    return "\n".join(lines)


def _table(row) -> str:
    lines = [f"{row.table}", f"  {row.read:,} rows read, {row.used:,} used"]
    if row.quarantined:
        lines[1] += f", {row.quarantined:,} set aside"
    if row.not_yet:
        lines[1] += f", {row.not_yet:,} dated later"
    if row.first_date is not None and not pd.isna(row.first_date):
        lines.append(f"  {row.first_date} to {row.last_date}")
    if not pd.isna(row.share_still_here):
        lines.append(f"  {row.share_still_here:.1%} still here")
    return "\n".join(lines)


def _set_aside(company: Company, table: str) -> list[str]:
    counts = company.rule_counts()
    listed = company.checked(table).bin.rows
    lines = []
    for rule in counts[counts["table"] == table].itertuples():
        lines.append(f"  {rule.rows:,} x {rule.rule}: {rule.means}")
        same = listed[
            (listed["rule"] == rule.rule) & (listed["column"] == rule.column)
        ].head(_EXAMPLES)
        lines += [f"      {_place(row)}" for row in same.itertuples()]
        lines.append(f"    {rule.repair}")
    return lines


def _place(row) -> str:
    """Where one row is and what it says, without the repair."""
    return sentence(row).partition(": ")[0] + f": {row.column} {row.value!r}"


def _studies(company: Company) -> list[str]:
    lines = []
    for row in company.runnable().itertuples():
        state = "can run" if row.runnable else f"cannot run; {row.reason}"
        lines.append(f"  {STUDIES[row.study].notebook}: {state}")
    return lines
