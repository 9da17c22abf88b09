"""One report on its way: refused or prepared, begun, finished, put in place."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from retention.company import is_address
from retention.notebooks import project_root, read, without_paths
from retention.reports import folders, memory, pages, planning, provenance, warning
from retention.reports.article import article
from retention.reports.csvs import csv
from retention.reports.execution import StudyRun, executed
from retention.reports.look import Look, look
from retention.reports.pdf import browser, print_pages
from retention.reports.periods import ReportError, checked_period, month_before
from retention.reports.planning import Plan
from retention.reports.request import Request


@dataclass(frozen=True, eq=False)
class Prepared:
    """A report that can be made: everything that could be refused was not.

    Attributes
    ----------
    request : Request
    company : Company
    plans : list of Plan
    names : dict of str to str
        What stands for absolute paths on paper.
    source : str
        The company as kernels find it.
    home : Path
        Where its periods lie.
    period : str
        Name of the folder.
    look : Look
    seen : dict of str to str
        Fingerprint of each table's files, and of all with the settings, before
        anything ran.
    """

    request: Request
    company: object
    plans: list[Plan]
    names: dict[str, str]
    source: str
    home: Path
    period: str
    look: Look
    seen: dict[str, str]


def prepared(request) -> Prepared:
    """What a report needs, once everything asked for is known to be possible.

    Raises
    ------
    CompanyError, ParameterError, ReportError
        It is not; nothing was written.
    """
    from retention.company import open_company

    if request.pdf:
        browser()
    period = checked_period(request.period)
    source, names = planning.located(request.company)
    there = planning.available_studies(request.notebooks)
    wanted = planning.chosen_studies(request.studies, there)
    company = open_company(request.company, as_of=period or None, strict=request.strict)
    planning.refuse_unknown_column(company, request.by)
    plans = planning.plans(
        company,
        wanted,
        runner={"company": source, "period": period, "by": request.by},
        given=request.parameters,
        window=_window(company, request.months),
    )
    if request.studies:
        planning.refuse_nothing_to_run(plans)
    home = Path(request.out) / (request.under or company.slug)
    folder = settings_folder(source)
    return Prepared(
        request,
        company,
        plans,
        names,
        source,
        home,
        period or company.period,
        look(company, folder),
        _seen(company),
    )


def opened_ahead(made) -> tuple[str, ...]:
    """Company and period that all kernels of a report will open; empty for a server."""
    if is_address(made.source):
        return ()
    return str(project_root() / made.source), checked_period(made.request.period)


@dataclass(eq=False)
class Job:
    """A prepared report under way in a workshop.

    Attributes
    ----------
    prepared : Prepared
    shop : Workshop
    stage : Path or None
        Folder in which the report comes to be, once it has begun.
    articles : dict of str to str
        Inside of the pages of studies that are done, as far as it is drawn up.
    """

    prepared: Prepared
    shop: object
    stage: Path | None = field(init=False, default=None)
    articles: dict[str, str] = field(init=False, default_factory=dict)
    _futures: dict = field(init=False, default_factory=dict)

    def begin(self) -> None:
        """Hand the studies to the workers, and do not wait for them."""
        self.stage = folders.stage(self.prepared.home, self.prepared.period)
        (self.stage / "notebooks").mkdir()
        (self.stage / "records").mkdir()
        for plan in _longest_first(self.prepared):
            if plan.name != planning.LAST:
                self._futures[plan.name] = self._submit(plan)

    def runs(self, progress) -> list[StudyRun]:
        """Outcome of each study in the order of the plans, when all are done."""
        plans = self.prepared.plans
        progress(0, len(plans), None)
        # Until the first kernel starts there is a processor for what pages will need.
        self.prepared.company.quality()
        done = {}
        for plan in sorted(plans, key=lambda plan: plan.name == planning.LAST):
            if plan.name == planning.LAST:
                self._write_records(done.values())
                self._futures[plan.name] = self._submit(plan)
                # It runs alone, so there is a processor for what comes after it.
                self._draw_up(done.values())
            done[plan.name] = self._futures[plan.name].result()
            progress(len(done), len(plans), done[plan.name])
        return [done[plan.name] for plan in plans]

    def _draw_up(self, runs):
        for run in runs:
            if run.status == "done":
                self.articles[run.name] = self.article(run)

    def article(self, run) -> str:
        """Inside of a study's page."""
        if run.name in self.articles:
            return self.articles[run.name]
        notebook = read(self.stage / "notebooks" / f"{run.notebook}.ipynb")
        smallest = provenance.smallest_group(self.prepared.company)
        return article(notebook, smallest=smallest)

    def _submit(self, plan):
        asked = self.prepared.request
        paths = {"records": str(self.stage / "records")}
        if asked.at_risk:
            paths["at_risk"] = str(self.stage / warning.LIST)
        return self.shop.submit(
            executed,
            plan.given(**paths),
            self.stage / "notebooks",
            kernels=self.shop.kernels,
            names={**self.prepared.names, str(self.stage): self.prepared.period},
            timeout=asked.timeout,
        )

    def _write_records(self, runs):
        for run in runs:
            if run.status == "done":
                text = json.dumps(run.record, allow_nan=False)
                _write(self.stage / "records" / f"{run.name}.json", text)


