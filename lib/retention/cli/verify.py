"""`retention verify`."""

from retention.cli.progress import bar


def verify(options) -> int:
    """Print what is different from a report made again.

    Returns
    -------
    int
        0 when every number is the same, 1 when one is not.
    """
    from retention import reports

    found = reports.verify(
        options.folder,
        company=options.company or "",
        progress=None if options.quiet else bar(),
    )
    if not options.quiet:
        for row in found.table[found.table["same"] == 0].itertuples(index=False):
            place = " ".join(filter(None, (row.study, row.key, row.what)))
            print(f"{place}: {row.then} then, {row.now} now")
    print(found.summary)
    return 0 if found.same else 1
