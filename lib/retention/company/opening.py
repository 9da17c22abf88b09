"""The door: a company from a folder, a DuckDB file, an engine or frames."""

from collections.abc import Mapping
from pathlib import Path

from retention.company.ahead import waiting
from retention.company.company import Company
from retention.company.sources import find


def open_company(
    source: str | Path | Mapping,
    *,
    as_of: str | None = None,
    strict: bool = False,
    settings: Mapping | str | Path | None = None,
) -> Company:
    """Company at a folder, in a DuckDB file, in an engine, or made of frames.

    Only file names, settings and headers are read; each table is read and checked
    when it is first asked for.

    Parameters
    ----------
    source : str, Path or mapping
        A folder with CSV or Parquet files named after the tables and an optional
        workbook.toml; a DuckDB file (settings beside it, under the same name with
        the ending .toml); an address, ``postgresql://reader@host/shop?settings=a.toml``
        or ``spark://local[2]?folder=data/acme`` (passwords come from the environment);
        or frames by table name: pandas, pyarrow, or lazy ones of
        DuckDB, Spark or Ibis, which stay where they are. A relative path counts
        from the current folder, and then from the project's.
    as_of : str, optional
        Report as if on that day: "2026-10" (its last day), "2026-Q3" or a date.
        Rows dated later are not read, and what ended later has not ended yet.
    strict : bool
        Any row set aside is an error.
    settings : mapping or path, optional
        A mapping is laid over workbook.toml; a path replaces it.

    Returns
    -------
    Company

    Raises
    ------
    CompanyError
        If there is no company there, or its settings are wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": ["007", "008"],
    ...     "joined_on": ["2025-01-31", "2025-03-01"],
    ...     "left_on": [None, "2025-06-30"],
    ... })}, settings={"company": {"name": "Acme", "observed_to": "2025-12-31"}})
    >>> company.quality()[["table", "read", "used", "share_still_here"]]
           table  read  used  share_still_here
    0  customers     2     2               0.5
    """
    if settings is None and not strict:
        opened = waiting(source, as_of=as_of)
        if opened is not None:
            return opened
    return Company(find(source, settings), as_of=as_of, strict=strict)
