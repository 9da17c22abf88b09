"""Landmarks to learn from and to test on."""

import datetime as dt

from retention.counts.calendar import day_after
from retention.counts.early_warning.features import (
    month_before,
)

HISTORY_MONTHS = 6


def warning_days(
    company, *, horizon: int, most: int = 6, history: int = HISTORY_MONTHS
) -> tuple[list[dt.date], dt.date, dt.date]:
    """Landmarks to learn from, one to test on, and today.

    Parameters
    ----------
    company : Company
    horizon : int
        Months looked ahead.
    most : int
        Landmarks to learn from, `horizon` months apart, at most.
    history : int
        Months of records that must lie before a landmark.

    Returns
    -------
    (list of date, date, date)
        Month ends. What the training landmarks were followed to ends by the test
        landmark, so that the test is on a time that the model has not seen. The list
        is empty where the records are too short.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> train, test, today = counts.warning_days(company, horizon=6, most=2)
    >>> [str(day) for day in (*train, test, today)]
    ['2025-04-30', '2025-10-31', '2026-04-30', '2026-10-31']
    """
    today = company.observed_to
    if today != month_before(today, 0):
        today = month_before(today, 1)
    test = month_before(today, horizon)
    train = [month_before(test, horizon * (k + 1)) for k in range(most)]
    first = company.observed_from
    if first is not None:
        train = [day for day in train if day_after(month_before(day, history)) >= first]
    return train[::-1], test, today
