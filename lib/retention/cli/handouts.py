"""`retention handouts`."""

from pathlib import Path


def handouts(options) -> int:
    """Write copies of the notebooks, or everything for a class, and say where."""
    from retention.notebooks import write_handouts
    from retention.reports import available_studies
    from retention.reports.planning import chosen_studies

    chosen = chosen_studies(options.study, available_studies())
    if options.name or options.seed is not None:
        return _for_a_class(chosen.values(), options)
    for path in write_handouts(chosen.values(), options.out):
        print(path)
    return 0


def _for_a_class(notebooks, options) -> int:
    from retention.company import CompanyError
    from retention.company.slug import slug
    from retention.notebooks.handouts import write_class

    if not options.name or options.seed is None:
        raise CompanyError("A class needs both: --class spring-2027 --seed 7.")
    out = Path(options.out)
    if options.out == "reports/handouts":
        out = out / slug(options.name)
    try:
        made = write_class(notebooks, out, name=options.name, seed=options.seed)
    except ValueError as error:
        raise CompanyError(str(error)) from error
    print(made.summary)
    return 0
