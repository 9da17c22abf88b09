"""Where a report's numbers come from: the content of `record.json`."""

import datetime
import importlib.metadata
import platform
import subprocess

from retention.notebooks import project_root

_PACKAGES = (
    "retention-workbook",
    "pandas",
    "numpy",
    "scipy",
    "statsmodels",
    "lifelines",
    "narwhals",
    "duckdb",
    "matplotlib",
    "papermill",
)


def record(company, runs, *, period, source, by) -> dict:
    """Everything needed to judge or repeat a report.

    Parameters
    ----------
    company : Company
    runs : sequence of StudyRun
    period : str
        Name of the folder.
    source : str
        The company's path as it may be shown.
    by : str

    Returns
    -------
    dict
        Of plain values, ready for JSON.
    """
    return {
        "format": 1,
        "company": {
            "name": company.name,
            "slug": company.slug,
            "label": company.label,
            "currency": company.currency,
            "source": source,
            "fingerprint": company.fingerprint,
        },
        "period": period,
        "window": {
            "observed_from": _iso(company.observed_from),
            "observed_to": _iso(company.observed_to),
            "time_unit": company.time_unit,
        },
        "by": by,
        "written_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "studies": {run.name: _study(run, company, source) for run in runs},
        "quality": _rows(company.quality()),
        "versions": versions(),
        "commit": commit(),
    }


def versions() -> dict[str, str]:
    """Version of Python and of each package that numbers pass through."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """Git commit of the project, "+" added where files differ; "" without git."""
    root = project_root()
    if not (root / ".git").exists():
        return ""
    found = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    return f"{found}+" if found and changed else found


def _git(root, *words):
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.strip()


def _study(run, company, source):
    told = {key: value for key, value in run.record.items() if key != "study"}
    given = dict(run.parameters)
    if "company" in given:
        given["company"] = source
    return {
        "status": run.status,
        "reason": run.reason,
        "title": run.title,
        "notebook": run.notebook,
        "parameters": given,
        "seconds": run.seconds,
        "note": company.settings.notes.get(run.name, ""),
        **told,
    }


def _rows(table):
    import json

    return json.loads(table.to_json(orient="records", date_format="iso"))


def _iso(date):
    return date.isoformat()[:10] if date is not None else None
