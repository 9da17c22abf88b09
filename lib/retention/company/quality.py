"""What a company's tables hold, and which studies they suffice for."""

import narwhals as nw
import pandas as pd

from retention.company.quarantine import size
from retention.schema import STUDIES, TABLES


def quality(company) -> pd.DataFrame:
    """One row a table, as `Company.quality` documents it."""
    rows = []
    for name in company.tables:
        clean = company.table(name)
        c = company.checked(name)
        share = _share_still_here(clean, c.used) if name == "customers" else None
        counts = c.read, c.used, c.bin.total, c.bin.skipped
        rows.append((name, *counts, c.first, c.last, share))
    names = ["table", "read", "used", "quarantined", "not_yet", "first_date"]
    found = pd.DataFrame(rows, columns=[*names, "last_date", "share_still_here"])
    return found.astype({"share_still_here": float})


def runnable(company) -> pd.DataFrame:
    """One row a study, as `Company.runnable` documents it."""
    rows = []
    for study in STUDIES.values():
        missing = [m for need in study.needs if (m := _missing(company, need))]
        reason = "missing: " + "; and ".join(missing) if missing else ""
        silence = company.silence if "left_on" in reason else None
        if silence is not None and not silence.trusted:
            reason += f". Here {silence.reason}"
        rows.append((study.name, not missing, reason))
    return pd.DataFrame(rows, columns=["study", "runnable", "reason"])


def _share_still_here(customers: nw.LazyFrame, n: int) -> float | None:
    names = customers.collect_schema().names()
    if "left_on" in names:
        here = nw.col("left_on").is_null()
    elif "left" in names:
        here = nw.col("left") == 0
    else:
        return None
    return size(customers.filter(here)) / max(n, 1)


def _missing(company, need) -> str:
    """What each alternative of a need still lacks; "" if one lacks nothing."""
    lacking = [[i for i in option if not _meets(company, i)] for option in need]
    if not all(lacking):
        return ""
    return ", or ".join(_named(company, items) for items in lacking)


def _named(company, items: list[str]) -> str:
    """Missing columns, as a whole table where the company does not bring it."""
    table = items[0].partition(".")[0]
    if table in TABLES and table not in company.tables:
        columns = ", ".join(i.partition(".")[2] for i in items)
        return f"a table {table} ({columns})"
    return " and ".join(items)


def _meets(company, item: str) -> bool:
    if item.startswith("["):
        section, key = item[1:].split("] ")
        return key in getattr(company.settings, section)
    return company.has(*item.split("."))
