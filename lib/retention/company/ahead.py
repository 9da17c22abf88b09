"""A company opened and checked ahead of the processes that will ask for it.

Forks of a process share its memory, so what one has read and checked none of them
needs to read and check again.
"""

from dataclasses import replace
from pathlib import Path

from retention.company.company import Company
from retention.company.errors import CompanyError
from retention.company.sources import find, located
from retention.company.store import Store

MOST_HELD = 10_000_000  # cells of a table: a hundred megabytes, with its texts
_WAITING: dict[tuple, tuple[Company, Store]] = {}


def open_ahead(source: str | Path, *, as_of: str | None = None) -> None:
    """Open a folder's company and check all its tables, for forks of this process.

    The first `open_company` of a fork that asks for the same gets it as it is. It is
    read by a single thread, since others would not survive a fork. Tables of at most
    ten million cells are held in memory, so that no question reads a file again.

    Parameters
    ----------
    source, as_of
        As for `open_company`. What is not counted by the embedded engine is left
        alone: connections cannot be shared.

    Raises
    ------
    CompanyError
        As for `open_company`, and if a table cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from retention.company import open_company
    >>> rows = pd.DataFrame({"customer_id": ["007"], "joined_on": ["2025-01-31"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows.to_csv(Path(folder) / "customers.csv", index=False)
    ...     open_ahead(folder)
    ...     company = open_company(folder)
    >>> company.quality()["used"].tolist()  # the file itself is gone
    [1]
    """
    found = find(source, None)
    if found.engine != "DuckDB" or not located(source).is_dir():
        return
    found.store.alone = True
    company = Company(found, as_of=as_of, strict=False)
    company.quality()
    _hold(company, found.store)
    _WAITING[located(source), as_of] = company, found.store


def _hold(company: Company, store: Store) -> None:
    for name in company.tables:
        checked = company.checked(name)
        if checked.used * len(company.columns(name)) <= MOST_HELD:
            held = replace(checked, clean=store.kept(checked.clean, f"clean_{name}"))
            company._checked[name] = held


def waiting(source, *, as_of: str | None) -> Company | None:
    """Company opened ahead, once; None if there is none that can be used."""
    if not _WAITING or not isinstance(source, str | Path):
        return None
    try:
        company, store = _WAITING.pop((located(source), as_of), (None, None))
    except CompanyError:  # an address, or nothing there: for others to say
        return None
    return company if company and store.taken_over() else None
