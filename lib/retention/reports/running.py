"""A whole run: from a company's files to the pages in their folder."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from retention.notebooks import kernel_surroundings, without_paths
from retention.reports import folders, memory, pages, planning, provenance
from retention.reports.execution import StudyRun, executed

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, eq=False)
class RunResult:
    """Where a report lies and what came of it.

    Attributes
    ----------
    folder : Path
        `<out>/<company>/<period>`, or `...-failed` where a study failed and a
        report without failures already stands for the period.
    page : Path
        The executive page.
    studies : tuple of StudyRun
    exit_code : int
        0, or 1 when a study failed.
    """

    folder: Path
    page: Path
    studies: tuple[StudyRun, ...]
    exit_code: int

    @property
    def summary(self) -> str:
        """How many studies were done, failed and skipped, in one sentence."""
        count = dict.fromkeys(("done", "failed", "skipped"), 0)
        for study in self.studies:
            count[study.status] += 1
        told = [f"{n} {status}" for status, n in count.items() if n]
        noun = "study" if len(self.studies) == 1 else "studies"
        return f"{len(self.studies)} {noun}: {', '.join(told)}."


def run(
    company_source,
    *,
    period=None,
    studies=None,
    by: str = "",
    parameters=None,
    out="reports",
    strict: bool = False,
    notebooks=None,
    timeout: int = 900,
    progress=None,
) -> RunResult:
    """Report written, its folder and its state.

    Parameters
    ----------
    company_source : str or Path
        Folder or .duckdb file, from the working directory or the project root.
    period : str, optional
        "2026-10", "2026-Q3" or "2026-10-31": the report is as of its end. The
        period of the last observed day unless given; "undated" where the company
        brings no dates.
    studies : sequence of str, optional
        Names; all that have a notebook unless given. A study that cannot run is
        skipped and the page says what it lacks; if none of the named ones can run,
        the report is refused.
    by : str
        Column of customers that splits the answers.
    parameters : mapping of str to str, optional
        Values for the notebooks' own parameters.
    out : str or Path
        Gets `<company>/<period>/`.
    strict : bool
        Refuse the company when any row had to be left out.
    notebooks : Path, optional
        Folder of the study notebooks; the project's unless given.
    timeout : int
        Seconds one cell may take.
    progress : callable, optional
        Called with (done, total, StudyRun or None) before and after each study.

    Raises
    ------
    CompanyError, ParameterError, ReportError
        What was asked for cannot be done; nothing was written.
    OSError
        The report could not be written; an earlier one stands untouched.
    """
    from retention.company import open_company

    period = planning.checked_period(period)
    source, names = planning.located(company_source)
    there = planning.available_studies(notebooks)
    wanted = planning.chosen_studies(studies, there)
    company = open_company(company_source, as_of=period or None, strict=strict)
    planning.refuse_unknown_column(company, by)
    runner = {"company": source, "period": period, "by": by}
    plans = planning.plans(company, wanted, runner=runner, given=parameters or {})
    if studies:
        planning.refuse_nothing_to_run(plans)

    home = Path(out) / company.slug
    period = period or company.period
    with folders.staged(home, period) as stage:
        runs = _run_all(plans, stage, names, timeout, progress or _quiet)
        shown = without_paths(source, names=names)
        record = provenance.record(company, runs, period=period, source=shown, by=by)
        _write(stage, home, company, runs, record)
        target = _target(home, period, record)
        folders.put_in_place(stage, target)
        folders.forget_failed(target)
    folders.write(home / "index.html", pages.periods(memory.records(home)))
    failed = bool(memory.failed_studies(record))
    return RunResult(target, target / "index.html", tuple(runs), int(failed))


def _run_all(plans, stage, names, timeout, progress):
    folder = stage / "notebooks"
    folder.mkdir()
    runs = []
    with kernel_surroundings() as kernels:
        progress(0, len(plans), None)
        for plan in plans:
            options = {"kernels": kernels, "names": names, "timeout": timeout}
            runs.append(executed(plan, folder, **options))
            progress(len(runs), len(plans), runs[-1])
    return runs


def _write(stage, home, company, runs, record):
    _write_text(stage / "record.json", json.dumps(record, indent=1, sort_keys=True))
    before = memory.previous(home, record)
    look = pages.look_of(company)
    _write_text(stage / "index.html", pages.index(record, before, look))
    for study in runs:
        if study.status == "done":
            executed_notebook = stage / "notebooks" / f"{study.notebook}.ipynb"
            page = pages.study(study.name, executed_notebook, record, before, look)
            _write_text(stage / f"{study.name}.html", page)
    quarantined = company.quarantined().map(_harmless)
    quarantined.to_csv(stage / "quarantine.csv", index=False, lineterminator="\n")


def _write_text(path, text):
    path.write_text(text + "\n", encoding="utf-8")
    # A full disk may show only when the file is forced out.
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _harmless(cell):
    """Text that a spreadsheet would run as a formula, quoted."""
    risky = isinstance(cell, str) and cell.startswith(_FORMULA_STARTS)
    return f"'{cell}" if risky else cell


def _target(home, period, record):
    """The period's folder, unless a failure would replace a whole report."""
    standing = memory.records(home).get(period)
    whole = standing is not None and not memory.failed_studies(standing)
    if memory.failed_studies(record) and whole:
        return home / f"{period}{folders.FAILED}"
    return home / period


def _quiet(done, total, study):
    """Progress that nobody watches."""
