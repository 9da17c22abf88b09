"""Group sums of a company's tenure for a Cox model with its attributes."""

from collections.abc import Sequence

import narwhals as nw

from retention.counts.sums import CoxSums, cox_sums
from retention.counts.tenure import NOT_STATED, brought_cells, tenure_frame

# Brought counts are expanded to rows for the model; beyond this they are refused.
MOST_EXPANDED = 5_000_000


def tenure_sums(
    company,
    groups: Sequence[str] = (),
    numbers: Sequence[str] = (),
    *,
    reason: str = "",
    window: tuple[str, str] | None = None,
    study: str = "tenure",
) -> CoxSums:
    """Sums for `retention.survival.cox` from a company's customers.

    Parameters
    ----------
    company : Company
    groups : sequence of str
        Columns whose levels are compared. An empty cell is a level of its own,
        "not stated".
    numbers : sequence of str
        Columns that enter as numbers. Customers without the number are left out.
    reason, window, study
        As in `retention.counts.tenure`.

    Returns
    -------
    CoxSums

    Raises
    ------
    ValueError
        If a column is missing or does not vary, or a count table is too large to be
        expanded to rows.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> sums = counts.tenure_sums(company, ["plan"])
    >>> sums.n, sums.cells["plan"].tolist()
    (22438, ['basic', 'plus', 'premium'])
    """
    if company.tenure_form == "counts":
        frame = nw.from_native(_expanded(company, reason)).lazy()
    else:
        frame = tenure_frame(company, window=window, reason=reason, study=study)
    frame = frame.filter(nw.col("duration") > nw.col("entry"))
    kinds = frame.collect_schema()
    texts = [name for name in groups if kinds.get(name) == nw.String]
    for name in texts:
        stated = nw.coalesce(nw.col(name), nw.lit(NOT_STATED))
        frame = frame.with_columns(stated.alias(name))
    for name in [n for n in (*groups, *numbers) if n in kinds and n not in texts]:
        frame = frame.filter(~nw.col(name).is_null())
    return cox_sums(
        frame, categorical=list(groups), continuous=list(numbers), entry="entry"
    )


def _expanded(company, reason: str):
    """One row a customer of a count table, which the model needs for its ties."""
    cells = brought_cells(company, reason)
    if (total := int(cells["n"].sum())) > MOST_EXPANDED:
        raise ValueError(
            f"The count table stands for {total:,} customers, and a Cox model of a "
            f"count table takes {MOST_EXPANDED:,} at most. Use hazard_regression, "
            "which works on the counts themselves."
        )
    return cells.loc[cells.index.repeat(cells["n"])].drop(columns="n")
