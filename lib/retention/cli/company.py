"""`retention check` and `retention simulate`."""

from pathlib import Path


def check(options) -> int:
    """Print what a company's tables hold, and list the rows that were set aside."""
    from retention.company import check_report, open_company

    company = open_company(options.company, strict=options.strict)
    listed = None
    if company.quality()["quarantined"].any():
        folder = Path(options.out) / company.slug
        folder.mkdir(parents=True, exist_ok=True)
        listed = company.write_quarantine(folder / "quarantine.csv")
    print(check_report(company, quarantine=listed))
    return 0


def simulate(options) -> int:
    """Write a simulated company and print its folder."""
    from retention.company import CompanyError
    from retention.simulate import DEFAULT_SEED, write_company

    seed = DEFAULT_SEED if options.seed is None else options.seed
    try:
        write_company(options.out, seed=seed, scale=options.scale)
    except ValueError as error:
        raise CompanyError(f"{error}.") from error
    print(options.out)
    return 0
