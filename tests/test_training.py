"""The trainer's guide fits the notebooks: its minutes are counted from them."""

import re

import pytest

from retention.exercises import stated_keys
from retention.notebooks import notebooks_folder, read
from retention.notebooks.guide import GUIDE, counted_guide, sections

PATH = notebooks_folder() / GUIDE
TEXT = PATH.read_text(encoding="utf-8")
PLANS = TEXT[TEXT.index("## Plans") : TEXT.index("## What to draw")]
ROW = re.compile(r"^\| (\d+) \| (\d*) ?\| (.+) \|$", re.MULTILINE)
TOTAL = re.compile(r"\((\d) h (\d\d)")


def test_the_minutes_are_those_of_the_notebooks_as_stored():
    assert counted_guide(PATH) == TEXT, "run: python -m retention.notebooks"


def counted(named):
    """Minutes of the sections in italics and of the numbered exercises of a study."""
    name, said = named
    parts = sections(read(notebooks_folder() / f"{name}.ipynb"))
    told = set(re.findall(r"\*([^*]+)\*", said)) - {"Say it to the board"}
    tasks = [part for part in parts if part.exercise]
    read_ones = [part for part in parts if part.title in told and not part.exercise]
    assert {part.title for part in read_ones} == told
    return sum(p.minutes for p in [*read_ones, *(tasks[k - 1] for k in numbers(said))])


def numbers(said):
    found = re.search(r"exercises? (\d)(?: to (\d))?((?:, \d)*)(?: and (\d))?", said)
    if not found:
        return []
    first, last, listed, also = found.groups()
    upto = range(int(first), int(last or first) + 1)
    return [*upto, *map(int, re.findall(r"\d", listed)), *([int(also)] if also else [])]


@pytest.mark.parametrize("row", ROW.findall(PLANS), ids=lambda row: row[2][:40])
def test_a_plan_counts_what_it_names_and_leaves_more_time(row):
    planned, told, what = row
    studies = re.findall(r"`(0\d_\w+)`([^`]*)", what.split("; or ")[0])
    expected = sum(map(counted, studies))
    assert (told == "") == (not studies)
    assert abs(int(told or 0) - expected) < 2
    assert int(planned) > expected


def test_the_choice_of_the_day_takes_the_same_time():
    (row,) = [what for _, _, what in ROW.findall(PLANS) if "; or " in what]
    both = re.findall(r"`(0\d_\w+)`([^`]*)", row.replace(", as the class prefers", ""))
    first, second = map(counted, both)
    assert abs(first - second) < 2


def test_the_rows_of_a_plan_make_up_its_length():
    half, day = PLANS.split("**One day")
    totals = [60 * int(h) + int(m) for h, m in TOTAL.findall(PLANS)]
    rows = [int(minutes) for minutes, _, _ in ROW.findall(half)]
    assert sum(rows) == totals[0]
    kept = sum(rows[:4])
    assert f"({kept} minutes)" in day
    assert kept + sum(int(m) for m, _, _ in ROW.findall(day)) == totals[1]


def test_each_study_has_a_drawing_for_the_board():
    board = TEXT[TEXT.index("## What to draw") : TEXT.index("## Misconceptions")]
    for study in ("Tenure", "Satisfaction", "Referral", "Loyalty", "Value", "bucket"):
        assert study in board


def test_every_exercise_stands_with_what_it_flushes_out():
    told = TEXT[TEXT.index("## Misconceptions") : TEXT.index("## Sliders")]
    for path in sorted(notebooks_folder().glob("0[1-7]_*.ipynb")):
        for key in stated_keys(read(path)):
            assert f"| `{key['exercise']}` |" in told, key["exercise"]


@pytest.mark.parametrize(
    "part",
    [
        *("analyst", "manager", "trainer", "Objectives", "check-setup"),
        *("When a laptop will not install", "Half a day", "One day", "Sliders"),
    ],
)
def test_the_guide_has_what_a_trainer_needs(part):
    assert part in TEXT
