"""Programmes and who enrolled in them."""

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect
from retention.counts.loyalty_money.months import of_study
from retention.counts.programme import members


def programmes(company, *, study: str = "loyalty") -> pd.DataFrame:
    """Programmes with the customers who enrolled, largest first.

    Parameters
    ----------
    company : Company
    study : str

    Returns
    -------
    DataFrame
        `programme` ("" where memberships name none), `members`, and `first` and
        `last`, the first and last enrolment.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.programmes(company)
              programme  members      first       last
    0  Lakeshore Circle     5784 2024-12-01 2026-10-01
    """
    frame = of_study(company, company.table("memberships"), study)
    named = company.has("memberships", "programme")
    name = nw.coalesce(nw.col("programme"), nw.lit("")) if named else nw.lit("")
    frame = frame.with_columns(programme=name).filter(~nw.col("enrolled_on").is_null())
    found = frame.group_by("programme").agg(
        nw.col("customer_id").n_unique().alias("members"),
        nw.col("enrolled_on").min().alias("first"),
        nw.col("enrolled_on").max().alias("last"),
    )
    order = ["members", "programme"]
    return collect(found).sort_values(order, ascending=[False, True], ignore_index=True)


def main_programme(company, programme: str = "", *, study: str = "loyalty") -> str:
    """Programme asked for; of several the one with most members; "" if only one.

    Parameters
    ----------
    company : Company
    programme : str
        Name asked for; empty leaves the choice to the table.
    study : str
        Whose population is counted.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the name is none of them, with those there are.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.main_programme(company, "Lakeshore Circle")
    'Lakeshore Circle'
    """
    names = programmes(company, study=study)["programme"].tolist()
    if programme and programme not in names:
        raise ValueError(
            f"No programme is called {programme!r}. Members have joined: "
            f"{', '.join(names[:5]) or 'none'}."
        )
    return programme or (names[0] if len(names) > 1 else "")


def enrolments(company, programme: str = "", *, study: str = "loyalty") -> nw.LazyFrame:
    """Everybody of the population with the first enrolment, if any. Lazy.

    Parameters
    ----------
    company : Company
        With memberships.
    programme : str
        One of `programmes`; by default the one with most members.
    study : str
        Whose population is counted.

    Returns
    -------
    LazyFrame
        `customer_id`, `enrolled_on` (missing = never), `ended_on`, and `holdout`
        (1 held out, 0 not, missing = not in the draw).

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> people = counts.collect(counts.enrolments(company))
    >>> people["holdout"].value_counts(dropna=False).sort_index()
    holdout
    0        7988
    1        2821
    <NA>    11629
    Name: count, dtype: Int64
    """
    people = company.population(study).select("customer_id").unique()
    return people.join(members(company, programme), on="customer_id", how="left")
