"""Groups too small to be shown."""

import re

# Columns that say how many customers a row of a table is about.
_COUNTS = {
    "n",
    "customers",
    "people",
    "members",
    "at risk",
    "at_risk",
    "size",
    "answered",
    "asked",
    "referrers",
    "referees",
    "leads",
    "treated",
    "control",
    "answers",
    "followed",
    "found",
    "bought",
    "customers with money",
}
# Groups that have a number for a name.
_NUMBERED = {"score", "answer", "rating", "tier", "class", "tenth", "fifth", "now"}
_WHOLE = re.compile(r"\d[\d,]*(\.0+)?")


def suppress(table, smallest) -> None:
    """Hide the numbers of groups with fewer customers than may be shown.

    Parameters
    ----------
    table : bs4.Tag
        A table with a head. A row is a group if it begins with a word, or with a
        number that names one, such as a score; other rows that begin with a number
        are points in time and stay.
    smallest : int
        Customers a shown group must have.
    """
    head = table.select("thead tr")
    if not head or smallest < 2:
        return
    heads = [c.get_text(" ", strip=True).lower() for c in _cells(head[-1])]
    for row in table.select("tbody tr"):
        cells = _cells(row)
        # What spans several rows is missing at the left of all but the first.
        names = heads[len(heads) - len(cells) :]
        counts = [i for i, name in enumerate(names) if name in _COUNTS]
        if len(cells) != len(names) or not counts:
            continue
        if _is_number(cells[0]) and names[0] not in _NUMBERED:
            continue
        if any(_too_few(cells[i], smallest) for i in counts):
            _hide(cells, counts, smallest)


def _hide(cells, counts, smallest):
    for place, cell in enumerate(cells):
        if place in counts:
            cell.string = f"under {smallest}"
        elif place and ("number" in cell.get("class", "") or _is_number(cell)):
            cell.string = "–"


def _cells(row):
    return row.find_all(["th", "td"], recursive=False)


def _is_number(cell):
    return bool(re.fullmatch(r"[-+−]?[\d.,\s]*\d[\d.,\s%]*", cell.get_text(strip=True)))


def _too_few(cell, smallest):
    text = cell.get_text(strip=True)
    if not _WHOLE.fullmatch(text):
        return False
    return 0 < float(text.replace(",", "")) < smallest
