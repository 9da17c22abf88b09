"""`retention studies`."""

import textwrap


def studies(options) -> int:
    """Print every study: its question, notebook, needs and parameters."""
    from retention.reports import available_studies
    from retention.schema import STUDIES

    runnable = _runnable(options.company)
    for name, path in available_studies().items():
        print(f"{name}: {STUDIES[name].title}")
        print(f"  notebook    notebooks/{path.name}")
        print(_paragraph("needs", _needs(STUDIES[name])))
        if name in runnable:
            print(_paragraph("here", runnable[name]))
        _print_parameters(path)
    return 0


def _runnable(company):
    """What to say of each study on a company; empty when none is named."""
    if company is None:
        return {}
    from retention.company import open_company

    rows = open_company(company).runnable().itertuples(index=False)
    return {row.study: "can run" if row.runnable else row.reason for row in rows}


def _needs(study):
    """Needs as one reads them: groups of columns, alternatives joined by "or"."""
    groups = [
        " or ".join(", ".join(alternative) for alternative in need)
        for need in study.needs
    ]
    return "; and ".join(groups)


def _print_parameters(path):
    from retention.notebooks import parameters, read
    from retention.reports.planning import SET_BY_RUNNER

    for parameter in parameters(read(path)):
        default = "" if parameter.default == "" else f", {parameter.default} unless set"
        told = f"{parameter.name} ({parameter.type}{default}): {parameter.help}"
        print(_paragraph(SET_BY_RUNNER.get(parameter.name, "-p"), told))


def _paragraph(word, text):
    return textwrap.fill(
        text,
        width=88,
        initial_indent=f"  {word:<11} ",
        subsequent_indent=" " * 14,
        break_long_words=False,
        break_on_hyphens=False,
    )
