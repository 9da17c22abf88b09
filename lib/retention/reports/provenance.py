"""Where a report's numbers come from: the content of `record.json`."""

import datetime
import hashlib
import importlib.metadata
import json
import platform
import subprocess

from retention.notebooks import project_root

# Parameters that name a folder of one run.
_PATHS = ("records", "at_risk")
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


def record(company, runs, request, *, period, source, plans) -> dict:
    """Everything needed to judge or repeat a report.

    Parameters
    ----------
    company : Company
    runs : sequence of StudyRun
    request : Request
    period : str
        Name of the folder.
    source : str
        The company's path as it may be shown.
    plans : sequence of Plan

    Returns
    -------
    dict
        Of plain values, ready for JSON.
    """
    definitions = {plan.name: plan.definition for plan in plans}
    return {
        "format": 2,
        "company": {
            "name": company.name,
            "slug": company.slug,
            "label": company.label,
            "currency": company.currency,
            "source": source,
            "fingerprint": company.fingerprint,
            "tables": company.fingerprints,
            "engine": company.engine,
            "rows": company.rows_counted,
        },
        "period": period,
        "window": {
            "observed_from": _iso(company.observed_from),
            "observed_to": _iso(company.observed_to),
            "time_unit": company.time_unit,
        },
        "by": request.by,
        "asked": _asked(request),
        "settings": _sections(company.settings),
        "smallest_group": smallest_group(company),
        "written_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "studies": {
            run.name: {
                **_study(run, company, source),
                "definition": definitions[run.name],
                "months": request.months,
            }
            for run in runs
        },
        "quality": _rows(company.quality()),
        "versions": versions(),
        "commit": commit(),
    }


def text(record) -> str:
    """A record as JSON, keys sorted; nothing in it is infinite or undefined."""
    return json.dumps(record, indent=1, sort_keys=True, allow_nan=False)


def smallest_group(company) -> int:
    """Customers that a group must have to be shown on a page."""
    return company.settings.company.get("smallest_group", 5)


def _asked(request):
    return {
        "period": request.period,
        "studies": list(request.studies),
        "by": request.by,
        "parameters": dict(request.parameters),
        "months": request.months,
        "strict": request.strict,
        "segment": dict(zip(("column", "value"), request.segment, strict=False)),
    }


def _sections(settings):
    """Hash of each section of the settings, so that a changed one can be named."""
    moving = ("observed_to", "logo", "colour", "language", "name")
    found = {}
    for name, content in vars(settings).items():
        if isinstance(content, dict) and name != "notes":
            kept = {k: v for k, v in content.items() if k not in moving}
            text = repr(sorted(kept.items())).encode()
            found[name] = hashlib.blake2b(text, digest_size=6).hexdigest()
    return found


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
    given = {n: v for n, v in run.parameters.items() if n not in _PATHS}
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
    return json.loads(table.to_json(orient="records", date_format="iso"))


def _iso(date):
    return date.isoformat()[:10] if date is not None else None