def finished(job, progress):
    """Where the report belongs, its record and the outcome of each study.

    Returns
    -------
    (Path, dict, list of StudyRun)
        The report itself is whole in the job's stage, and not yet in its place.

    Raises
    ------
    ReportError
        The company's files changed while the studies ran.
    OSError
        The report could not be written; an earlier one stands untouched.
    """
    made = job.prepared
    runs = job.runs(progress)
    _refuse_changed_files(made)
    record = provenance.record(
        made.company,
        runs,
        made.request,
        period=made.period,
        source=without_paths(made.source, names=made.names),
        plans=made.plans,
    )
    record["early_warning"] = warning.scored(made.home, made.company, record)
    _write_report(job, runs, record)
    return _target(made.home, made.period, record), record, runs


def _longest_first(made):
    """Plans in the order that leaves no worker idle, as far as it is known.

    Without an earlier report to tell how long each took, more cells take longer.
    """
    newest = next(reversed(memory.records(made.home).values()), {"studies": {}})
    took = {name: study["seconds"] for name, study in newest["studies"].items()}
    return sorted(made.plans, key=lambda p: (-took.get(p.name, 0.0), -p.cells))


def _write_report(job, runs, record):
    made, stage = job.prepared, job.stage
    shutil.rmtree(stage / "records")
    _write(stage / "record.json", provenance.text(record))
    before = memory.previous(made.home, record)
    _write(stage / "index.html", pages.index(record, before, made.look))
    for run in runs:
        if run.status == "done":
            page = pages.study(run.name, job.article(run), record, before, made.look)
            _write(stage / f"{run.name}.html", page)
            if not made.request.keep_notebooks:
                (stage / "notebooks" / f"{run.notebook}.ipynb").unlink()
    if not any((stage / "notebooks").iterdir()):
        (stage / "notebooks").rmdir()
    _write(stage / "quarantine.csv", csv(made.company.quarantined()))
    if made.request.pdf:
        print_pages(stage)


def _seen(company):
    return {**company.fingerprints, "settings": company.fingerprint}


def _write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text if text.endswith("\n") else f"{text}\n")
        file.flush()
        # A full disk may show only when the file is forced out.
        os.fsync(file.fileno())


def _refuse_changed_files(made):
    """Raise ReportError unless the company is still what the studies read."""
    from retention.company import CompanyError, open_company

    try:
        now = _seen(open_company(made.request.company))
    except (CompanyError, OSError):
        now = {}
    moved = [name for name in made.seen if now.get(name) != made.seen[name]]
    if moved:
        raise ReportError(
            f"The files of {made.company.name} changed while the report was made "
            f"({', '.join(moved[:-1]) or 'workbook.toml'}), so its numbers would not "
            "belong together. Run it again when nothing writes there."
        )


def _target(home, period, record):
    """The period's folder, unless a failure would replace a whole report."""
    standing = memory.records(home).get(period)
    whole = standing is not None and not memory.failed_studies(standing)
    if memory.failed_studies(record) and whole:
        return home / f"{period}{folders.FAILED}"
    return home / period


def _window(company, months):
    if not months:
        return ""
    if months < 0 or company.observed_to is None:
        raise ReportError("--months: give a number above 0, for a company with dates.")
    return month_before(company.observed_to, months)


def settings_folder(source) -> Path:
    """Folder in which a company's workbook.toml lies."""
    path = project_root() / source
    return path if path.is_dir() else path.parent
