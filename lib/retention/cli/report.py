"""`retention report`."""

import os
from pathlib import Path

from retention.cli.progress import bar


def report(options) -> int:
    """Run the studies, print a line for each and the path of the page."""
    from retention.reports import run

    result = run(
        options.company,
        period=options.period,
        studies=options.study,
        by=options.by,
        parameters=_parameters(options.parameters),
        out=options.out,
        strict=options.strict,
        progress=None if options.quiet else bar(),
    )
    if not options.quiet:
        for study in result.studies:
            print(_line(study))
    print(_short(result.page))
    return result.exit_code


def _parameters(given):
    from retention.notebooks import ParameterError

    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise ParameterError(f"-p {text}: write it as name=value.")
        found[name.strip()] = value
    return found


def _line(study):
    if study.status == "done":
        said = study.record["answers"][0]["sentence"]
        return f"{study.name:<15} done     {said}"
    return f"{study.name:<15} {study.status:<8} {study.reason}"


def _short(page):
    """Path from the working directory where that is shorter to read."""
    relative = os.path.relpath(page)
    return Path(page).resolve() if relative.startswith("..") else relative
