"""`retention report`, for one period, many periods, or each segment."""

import os
import sys
from pathlib import Path

from retention.cli.progress import bar, log


def report(options) -> int:
    """Make the report or reports asked for, and print what they say.

    Returns
    -------
    int
        0, or 1 when a study failed in any of them.
    """
    if options.log_json:
        log("start", company=options.company)
    _refuse_contradictions(options)
    making = _segments if options.each else _periods if options.first else _single
    code = making(_request(options), options)
    if options.log_json:
        log("end", exit_code=code)
    return code


def _single(request, options):
    from retention import reports

    result = reports.report(request, progress=_progress(options))
    _tell(result, options)
    return result.exit_code


def _periods(request, options):
    from retention import reports

    periods = reports.backfill(
        request,
        options.first,
        options.last,
        force=options.force,
        progress=_progress(options),
    )
    code = 0
    for result in periods:
        code = max(code, result.exit_code)
        if result.studies:
            _tell(result, options)
        elif not options.quiet:
            print(f"Kept: {_short(result.page)}", flush=True)
    return code


def _segments(request, options):
    from retention import reports

    code = 0
    for run in reports.each(request, options.each, progress=_progress(options)):
        if run.result:
            code = max(code, run.result.exit_code)
            _tell(run.result, options)
        else:
            print(f"{run.value}: no report, {run.reason}.", file=sys.stderr)
    return code


def _tell(result, options):
    """Print the summary, or only the page where quiet is asked for."""
    from retention.reports import markdown

    page = _short(result.page)
    if options.log_json:
        log("report", page=str(page), summary=result.summary, period=result.folder.name)
    text = markdown(result.record, result.before, page)
    print(page if options.quiet else f"{text}\n", flush=True)


def _progress(options):
    if options.log_json:
        return _logged
    return None if options.quiet else bar()


def _logged(done, total, study):
    if study is not None:
        state = {"status": study.status, "reason": study.reason}
        log("study", study=study.name, seconds=study.seconds, **state)


def _request(options):
    from retention.reports import Request

    return Request(
        company=options.company,
        period=options.period or "",
        studies=tuple(options.study or ()),
        by=options.by,
        parameters=_parameters(options.parameters),
        months=options.months,
        strict=options.strict,
        at_risk=options.at_risk,
        keep_notebooks=options.notebooks,
        pdf=options.pdf,
        out=options.out,
        timeout=options.timeout,
    )


def _refuse_contradictions(options):
    from retention.reports import ReportError

    if bool(options.first) != bool(options.last):
        raise ReportError("--from and --to go together: --from 2025-11 --to 2026-10.")
    if options.first and (options.period or options.each):
        raise ReportError("--from and --to go with neither --period nor --each.")
    if options.force and not options.first:
        raise ReportError("--force goes with --from and --to.")


def _parameters(given):
    from retention.notebooks import ParameterError

    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise ParameterError(f"-p {text}: write it as name=value.")
        found[name.strip()] = value
    return found


def _short(page):
    """Path from the working directory where that is shorter to read."""
    relative = os.path.relpath(page)
    return Path(page).resolve() if relative.startswith("..") else relative
