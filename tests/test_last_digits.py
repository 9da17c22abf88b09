"""A changed last digit in `data/published` is noticed, in every file and column.

A printed number is held to half a unit of its last digit, so that one unit up or down
fails. A number that goes in is held by what comes out: the code of the notebooks that
read its file is run again on a changed copy, and has to give another table.
"""

import ast
import functools
import re
import shutil
import warnings
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
import rdrobust

from retention import economics, intervals, loyalty, notebooks, referral

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "data" / "published"
FOLDER = ROOT / "notebooks" / "replications"
NUMBER = re.compile(r"-?\d*\.?\d+")
FILES = sorted(path.name for path in PUBLISHED.glob("*.csv"))


def text_of(path):
    """A CSV with its numbers as they are typed."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def beside(text, step):
    """The number one unit of its last digit further."""
    digits = len(text.partition(".")[2])
    return f"{Decimal(text) + step * Decimal(1).scaleb(-digits):.{digits}f}"


def unit(text):
    return 10.0 ** -len(text.partition(".")[2])


def is_printed(found, text):
    """Whether a number is the printed one, to half a unit of its last digit."""
    return abs(found - float(text)) < 0.5 * unit(text) + 1e-12


# What is typed into a table as the result, beside what it comes from


def margin_multiples(table):
    for row in table.to_dict("records"):
        rate = float(row.pop("annual_discount_rate"))
        for kept, text in row.items():
            found = economics.margin_multiple(float(kept), annual_discount_rate=rate)
            yield is_printed(found, text)


def capture(table):
    for row in table.itertuples():
        counted = (row.caught_first, row.caught_second, row.caught_both)
        found = referral.chapman(*map(int, counted))
        yield is_printed(found.value, row.estimate)
        yield is_printed(found.se**2, row.variance)


def newcombe(table):
    for row in table.itertuples():
        found = intervals.wilson(int(row.events), int(row.n))
        yield is_printed(found.lower, row.lower)
        yield is_printed(found.upper, row.upper)


def ifrs15(table):
    """Whole euros; the handbook splits the price in whole per cent."""
    for example, years in table.groupby("example"):
        # A point is worth one euro if it is redeemed, and as many are expected to be.
        yield years["points_price"].tolist() == [years["expected_in_all"].iloc[0]] * 2
        yield years["period"].tolist() == ["1", "2"]
        yield years["sales"].tolist() == ["100000"] * 2
        to_date = 0.0
        for year in years.itertuples():
            sales = float(year.sales)
            deferred = loyalty.allocated(sales, sales, float(year.points_price))
            yield is_printed(deferred, year.deferred) or "KPMG" in example
            if "KPMG" in example:
                share = round(100 * deferred / sales) / 100
                yield is_printed(share * sales, year.deferred)
                deferred = float(year.deferred)
            redeemed, expected = year.redeemed_to_date, year.expected_in_all
            total = loyalty.recognised(deferred, float(redeemed), float(expected))
            yield is_printed(total - to_date, year.recognised)
            yield is_printed(deferred - total, year.liability)
            to_date = total


def credit_card(table):
    """Years count themselves; the profits go into the notebook."""
    yield table["year"].tolist() == [str(year) for year in range(6)]


def cdnow(table):
    """One customer in thousands moves no printed digit: the sums are held instead."""
    sums = [(table[c].replace("", "0").map(Decimal)).sum() for c in table]
    yield [str(value) for value in sums] == CDNOW


def cdnow_weeks(table):
    numbers = table.astype(int)
    yield numbers["week"].tolist() == [*range(-37, 40)]
    yield numbers.query("week <= 0")["orders"].sum() == 2457
    yield numbers.query("week > 0")["orders"].sum() == 1882


def mpdta(table):
    """Counties of a cohort: the same in every year."""
    yield (table.groupby("cohort")["n"].nunique() == 1).all()


def senate(table):
    """Sums of the elections that the authors' package ships, to ten digits."""
    rows = rdrobust.rdrobust_RDsenate().dropna(subset=["margin", "vote"])
    for row in table.to_dict("records"):
        width, left = float(row["width"]), float(row["left"])
        here = rows[rows["margin"].between(left, left + width, inclusive="left")]
        u, y = here["margin"], here["vote"] * (row.pop("variable") == "vote")
        sums = {"left": left and -BANDWIDTH, "width": BANDWIDTH, "n": len(here)}
        sums |= {f"u{k}": (u**k).sum() for k in range(1, 6)}
        sums |= {"y": y.sum(), "uy": (u * y).sum(), "yy": (y * y).sum()}
        sums |= {f"u{k}y": (u**k * y).sum() for k in (2, 3)}
        yield all(float(f"{sums[name]:.10g}") == float(row[name]) for name in row)


