"""Periods, verdicts and numbers as they are read."""

import calendar
import re

# Each verdict after a number of sayings.
_VERDICTS = {
    "HOLDS": ("holds", "hold"),
    "DOES NOT HOLD": ("does not hold", "do not hold"),
    "UNDECIDED": ("is undecided", "are undecided"),
    "NOT IDENTIFIABLE": ("cannot be told", "cannot be told"),
    "INCONSISTENT": ("contradicts itself", "contradict themselves"),
}
# What a number may not be parted from at the end of a line.
_UNITS = re.compile(r"(?<=\d) (?=%)|(?<=\b[A-Z]{3}) (?=[-−]?\d)")


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


def verdict_counts(sayings) -> str:
    """How many sayings have each verdict.

    Examples
    --------
    >>> found = ["HOLDS", "UNDECIDED", "HOLDS"]
    >>> verdict_counts([{"verdict": verdict} for verdict in found])
    '2 hold, 1 is undecided'
    """
    verdicts = [saying["verdict"] for saying in sayings]
    order = dict.fromkeys([*_VERDICTS, *verdicts])
    counts = {verdict: verdicts.count(verdict) for verdict in order}
    return ", ".join(
        f"{n} {_VERDICTS.get(verdict, (verdict.lower(),) * 2)[n > 1]}"
        for verdict, n in counts.items()
        if n
    )


def unbroken(text) -> str:
    """Text in which no line ends between a number and its unit.

    Examples
    --------
    >>> unbroken("EUR 12, 3 %") == "EUR\N{NO-BREAK SPACE}12, 3\N{NO-BREAK SPACE}%"
    True
    """
    return _UNITS.sub("\N{NO-BREAK SPACE}", text)
