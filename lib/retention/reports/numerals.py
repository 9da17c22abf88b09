"""Numbers of a table as they are printed: grouped, without digits that say nothing."""

import math
import re

_WHOLE = re.compile(r"[-−]?\d+")
_ROUND = re.compile(r"([-−]?[\d,]+)\.0+")
_DECIMAL = re.compile(r"[-−]?[\d,]+\.\d+")
_NOTHING = re.compile(r"0\.(0+)")
_GROUPED_FROM = 10_000
_DIGITS = 4


def print_numbers(table) -> None:
    """Write the numbers of each column of a table as a reader expects them.

    Parameters
    ----------
    table : bs4.Tag
        Cells of class `number` are changed. Decimals are cut where every number of
        the column keeps four digits without them.

    Examples
    --------
    >>> from bs4 import BeautifulSoup
    >>> cells = "".join(f'<tr><td class="number">{n}</td></tr>' for n in (12345, 7))
    >>> table = BeautifulSoup(f"<table><tbody>{cells}</tbody></table>", "html.parser")
    >>> print_numbers(table)
    >>> [cell.get_text() for cell in table.select("td")]
    ['12,345', '7']
    """
    heads = table.select("thead tr")
    names = [c.get_text(strip=True) for c in _cells(heads[-1])] if heads else []
    columns = {}
    for row in table.select("tbody tr"):
        # From the right: a cell that spans rows is missing at the left.
        for place, cell in enumerate(reversed(_cells(row))):
            if "number" in cell.get("class", ""):
                columns.setdefault(place, []).append(cell)
    for place, cells in columns.items():
        name = names[-1 - place] if place < len(names) else ""
        before = _texts(cells)
        for cell, was, text in zip(cells, before, _printed(name, before), strict=True):
            if text != was:
                cell.string = text


def _cells(row):
    return row.find_all(["th", "td"], recursive=False)


def _texts(cells):
    return [cell.get_text(strip=True) for cell in cells]


def _printed(name, texts):
    """Texts of a column as they are printed."""
    if name == "p":
        found = [(text, _NOTHING.fullmatch(text)) for text in texts]
        return [f"< 0.{nil[1][1:]}1" if nil else text for text, nil in found]
    if _is_whole(texts):
        texts = [_ROUND.sub(r"\1", text) for text in texts]
    texts = _cut(texts)
    whole = [text for text in texts if _WHOLE.fullmatch(text)]
    if any(abs(_number(text)) >= _GROUPED_FROM for text in whole):
        grouped = {text: f"{_number(text):,}" for text in whole}
        texts = [grouped.get(text, text) for text in texts]
    return [re.sub(r"^-(?=\d)", "−", text) for text in texts]


def _cut(texts):
    """Decimals of a column, as many as its smallest number needs for four digits."""
    numbers = [text for text in texts if text not in ("", "–", "NaN")]
    decimal = {t: _value(t) for t in numbers if _DECIMAL.fullmatch(t)}
    sizes = [abs(value) for value in decimal.values() if value]
    if not sizes or not all(t in decimal or _WHOLE.fullmatch(t) for t in numbers):
        return texts
    places = max(_DIGITS - 1 - math.floor(math.log10(min(sizes))), 0)
    given = max(len(t.partition(".")[2]) for t in decimal)
    if places >= given:
        return texts
    short = {text: f"{value:,.{places}f}" for text, value in decimal.items()}
    return [short.get(text, text) for text in texts]


def _value(text):
    return float(text.replace(",", "").replace("−", "-"))


def _is_whole(texts):
    """Whether all of a column is whole though written with decimals, and no share."""
    rounds = [_ROUND.fullmatch(text) for text in texts if text not in ("", "–", "NaN")]
    return all(rounds) and any(_number(found[1]) > 1 for found in rounds if found)


def _number(text):
    return int(text.replace(",", "").replace("−", "-"))
