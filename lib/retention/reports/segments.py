"""One report for each value of a column: a company of its own per segment."""

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from retention.reports import folders, memory, pages
from retention.reports.job import settings_folder
from retention.reports.look import look
from retention.reports.periods import ReportError
from retention.reports.planning import located
from retention.reports.running import RunResult, report

_MOST = 60
_UNKNOWN = "not recorded"


@dataclass(frozen=True, eq=False)
class SegmentRun:
    """What came of one segment.

    Attributes
    ----------
    value : str
    result : RunResult or None
        None where there is no report.
    reason : str
        Why not; "" where there is one.
    """

    value: str
    result: RunResult | None
    reason: str = ""


def each(request, column, *, progress=None):
    """A report for each value of a column of customers, and their index.

    Each segment is written for the run as a company that has only its customers,
    and only tables that say whose their rows are: what the whole company shares,
    its costs for one, cannot be divided, and the studies that need it are skipped.

    Parameters
    ----------
    request : Request
    column : str
    progress : callable, optional
        As for `report`, once for each segment.

    Yields
    ------
    SegmentRun
        In the order of the values. Values with fewer customers than the smallest
        group get no report, and a segment that fails does not end the others.

    Raises
    ------
    ReportError
        The column is not there, or has more than 60 values.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from retention import reports
    >>> few = pd.DataFrame({"customer_id": ["a", "b"], "region": ["N", "W"],
    ...                     "joined_on": "2025-01-01", "left_on": ""})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     few.to_csv(Path(folder) / "customers.csv", index=False)
    ...     request = reports.Request(company=folder, out=Path(folder) / "reports")
    ...     for segment in reports.each(request, "region"):
    ...         print(f"{segment.value}: no report, {segment.reason}")
    N: no report, it has fewer than 5 customers
    W: no report, it has fewer than 5 customers
    """
    from retention.company import open_company

    company = open_company(request.company, strict=request.strict)
    sizes = _sizes(company, column)
    home = Path(request.out) / company.slug / f"by-{_safe(column)}"
    rows, found = [], []
    for value, size in sizes.items():
        under = f"{company.slug}/by-{_safe(column)}/{_safe(value)}"
        run = _one(company, request, column, value, size, under, progress)
        rows.append(_row(run, home))
        found += [run.result.record] if run.result else []
        yield run
    if found:
        shown = look(company, settings_folder(located(request.company)[0]))
        folders.write(home / "index.html", _index(company, found, column, rows, shown))


def _one(company, request, column, value, size, under, progress):
    smallest = company.settings.company.get("smallest_group", 5)
    if size < smallest:
        return SegmentRun(value, None, f"it has fewer than {smallest} customers")
    from retention.company import CompanyError

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            _write_company(company, Path(folder), column, value)
            asked = replace(
                request, company=folder, under=under, segment=(column, value)
            )
            return SegmentRun(value, report(asked, progress=progress))
        except (CompanyError, ReportError) as error:
            return SegmentRun(value, None, str(error).replace(folder, value))


def _sizes(company, column):
    """Customers by value, the values in their order."""
    customers = company.table("customers")
    if not company.has("customers", column):
        raise ReportError(
            f"--each {column}: the table customers has no such column. "
            "`retention check` lists what it has."
        )
    values = customers.select(column).collect().to_pandas()[column]
    sizes = values.astype("string").fillna(_UNKNOWN).value_counts().sort_index()
    if len(sizes) > _MOST:
        raise ReportError(
            f"--each {column}: it has {len(sizes):,} values, and {_MOST} reports are "
            "the most. Take a column with fewer."
        )
    return sizes.to_dict()


def _write_company(company, folder, column, value):
    """A company of one segment: our names and types, rows that are not set aside."""
    import narwhals as nw

    text = nw.coalesce(nw.col(column).cast(nw.String), nw.lit(_UNKNOWN))
    own = company.table("customers").filter(text == value)
    ids = own.select("customer_id").unique()
    own.sink_parquet(folder / "customers.parquet")
    for table in company.tables:
        frame = company.table(table)
        if table != "customers" and "customer_id" in frame.collect_schema().names():
            mine = frame.join(ids, on="customer_id", how="semi")
            mine.sink_parquet(folder / f"{table}.parquet")
    _write_settings(company, folder, value)


def _write_settings(company, folder, value):
    sections = {n: v for n, v in vars(company.settings).items() if isinstance(v, dict)}
    sections["company"] = {**sections["company"], "name": f"{company.name}, {value}"}
    # Its files have our names already, and are read here wherever they came from.
    for gone in ("tables", "engine"):
        sections.pop(gone, None)
    sections["company"].pop("logo", None)
    if company.observed_to:
        sections["company"]["observed_to"] = company.observed_to
    text = "\n".join(_section(name, keys) for name, keys in sections.items() if keys)
    (folder / "workbook.toml").write_text(text, encoding="utf-8")


def _section(name, keys):
    lines = [f"{_toml(str(key))} = {_toml(value)}" for key, value in keys.items()]
    return "\n".join([f"[{name}]", *lines])


def _toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        inside = (f"{_toml(str(k))} = {_toml(v)}" for k, v in value.items())
        return "{ " + ", ".join(inside) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)


def _quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    odd = (c for c in set(escaped) if ord(c) < 32 or ord(c) == 127)
    for c in odd:
        escaped = escaped.replace(c, f"\\u{ord(c):04x}")
    return f'"{escaped}"'


def _safe(value):
    """A value as the name of one folder; two values never share one.

    Examples
    --------
    >>> _safe("north"), _safe("../..")
    ('north', 'company-9ae83f98')
    """
    from retention.company.slug import slug

    name = slug(str(value))
    if name == value:
        return name
    return f"{name}-{hashlib.blake2b(str(value).encode(), digest_size=4).hexdigest()}"


def _row(run, home):
    link, answers = "", []
    if run.result:
        link = run.result.page.relative_to(home).as_posix()
        answers = [
            {"title": s["title"], "sentence": s["answers"][0]["sentence"]}
            for s in run.result.record["studies"].values()
            if s["status"] == "done"
        ]
    failed = bool(run.result) and bool(memory.failed_studies(run.result.record))
    return {
        "value": run.value,
        "link": link,
        "failed": failed,
        "reason": run.reason,
        "answers": answers,
    }


def _index(company, found, column, rows, shown):
    whole = {**found[0]["company"], "name": company.name, "label": company.label}
    return pages.segments({**found[0], "company": whole}, column, rows, shown)
