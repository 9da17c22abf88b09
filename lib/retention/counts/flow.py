"""Who is counted, who is left out, and why."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import (
    day_after,
    half_windows,
    instant,
    period_bounds,
)
from retention.counts.engine import collect
from retention.counts.tenure import brought_cells, tenure, tenure_frame


def about(company, *, window=None, study: str = "tenure") -> str:
    """Who a study is about and when they were observed, in one sentence.

    Parameters
    ----------
    company : Company
    window, study
        As in `retention.counts.tenure`.

    Returns
    -------
    str

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> for part in counts.about(company).split(", "):
    ...     print(part)
    Lakeshore (SIMULATED): customers with business subscription
    observed from 2022-11-01 to 2026-10-31. Time is counted in whole months.
    """
    who, seen = _population(company, study), ""
    if company.tenure_form == "dates":
        start, end = period_bounds(company, window)
        since = f"observed from {start}" if start else "seen since they joined,"
        seen = f", {since} to {end}"
    unit = f"Time is counted in whole {company.time_unit}s."
    return f"{company.name} ({company.label}): {who}{seen}. {unit}"


def halves(company, window=None, *, study: str = "tenure") -> dict[str, pd.DataFrame]:
    """Tenure tables of the two halves of a window, to see whether the answer moved.

    Parameters
    ----------
    company : Company
    window, study
        As in `retention.counts.tenure`.

    Returns
    -------
    dict of str to DataFrame
        The months to their tenure table. Empty where the company brings no dates,
        does not say from when on customers were observed, or the window is shorter
        than a year.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> two = counts.halves(company)
    >>> {months: int(table["n"].sum()) for months, table in two.items()}
    {'only 2022-11 to 2024-10': 15228, 'only 2024-11 to 2026-10': 17723}
    """
    if company.tenure_form != "dates":
        return {}
    return {
        f"only {first} to {last}": tenure(company, window=(first, last), study=study)
        for first, last in half_windows(company, window)
    }


def _population(company, study: str) -> str:
    kept = company.settings.population.get(study)
    if not kept:
        return "all customers"
    choices = [
        f"{column.replace('_', ' ')} {' or '.join(map(str, values))}"
        for column, values in kept.items()
    ]
    return f"customers with {' and '.join(choices)}"


def tenure_flow(company, *, window=None, study: str = "tenure") -> pd.DataFrame:
    """Customers at each step from the table to the estimate.

    Parameters
    ----------
    company : Company
    window, study
        As in `retention.counts.tenure`.

    Returns
    -------
    DataFrame
        Columns `step` (text) and `customers` (int), in order: the population of
        the study, those left out and why, and those used. The left-out rows and
        the last row add up to the first.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.tenure_flow(company)
                          step  customers
    0        in the population      22438
    1  joined after the window          0
    2   left before the window          0
    3     no whole period seen          0
    4                     used      22438
    """
    if company.tenure_form == "counts":
        counted = brought_cells(company)
        used = int(counted.query("duration > entry")["n"].sum())
        total = int(counted["n"].sum())
        late = total - used
        return _flow([("in the count table", total), ("no whole period seen", late)])
    population = company.population(study)
    steps = [("in the population", _size(population))]
    if company.tenure_form == "dates":
        start, end = period_bounds(company, window)
        later = population.filter(nw.col("joined_on") >= instant(day_after(end)))
        steps.append(("joined after the window", _size(later)))
        if start is not None:
            before = population.filter(nw.col("left_on") < instant(start))
            steps.append(("left before the window", _size(before)))
    frame = tenure_frame(company, window=window, study=study)
    partial = frame.filter(nw.col("duration") <= nw.col("entry"))
    steps.append(("no whole period seen", _size(partial)))
    return _flow(steps)


def _size(frame) -> int:
    return int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])


def _flow(steps: list[tuple[str, int]]) -> pd.DataFrame:
    used = steps[0][1] - sum(n for _, n in steps[1:])
    return pd.DataFrame([*steps, ("used", used)], columns=["step", "customers"])
