"""What is known of everybody who was asked, also of those who did not answer."""

from retention.counts.columns import split
from retention.counts.engine import collect
from retention.counts.satisfaction.asked import STUDY, has_dates

MOST_CELLS = 1_500
LEVELS = 24  # of a number rounded at a quarter of its standard deviation


def known_of_invited(company, names: str = "") -> tuple[list[str], dict[str, float]]:
    """Columns by which answering can be explained, and widths for the numbers.

    Parameters
    ----------
    company : Company
    names : str
        Columns of customers parted by spaces; empty takes the numbers first and
        then those with the fewest levels, while their combinations stay under
        1,500 and so remain cells with customers in them.

    Returns
    -------
    (list of str, dict of str to float)
        For `survey_losses(by=..., widths=...)`. `complained` and `time_with_us` are
        in it where contacts and dates are known.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.known_of_invited(company, "plan engagement")
    (['complained', 'time_with_us', 'plan'], {'engagement': 0.5})
    """
    own = ["complained"] * company.has("contacts", "reason")
    own += ["time_with_us"] * has_dates(company)
    if not company.has_customers:
        return own, {}
    groups, widths = split(company, names, study=STUDY)
    if names:
        return [*own, *groups], widths
    widths = {name: width / 2 for name, width in list(widths.items())[:2]}
    cells = 2 * 3 * LEVELS ** len(widths)
    levels = _levels(company, groups)
    for name in sorted(groups, key=lambda g: (levels[g], groups.index(g))):
        if cells * levels[name] > MOST_CELLS:
            break
        cells, own = cells * levels[name], [*own, name]
    return own, widths


def _levels(company, groups: list[str]) -> dict[str, int]:
    people = company.population(STUDY)
    return {g: len(collect(people.select(g).unique())) for g in groups}
