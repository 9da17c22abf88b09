"""`retention check` and `retention simulate`."""


def check(options) -> int:
    """Print what a company's tables hold and which studies can run."""
    from retention.company import check_report, open_company

    print(check_report(open_company(options.company, strict=options.strict)))
    return 0


def simulate(options) -> int:
    """Write a simulated company and print its folder."""
    from retention.simulate import DEFAULT_SEED, write_company

    seed = DEFAULT_SEED if options.seed is None else options.seed
    write_company(options.out, seed=seed, scale=options.scale)
    print(options.out)
    return 0
