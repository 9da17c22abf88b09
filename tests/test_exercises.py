"""Answers are checked, mistakes named, and nothing of it can be read."""

import ast
import contextlib
import io
import json

import numpy as np
import pytest

from retention.exercises import check, hint, sealed_key, solution, stated_keys
from retention.exercises.keys import KEY_MIME, answer_key

MEAN = "This is the mean of those who left; who is missing?"
PLAN = "That plan has the most customers, not the longest stay."


def stated(*arguments, **options):
    """What a trainer's notebook displays for one exercise."""
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        answer_key(*arguments, **options)
    return ast.literal_eval(shown.getvalue())[KEY_MIME]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class's folder with one exercise of each form."""
    keys = [
        stated(
            "tenure-1",
            30,
            mistakes={MEAN: 23.31},
            hint="Start at half.",
            solution="Where the curve falls to one half.",
        ),
        stated("tenure-2", 0.1834),
        stated("tenure-3", "annual", mistakes={PLAN: "monthly"}),
        stated("tenure-4", [0.69, 0.55], mistakes={MEAN: [0.86, 0.77]}),
        stated(
            "tenure-5",
            {
                "the share": 0.1834,
                "whom it is about": ("today's customers", "current customers"),
                "the period": ("a year", "12 months"),
            },
        ),
    ]
    sealed = {key["exercise"]: sealed_key(key, salt="class") for key in keys}
    text = json.dumps({"class": "class", "exercises": sealed})
    place = tmp_path_factory.mktemp("class")
    (place / "answers.json").write_text(text, encoding="utf-8")
    return place


def said(folder, exercise, answer):
    return check(exercise, answer, folder=folder)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("tenure-1", 30),
        ("tenure-1", 30.0),
        ("tenure-2", 0.1834),
        ("tenure-2", 0.183),
        ("tenure-3", " Annual. "),
        ("tenure-4", [0.69, 0.55]),
        ("tenure-4", (0.691, 0.5495)),
        ("tenure-5", "Of today's customers 18.3 % are lost within a year."),
    ],
)
def test_a_right_answer_is_right(folder, exercise, answer):
    assert said(folder, exercise, answer).right


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("tenure-1", 23.3, MEAN),
        ("tenure-1", 31, "`hint` may help"),
        ("tenure-1", "thirty", "one number"),
        ("tenure-2", 18.34, "not a per cent"),
        ("tenure-2", 0.8166, "all the others"),
        ("tenure-2", -0.1834, "sign"),
        ("tenure-2", 0.19, "`hint` may help"),
        ("tenure-3", "monthly", PLAN),
        ("tenure-4", [0.86, 0.77], MEAN),
        ("tenure-4", [0.69, 0.77], "number 2 of your answer"),
        ("tenure-4", [0.69], "2 numbers in a list"),
        ("tenure-4", 0.69, "2 numbers in a list"),
        ("tenure-5", "18.3 % leave within a year.", "whom it is about"),
        ("tenure-5", "A fifth of current customers in 12 months", "the share"),
        ("tenure-5", 0.18, "in quotes"),
        ("tenure-9", 1, "There is no exercise 'tenure-9'"),
    ],
)
def test_a_wrong_answer_gets_the_kind_of_its_mistake(folder, exercise, answer, told):
    feedback = said(folder, exercise, answer)
    assert not feedback.right
    assert told in feedback.message


def test_dots_are_no_answer_and_a_missing_file_is_told(tmp_path):
    assert check("tenure-1").message.startswith("Not yet")
    assert "answers.json" in check("tenure-1", 3, folder=tmp_path).message


def test_a_solution_comes_after_an_attempt_and_a_hint_at_any_time(folder):
    assert hint("tenure-1", folder=folder) == "Start at half."
    (folder / "sub").mkdir()
    fresh = "tenure-2"
    assert "Check an answer" in solution("tenure-99", folder=folder)
    said(folder, "tenure-1", 1)
    assert solution("tenure-1", folder=folder / "sub").startswith("Where the curve")
    assert "There is no hint" in hint(fresh, folder=folder)


def test_the_sealed_file_shows_no_answer_message_or_solution(folder):
    text = (folder / "answers.json").read_text(encoding="utf-8")
    secrets = ("0.1834", "23.3", "annual", "mean of those", "one half", "0.69")
    for secret in (*secrets, "current customers", "12 months", "whom it is about"):
        assert secret not in text


def test_of_two_mistakes_close_together_the_nearer_is_told(tmp_path):
    slips = {"First.": 0.0114, "Second.": 0.0113, "Third.": 0.0135, "As third.": 0.0135}
    key = stated("x-1", 0.0189, mistakes=slips)
    sealed = {"x-1": sealed_key(key, salt="class")}
    text = json.dumps({"class": "class", "exercises": sealed})
    (tmp_path / "answers.json").write_text(text, encoding="utf-8")
    for answer, told in (
        (0.0114, "First."),
        (0.0115, "First."),
        (0.0113, "Second."),
        (0.0112, "Second."),
        (0.0135, "Third. Or: As third."),
    ):
        assert said(tmp_path, "x-1", answer).message == f"Not yet: {told}", answer


def test_words_of_a_sentence_begin_a_word_in_any_case(folder):
    beginning = "Of 18.3 % of our Today's Customers A   YEAR later none is here"
    assert said(folder, "tenure-5", beginning).right
    inside = "18.3 % of notcurrent customers are lost within 12 months"
    assert "whom it is about" in said(folder, "tenure-5", inside).message


@pytest.mark.parametrize("answer", [float("nan"), [1.0, float("inf")], {"a": np.nan}])
def test_an_answer_that_a_company_does_not_give_is_no_key(answer):
    with pytest.raises(ValueError, match="tenure-1 is not finite"):
        stated("tenure-1", answer)


def test_a_mistake_that_would_count_as_right_is_left_out():
    near = {"near": 0.1837, "far": 0.25, "none": None, "endless": float("inf")}
    told = [m["message"] for m in stated("x-1", 0.1834, mistakes=near)["mistakes"]]
    assert "far" in told and not {"near", "none", "endless"} & set(told)
    several = {"near": [0.181, 2.0], "first": [0.3, 2.0], "word": None}
    (left,) = stated("x-2", [0.182, 2.0], mistakes=several)["mistakes"]
    assert left["message"] == "first"
    (left,) = stated("x-3", "b", mistakes={"same": " B.", "other": "a"})["mistakes"]
    assert left["message"] == "other"


def test_keys_are_collected_from_an_executed_notebook():
    key = stated("tenure-1", 30)
    import nbformat

    output = nbformat.v4.new_output("display_data", data={KEY_MIME: key})
    nb = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("x", outputs=[output])]
    )
    assert stated_keys(nb) == [key]