def singer_willett(table):
    """Who is there at the beginning of a year is who was left of the year before."""
    numbers = table.astype(int)
    gone = (numbers["left"] + numbers["censored"]).cumsum()
    yield (
        numbers["teachers"] == numbers["teachers"].iloc[0] - gone.shift(fill_value=0)
    ).all()
    yield numbers["teachers"].iloc[0] == gone.iloc[-1]


def replications(table):
    for row in table.itertuples():
        was = stored(row.notebook).loc[row.quantity]
        yield is_printed(float(was["ours"]), row.published)
        yield row.digits == str(len(row.published.partition(".")[2]))
        yield {"": "0", "yes": "1"}[was["computed here"]] == row.computed_here


BANDWIDTH = 17.754398  # rdrobust's choice for the Senate elections, both sides
# Sums of its columns: x, t_x, T, mean_amount, holdout, n.
CDNOW = ["2457", "16135.5723", "37586.1439", "33183.6437", "1785", "2357"]
RESULTS = {
    f"{rule.__name__}.csv": rule
    for rule in (
        *(capture, cdnow, cdnow_weeks, credit_card, ifrs15),
        *(margin_multiples, mpdta, newcombe, replications, senate),
        singer_willett,
    )
}


# What comes out of the notebooks that read a file


@functools.cache
def program(name):
    """Code of a notebook as far as the table that is compared."""
    cells = notebooks.read(FOLDER / f"{name}.ipynb").cells
    code = [c.source for c in cells if c.cell_type == "code"]
    last = next(i for i, source in enumerate(code) if "replications.csv" in source)
    tree = ast.parse("\n".join(code[: last + 1]))
    return compile(tree, f"{name}.ipynb", "exec")


def table_from(name, root):
    """The table published / ours / difference of a notebook, run in some project."""
    names = {}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(notebooks, "project_root", lambda: root)
        exec(program(name), names)
    return names["table"]


@functools.cache
def stored(name):
    return table_from(name, ROOT)


def readers(file):
    """Notebooks that read a file, but for the comparison itself."""
    books = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
    used = {name: (FOLDER / f"{name}.ipynb").read_text("utf-8") for name in books}
    return [n for n in books if file != "replications.csv" and file in used[n]]


def noticed(file, table, project):
    """Whether a changed file fails its check or changes a reproduced number."""
    if not fulfilled(file, table):
        return True
    table.to_csv(project / "data" / "published" / file, index=False)
    return any(not same(name, project) for name in readers(file))


def fulfilled(file, table):
    try:
        return file not in RESULTS or all(RESULTS[file](table))
    except (KeyError, ValueError):  # counts that cannot be
        return False


def same(name, project):
    try:
        return table_from(name, project).equals(stored(name))
    except Exception:  # a table that cannot be is noticed as well
        return False


def changed(file, every):
    """Copies of a file with the last digit of one cell changed.

    Of every cell, up and down; or of three rows, up or down by turns. Of CDNOW's
    thousand rows always three: its sums notice any one digit.
    """
    table = text_of(PUBLISHED / file)
    rows = sorted({0, len(table) // 2, len(table) - 1})
    rows = table.index if every and len(table) < 500 else rows
    for turn, (column, i) in enumerate((c, i) for c in table for i in rows):
        text = table.at[i, column]
        if NUMBER.fullmatch(text):
            for step in (1, -1) if every else ((1, -1)[turn % 2],):
                other = table.copy()
                other.at[i, column] = beside(text, step)
                yield f"{column}, row {i}: {text} for {beside(text, step)}", other


@pytest.fixture
def project(tmp_path):
    shutil.copytree(PUBLISHED, tmp_path / "data" / "published")
    return tmp_path


def missed(file, project, *, every):
    """Changes that nothing notices; the file as it is has to pass."""
    assert not noticed(file, text_of(PUBLISHED / file), project)
    copies = changed(file, every)
    return [what for what, table in copies if not noticed(file, table, project)]


def test_every_file_is_read_by_a_check_or_a_notebook():
    assert [file for file in FILES if file not in RESULTS and not readers(file)] == []


@pytest.mark.parametrize("file", FILES)
def test_a_changed_last_digit_is_noticed(file, project):
    assert missed(file, project, every=False) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_changed_last_digit_of_any_cell_is_noticed(file, project):
    assert missed(file, project, every=True) == []


def test_each_printed_number_fails_when_its_last_digit_changes():
    table = text_of(PUBLISHED / "replications.csv")
    for row in table.itertuples():
        ours = float(stored(row.notebook).loc[row.quantity, "ours"])
        assert is_printed(ours, row.published), row
        for step in (1, -1):
            assert not is_printed(ours, beside(row.published, step)), row
