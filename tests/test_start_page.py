"""The start page: each term explained, in English and Chinese, each reference whole."""

import functools
import json
import re

import pytest

from retention.notebooks import notebooks_folder, read

PAGE = read(notebooks_folder() / "00_start_here.ipynb")
COLUMNS = ["term", "中文", "in one sentence", "formula", "where"]


def section(title):
    return next(c.source for c in PAGE.cells if c.source.startswith(f"## {title}"))


def rows():
    lines = [line for line in section("Glossary").splitlines() if line.startswith("|")]
    cells = [[part.strip() for part in line.strip("|").split("|")] for line in lines]
    assert cells[0] == COLUMNS
    return cells[2:]


@functools.cache
def studies():
    """What each study says, in its cells and in what they show, by its number."""
    paths = notebooks_folder().glob("0[1-7]_*.ipynb")
    return {path.name[:2]: said(read(path)) for path in paths}


def said(nb):
    shown = [o.get("data", {}) for cell in nb.cells for o in cell.get("outputs", [])]
    texts = [{k: v for k, v in data.items() if k != "image/png"} for data in shown]
    sources = "\n".join(cell.source for cell in nb.cells)
    return f"{sources}\n{json.dumps(texts)}".replace("_", " ").casefold()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_term_has_its_sentence_formula_chinese_and_notebook(row):
    assert len(row) == len(COLUMNS) and all(row)
    term, chinese, sentence, formula, where = row
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert len(sentence.split()) >= 5 and not sentence.endswith(".")
    assert formula.count("$") % 2 == 0 and "$" in formula
    named = list(studies()) if where == "all" else where.split(", ")
    assert set(named) <= set(studies())
    words = re.findall(r"[\w/]{3,}", term.casefold())
    stems = [word[:8] for word in words if word not in ("and", "the")]
    for notebook in named:
        assert any(stem in studies()[notebook] for stem in stems), (term, notebook)


def test_no_term_is_explained_twice_and_every_study_has_terms():
    terms = [row[0] for row in rows()]
    assert len(terms) == len(set(terms)) >= 40
    told = {number for row in rows() for number in row[4].split(", ")}
    assert told >= set(studies())


def test_every_reference_has_authors_year_title_and_where_it_stood():
    lists = [line for line in section("Reading list").splitlines() if line[:2] == "- "]
    books = re.compile(r"\((19|20)\d\d\)\. .+(University Press|Springer)")
    papers = re.compile(r"\((19|20)\d\d\)\. .+ \*.+\* \d+\(\d+\), \d+-\d+\.$")
    for line in lists:
        for reference in line.split("** ", 1)[1].split(" · "):
            assert papers.search(reference) or books.search(reference), reference
    assert len(lists) >= 6
