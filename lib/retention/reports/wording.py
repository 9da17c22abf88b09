"""Periods as they are read."""

import calendar


def period_name(period) -> str:
    """A period in words.

    Examples
    --------
    >>> period_name("2026-10"), period_name("2026-Q3"), period_name("2026-10-31")
    ('October 2026', 'third quarter of 2026', '31 October 2026')
    """
    parts = period.split("-")
    if len(parts) == 1:
        return "a snapshot without dates" if period == "undated" else period
    if parts[1].startswith("Q"):
        quarter = ("first", "second", "third", "fourth")[int(parts[1][1]) - 1]
        return f"{quarter} quarter of {parts[0]}"
    day = f"{int(parts[2])} " if len(parts) == 3 else ""
    return f"{day}{calendar.month_name[int(parts[1])]} {parts[0]}"
