"""Published studies: every printed number is in its notebook, and holds.

The numbers are in `data/published/replications.csv`, the notebooks work them out
through the public rooms. Run this file (`python tests/test_replications.py`) to write
the table of `notebooks/replications/README.md` anew.
"""

import ast
import functools
import importlib
import pkgutil
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import retention
from retention import notebooks

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks" / "replications"
README = FOLDER / "README.md"
PATHS = sorted(FOLDER.glob("*.ipynb"))
BEGIN, END = "<!-- table -->", "<!-- end of table -->"

every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@functools.cache
def printed():
    """Rows of the CSV; the printed number stays a text, as its digits count."""
    path = ROOT / "data" / "published" / "replications.csv"
    return pd.read_csv(path, dtype={"published": str})


class Cells(HTMLParser):
    """Texts of a table that pandas has written."""

    def __init__(self):
        super().__init__()
        self.rows, self.inside = [], False

    def handle_starttag(self, tag, attrs):
        self.inside = tag in ("td", "th")
        if tag == "tr":
            self.rows.append([])
        elif self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def table_of(html):
    cells = Cells()
    cells.feed(html)
    names, _, *rows = cells.rows
    return pd.DataFrame([row[1:] for row in rows], [r[0] for r in rows], names[1:])


@functools.cache
def stored(name):
    """The table published / ours / difference / tolerance / pass of a notebook."""
    book = notebooks.read(FOLDER / f"{name}.ipynb")
    checked = [
        cell.outputs[-1]["data"]["text/html"]
        for cell in book.cells
        if "nbval-check-output" in cell.metadata.get("tags", [])
    ]
    tables = [table_of(html) for html in checked]
    return next(table for table in tables if {"published", "pass"} <= {*table.columns})


def holds(published, row, ours):
    """Whether ours is within half a unit of the last published digit."""
    return abs(ours - published) < 0.5 / 10.0**row.digits


def compared():
    """Every row of the CSV with what its notebook found."""
    for row in printed().itertuples():
        yield row, float(stored(row.notebook).loc[row.quantity, "ours"])


def test_each_notebook_has_rows_and_each_row_a_notebook():
    assert {*printed()["notebook"]} == {path.stem for path in PATHS}
    assert not printed().duplicated(["notebook", "quantity"]).any()


@every_notebook
def test_the_table_of_a_notebook_is_that_of_the_csv_and_passes(path):
    rows = printed().query("notebook == @path.stem")
    table = stored(path.stem)
    assert table.index.tolist() == rows["quantity"].tolist()
    assert table["published"].tolist() == rows["published"].tolist()
    assert table["pass"].eq("True").all()
    assert table["computed here"].tolist() == [
        "yes" if here else "" for here in rows["computed_here"]
    ]


def test_digits_are_those_printed():
    decimals = [len(text.partition(".")[2]) for text in printed()["published"]]
    assert decimals == printed()["digits"].tolist()


def test_every_row_holds_and_a_changed_last_digit_does_not():
    for row, ours in compared():
        published, unit = float(row.published), 1 / 10**row.digits
        assert holds(published, row, ours), row
        for wrong in (published - unit, published + unit):
            assert not holds(wrong, row, ours), row


def test_what_is_held_is_more_exact_than_what_is_printed():
    for row in printed().itertuples():
        table = stored(row.notebook).loc[row.quantity]
        digits = [len(table[c].partition(".")[2]) for c in ("ours", "difference")]
        assert digits == [row.digits + 2] * 2
        assert float(table["tolerance"]) == 0.5 / 10**row.digits
        found = float(table["ours"]) - float(row.published)
        assert float(table["difference"]) == pytest.approx(found, abs=1e-9)


def test_what_is_said_to_pass_does():
    for row, ours in compared():
        table = stored(row.notebook)
        assert (table.loc[row.quantity, "pass"] == "True") == holds(
            float(row.published), row, ours
        )


def rooms():
    return {room.name for room in pkgutil.iter_modules(retention.__path__)}


@every_notebook
def test_notebooks_import_from_public_rooms_only(path):
    code = [c.source for c in notebooks.read(path).cells if c.cell_type == "code"]
    for node in ast.walk(ast.parse("\n".join(code))):
        if isinstance(node, ast.Import):
            assert not any(a.name.startswith("retention") for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module.startswith("retention"):
            _, *room = node.module.split(".")
            public = importlib.import_module(node.module).__all__ if room else rooms()
            assert len(room) < 2 and {a.name for a in node.names} <= {*public}
        elif isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")


@every_notebook
def test_notebooks_are_short_and_end_on_the_readers_company(path):
    cells = notebooks.read(path).cells
    headings = [h for c in cells for h in re.findall(r"^## (.+)$", c.source, re.M)]
    assert headings[-2:] == ["What it means for retention", "On your own data"]
    assert "The data" in headings
    assert 'open_company("data/lakeshore")' in cells[-1].source
    assert len(cells[-1].source.splitlines()) <= 7


def title(path):
    return notebooks.read(path).cells[0].source.splitlines()[0].removeprefix("# ")


def generated():
    """The table for the README: published, ours, difference, tolerance, pass."""
    lines = ["| study | quantity | published | ours | difference | tolerance | pass |"]
    lines += ["|---|---|--:|--:|--:|--:|---|"]
    for row, ours in compared():
        table = stored(row.notebook).loc[row.quantity]
        mark = " \\*" if row.computed_here else ""
        passes = "yes" if holds(float(row.published), row, ours) else "**no**"
        lines.append(
            f"| [{row.notebook}]({row.notebook}.ipynb) | {row.quantity} | "
            f"{row.published}{mark} | {table['ours']} | {table['difference']} | "
            f"{table['tolerance']} | {passes} |"
        )
    return "\n".join(lines)


def studies():
    """The list of studies, by the first line of each notebook."""
    return "\n".join(f"- [{title(path)}]({path.name})" for path in PATHS)


def written(text):
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{studies()}\n\n{generated()}\n{END}{tail}"


def test_the_readme_shows_what_the_notebooks_found():
    text = README.read_text(encoding="utf-8")
    assert text == written(text), "Run `python tests/test_replications.py`."


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
