"""Whole runs: one report, a report for each of many periods."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from retention.reports import folders, history, memory, pages
from retention.reports.csvs import csv
from retention.reports.execution import StudyRun
from retention.reports.job import Job, finished, opened_ahead, prepared
from retention.reports.periods import between
from retention.reports.request import Request
from retention.reports.workshop import workshop

# Periods under way together: while one is written, the next one computes.
_AT_ONCE = 2


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
        Empty where a report that stood was kept.
    record : dict
        Content of its `record.json`.
    before : dict or None
        Record of the period it was compared with.
    exit_code : int
        0, or 1 when a study failed.
    """

    folder: Path
    page: Path
    studies: tuple[StudyRun, ...]
    record: dict
    before: dict | None
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
    company,
    *,
    period: str = "",
    studies=(),
    by: str = "",
    parameters=None,
    out="reports",
    strict: bool = False,
    notebooks=None,
    timeout: int = 900,
) -> RunResult:
    """Report of one period, its folder and its state.

    Parameters
    ----------
    company : str or Path
        Folder or .duckdb file, from the working directory or the project root.
    period, studies, by, parameters, out, strict, notebooks, timeout
        As in `Request`, which has further options.

    Returns
    -------
    RunResult

    Raises
    ------
    CompanyError, ParameterError, ReportError
        What was asked for cannot be done; nothing was written.
    OSError
        The report could not be written; an earlier one stands untouched.

    Examples
    --------
    >>> from retention import reports
    >>> try:
    ...     reports.run("data/lakeshore", by="colour")
    ... except reports.ReportError as error:
    ...     print(str(error).split(". ")[0])
    --by colour: the table customers has no such column
    """
    request = Request(
        company=company,
        period=period or "",
        studies=tuple(studies or ()),
        by=by,
        parameters=dict(parameters or {}),
        out=out,
        strict=strict,
        notebooks=notebooks,
        timeout=timeout,
    )
    return report(request)


def report(request, *, progress=None) -> RunResult:
    """Report of one period, as `run`, from a `Request`.

    Parameters
    ----------
    request : Request
    progress : callable, optional
        Called with (done, total, StudyRun or None) before and after each study.

    Returns
    -------
    RunResult

    Raises
    ------
    CompanyError, ParameterError, ReportError, OSError
        As for `run`.

    Examples
    --------
    >>> from retention import reports
    >>> request = reports.Request(company="data/lakeshore", studies=("weather",))
    >>> try:
    ...     reports.report(request)
    ... except reports.ReportError as error:
    ...     print(str(error).split(". ")[0])
    There is no study weather
    """
    made = prepared(request)
    studies = sum(not plan.skipped for plan in made.plans)
    ahead = opened_ahead(made)
    with folders.locked(made.home), workshop(studies, ahead) as shop:
        job = Job(made, shop)
        try:
            job.begin()
            return _placed(job, progress)
        finally:
            folders.discard(job.stage)


def backfill(request, first, last, *, force: bool = False, progress=None):
    """Reports of all periods from one to another, each as of its own end.

    Parameters
    ----------
    request : Request
        Its period is not used.
    first, last : str
        Months, quarters or years.
    force : bool
        Make periods again that have a report without failures.
    progress : callable, optional
        As for `report`, once for each period.

    Yields
    ------
    RunResult
        One a period, oldest first, as each is put in place. A period that has its
        report is yielded without studies and left as it is, so that a run which was
        cut off goes on where it stopped.

    Examples
    --------
    >>> from retention import reports
    >>> request = reports.Request(company="data/lakeshore")
    >>> try:
    ...     next(reports.backfill(request, "2026-10", "2026-07"))
    ... except reports.ReportError as error:
    ...     print(str(error).split(":")[0])
    From 2026-10 to 2026-07 there are 0 months
    """
    periods = between(first, last)
    made = deque(prepared(replace(request, period=each)) for each in periods)
    home = made[0].home
    standing = {} if force else memory.records(home)
    for period in [p for p in periods if _stands(standing, p)]:
        yield _kept(home, period)
    todo = deque(m for m in made if not _stands(standing, m.period))
    made.clear()
    if todo:
        studies = sum(not p.skipped for m in todo for p in m.plans)
        with folders.locked(home), workshop(studies) as shop:
            yield from _all(todo, shop, progress)


def _all(todo, shop, progress):
    """Finish periods in their order, with the next one already under way."""
    begun = deque()
    try:
        while todo or begun:
            while todo and len(begun) < _AT_ONCE:
                begun.append(Job(todo.popleft(), shop))
                begun[-1].begin()
            yield _placed(begun[0], progress)
            begun.popleft()
    finally:
        for job in begun:
            folders.discard(job.stage)


def _placed(job, progress):
    made = job.prepared
    target, record, runs = finished(job, progress or _quiet)
    # All that could still find the disk full is written before anything is replaced.
    drafts = history_drafts(made.home, made.look, {target.name: record})
    try:
        folders.put_in_place(job.stage, target)
        folders.forget_failed(target)
        folders.adopt(drafts)
    finally:
        for left in drafts.values():
            left.unlink(missing_ok=True)
    before = memory.previous(made.home, record)
    failed = bool(memory.failed_studies(record))
    page = target / "index.html"
    return RunResult(target, page, tuple(runs), record, before, int(failed))


def history_drafts(home, look, added) -> dict[Path, Path]:
    """Company's page and its table of numbers, each beside the file it will become.

    Parameters
    ----------
    home : Path
    look : Look
    added : dict of str to dict
        Records of reports that are about to be put in place, by folder.

    Raises
    ------
    OSError
        They could not be written; none of them is left.
    """
    records = memory.records(home, added=added)
    rows = history.series(records)
    texts = {
        home / "history.csv": csv(history.tidy(rows)),
        home / "index.html": pages.company(records, history.charted(rows), look),
    }
    drafts = {}
    try:
        for path, text in texts.items():
            drafts[path] = folders.draft(path, text)
    except OSError:
        for left in drafts.values():
            left.unlink()
        raise
    return drafts


def _stands(standing, period):
    return period in standing and not memory.failed_studies(standing[period])


def _kept(home, period):
    record = memory.records(home)[period]
    folder = home / period
    before = memory.previous(home, record)
    return RunResult(folder, folder / "index.html", (), record, before, 0)


def _quiet(done, total, study):
    """Progress that nobody watches."""
