"""HTML fragments made safe, readable by keyboard and the same everywhere."""

import re

from retention.reports.numerals import print_numbers
from retention.reports.small import suppress

_DANGEROUS = set(
    """script style iframe object embed form input button select textarea link meta
    base svg template noscript title head video audio""".split()  # noqa: SIM905
)
_TEXT = set(
    """p br hr h2 h3 h4 h5 h6 ul ol li dl dt dd strong em b i s del code pre
    blockquote a sup sub abbr span div table caption thead tbody tfoot tr th td
    details summary img""".split()  # noqa: SIM905
)
_MATH = set(
    """math mrow mi mn mo msub msup msubsup mfrac msqrt mroot mover munder munderover
    mtable mtr mtd mtext mspace mstyle mpadded mphantom menclose""".split()  # noqa: SIM905
)
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "abbr": {"title"},
}
_MATH_ATTRIBUTES = {
    "display",
    "stretchy",
    "fence",
    "accent",
    "mathvariant",
    "columnalign",
    "linethickness",
    "lspace",
    "rspace",
    "width",
    "displaystyle",
    "movablelimits",
}
_UNNAMED = "Table"
_DATE = re.compile(r"\d{4}-(\d\d(-\d\d)?|Q\d)")
_LONG = 24  # letters: a narrow screen gives them a column that is wide enough
_COLUMN_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_NUMBER = re.compile(r"[-+−]?[\d.,\s]*\d[\d.,]*\s*(%|[A-Za-z]{0,7})?|[-–—]|NaN|")


def cleaned(html, *, written: bool = False, smallest: int = 0):
    """Fragment with only known tags; tables in boxes that scroll and take focus.

    Parameters
    ----------
    html : str
    written : bool
        True for prose: links and formulas are kept.
    smallest : int
        Groups of fewer customers are not shown in tables.

    Returns
    -------
    markupsafe.Markup

    Examples
    --------
    >>> cleaned("<p onclick='x()'>a<script>b</script> &lt;i&gt;</p>")
    Markup('<p>a &lt;i&gt;</p>')
    """
    from bs4 import BeautifulSoup
    from markupsafe import Markup

    soup = BeautifulSoup(f"<div>{html}</div>", "html.parser")
    _drop_comments(soup)
    for element in soup.find_all(list(_DANGEROUS)):
        element.decompose()
    allowed = _TEXT | _MATH if written else _TEXT - {"a"}
    for element in soup.find_all(True):
        _reduce(element, allowed)
    for table in soup.find_all("table"):
        _box(soup, table)
        suppress(table, smallest)
        print_numbers(table)
    return Markup(soup.div.decode_contents())


def labelled(html) -> str:
    """Page's inside whose boxes of tables are named by their headings, each once.

    Examples
    --------
    >>> box = '<div aria-label="Table" class="table"></div>'
    >>> labelled(f"<h2>Data</h2>{box}{box}")
    '<h2>Data</h2><div aria-label="Data" class="table"></div><div aria-label="Data, \
table 2" class="table"></div>'
    """
    from bs4 import BeautifulSoup

    soup, seen = BeautifulSoup(html, "html.parser"), {}
    for box in soup.select("div.table"):
        heading = box.find_previous(["h2", "h3", "h4"])
        name = box["aria-label"]
        if name == _UNNAMED and heading:
            name = heading.get_text(" ", strip=True)
        seen[name] = seen.get(name, 0) + 1
        box["aria-label"] = name if seen[name] == 1 else f"{name}, table {seen[name]}"
    return soup.decode(formatter="minimal")


def _drop_comments(soup):
    from bs4.element import PreformattedString

    for comment in soup.find_all(string=lambda s: isinstance(s, PreformattedString)):
        comment.extract()


def _reduce(element, allowed):
    if element.name == "h1":
        element.name = "h2"
    if element.name not in allowed or _loads_something(element):
        element.unwrap()
        return
    kept = _MATH_ATTRIBUTES if element.name in _MATH else _ATTRIBUTES.get(element.name)
    element.attrs = {k: v for k, v in element.attrs.items() if k in (kept or ())}
    if element.name == "a":
        element["rel"] = "noreferrer"


def _loads_something(element):
    if element.name == "img":
        return not str(element.get("src", "")).startswith("data:image/")
    if element.name == "a":
        return not re.match(r"https?://|#|mailto:", str(element.get("href", "")))
    return False


def _box(soup, table):
    for cell in table.select("td, tbody th"):
        text = cell.get_text().strip()
        if cell.name == "td" and _NUMBER.fullmatch(text):
            cell["class"] = "number"
        elif _DATE.fullmatch(text):
            cell["class"] = "date"
        elif len(text) > _LONG:
            cell["class"] = "long"
    _name_index(table)
    _drop_counter(table)
    for cell in table.find_all("th"):
        _scope(cell)
    _align_headings(table)
    label = table.caption.get_text(" ", strip=True) if table.caption else _UNNAMED
    box = soup.new_tag("div", attrs={"class": "table", "tabindex": "0"})
    box["role"], box["aria-label"] = "region", label
    table.wrap(box)


def _scope(cell):
    """Say what a heading heads; an empty one heads nothing."""
    in_head = cell.find_parent("thead") is not None
    cell["scope"] = "col" if in_head else "row"
    text = cell.get_text(strip=True)
    if in_head and _COLUMN_NAME.fullmatch(text):
        cell.string = text.replace("_", " ")
    if not text:
        cell.name = "td"
        del cell["scope"]


def _name_index(table):
    """Set the names of the index beside those of the columns, as one row."""
    rows = table.select("thead tr")
    if len(rows) != 2:
        return
    columns, index = (row.find_all("th") for row in rows)
    pairs = list(zip(columns, index, strict=False))
    both = any(a.get_text(strip=True) and b.get_text(strip=True) for a, b in pairs)
    if both or len(columns) != len(index):
        return
    for column, name in pairs:
        if name.get_text(strip=True):
            column.string = name.get_text(strip=True)
    rows[1].decompose()


def _drop_counter(table):
    """Take away an index without a name that only numbers the rows."""
    rows = table.select("thead tr, tbody tr")
    firsts = [row.find(["th", "td"], recursive=False) for row in rows]
    texts = [cell.get_text(strip=True) if cell else "" for cell in firsts]
    body = texts[len(table.select("thead tr")) :]
    if not (body and firsts[-1].name == "th" and all(map(str.isdigit, body))):
        return
    numbers = [int(text) for text in body]
    counted = numbers == list(range(len(body)))
    # Rows taken from a longer table keep their numbers there.
    picked = numbers == sorted(set(numbers)) and _begins_with_words(rows[-len(body) :])
    if texts[: -len(body)] == [""] and (counted or picked):
        for cell in firsts:
            cell.decompose()


def _begins_with_words(rows):
    """Whether the column after the index is one of text."""
    seconds = [row.find_all(["th", "td"], recursive=False)[1:2] for row in rows]
    return not any("number" in c.get("class", "") for found in seconds for c in found)


def _align_headings(table):
    """Set the heading of a column of numbers over them, at the right."""
    rows = table.select("tbody tr")
    if not rows:
        return
    for row in table.select("thead tr"):
        heads = row.find_all(["th", "td"])
        for head, cell in zip(heads, rows[0].find_all(["th", "td"]), strict=False):
            if "number" in cell.get("class", ""):
                head["class"] = "number"
