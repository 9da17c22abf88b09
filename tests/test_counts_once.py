"""No count is asked twice of a company, and no caller sees what another changed."""

import datetime as dt
import gc
import weakref

import pandas as pd
import pytest

from retention import counts
from retention.company import open_company
from retention.counts import engine
from retention.counts import once as kept
from retention.counts.once import once

DAY = dt.date(2025, 1, 1)
ROWS = pd.DataFrame(
    {
        "customer_id": ["a", "b", "c"],
        "joined_on": [DAY] * 3,
        "left_on": [dt.date(2025, 2, 10), None, None],
        "channel": ["shop", "friend", "shop"],
        "plan": ["x", "x", "y"],
    }
)


@pytest.fixture
def company():
    to = {"company": {"observed_to": dt.date(2025, 6, 30)}}
    return open_company({"customers": ROWS}, settings=to)


@pytest.fixture
def asked(monkeypatch):
    runs, run = [], engine.run
    monkeypatch.setattr(engine, "run", lambda frame: runs.append(1) or run(frame))
    return runs


def test_same_question_is_counted_once(company, asked):
    first = counts.acquisitions(company, by=["plan"])
    many = len(asked)
    assert many > 0
    pd.testing.assert_frame_equal(counts.acquisitions(company, by=("plan",)), first)
    assert len(asked) == many
    counts.acquisitions(company)
    assert len(asked) > many


def test_another_company_is_asked_anew(company):
    whole = counts.acquisitions(company)["n"].sum()
    other = open_company({"customers": ROWS[:1]}, settings={"company": {}})
    assert counts.acquisitions(other)["n"].sum() == 1 < whole


@pytest.mark.parametrize("answer", [ROWS, ROWS["plan"]])
def test_what_a_caller_changes_is_its_own(company, answer):
    asked = once(lambda company: answer.copy())
    first = asked(company)
    first.iloc[0] = "changed"
    assert not first.equals(answer)
    assert asked(company).equals(answer)


def test_arguments_that_differ_are_different_questions(company):
    asked = []

    @once
    def count(company, *given, **named):
        asked.append((given, named))
        return len(asked)

    questions = [
        ((1,), {}),
        ((1.0,), {}),
        ((True,), {}),
        (("1",), {}),
        ((None,), {}),
        (([1, 2],), {}),
        (([2, 1],), {}),
        ((), {"by": [1]}),
        ((), {"by": {"a": 1}}),
        ((DAY,), {}),
    ]
    for _ in range(2):
        found = [count(company, *given, **named) for given, named in questions]
        assert found == list(range(1, len(questions) + 1))


def test_tables_as_arguments_are_never_taken_for_one_another(company):
    @once
    def size(company, table):
        return len(table)

    assert [size(company, ROWS), size(company, ROWS[:1])] == [3, 1]


def test_answers_go_with_the_company():
    company = open_company({"customers": ROWS})
    counts.acquisitions(company, by=["plan"])
    there = weakref.ref(company)
    assert company in kept._ANSWERS
    del company
    gc.collect()
    assert there() is None


def test_a_refusal_is_not_kept(company):
    for _ in range(2):
        with pytest.raises(ValueError, match="colour"):
            counts.tenure(company, by=["colour"])
