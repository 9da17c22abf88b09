"""A class gets its own company, exercises without answers, and a key that fits."""

import json
import re

import pytest

from retention.exercises import check
from retention.notebooks import notebooks_folder, read
from retention.notebooks.handouts import write_class

SECRETS = ("answer_key(", "mistakes=", "quarter_gone", "mean_of_those_who_left")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    study = notebooks_folder() / "02_customer_tenure.ipynb"
    out = tmp_path_factory.mktemp("classes") / "spring"
    return write_class([study], out, name="Spring 2027", seed=7, scale=0.2)


def test_learners_get_no_answer_and_no_truth(made):
    files = list((made.learners / "notebooks").iterdir())
    assert {p.name for p in files} == {
        "00_start_here.ipynb",
        "02_customer_tenure.ipynb",
    }
    for path in files:
        assert not any(secret in path.read_text("utf-8") for secret in SECRETS)
    assert not list(made.learners.rglob("truth"))
    assert not list(made.learners.rglob("answer_key*"))


def test_every_right_answer_is_right_and_every_mistake_is_named(made):
    place = made.learners / "notebooks"
    for key in made.keys:
        if key["form"] == "sentence":
            continue
        assert check(key["exercise"], key["answer"], folder=place).right
        for mistake in key["mistakes"]:
            said = check(key["exercise"], mistake["answer"], folder=place)
            assert not said.right
            assert "hint" not in said.message


def test_the_board_sentence_is_checked(made):
    (key,) = [key for key in made.keys if key["form"] == "sentence"]
    place = made.learners
    assert check(key["exercise"], key["solution"], folder=place).right
    vague = check(key["exercise"], "We lose a quarter every year.", folder=place)
    assert "the share" in vague.message


def test_the_exercise_notebook_runs_unanswered(made):
    from nbclient import NotebookClient

    folder = made.learners / "notebooks"
    nb = read(folder / "02_customer_tenure.ipynb")
    NotebookClient(nb, resources={"metadata": {"path": str(folder)}}).execute()
    asked = [cell for cell in nb.cells if cell.source.startswith("check(")]
    assert len(asked) >= 4
    for cell in asked:
        assert "Not yet" in str(cell.outputs)


def test_the_trainers_key_tells_answers_and_truths(made):
    page = (made.trainer / "answer_key.md").read_text("utf-8")
    assert "tenure-1" in page and "hazard: voluntary: floor" in page
    stored = json.loads((made.trainer / "answer_key.json").read_text("utf-8"))
    assert stored["class"] == "Spring 2027"
    assert re.search(r'company: str = "\.\./company"', _text(made.trainer))


def test_a_folder_that_holds_something_is_left_alone(made):
    with pytest.raises(ValueError, match="name a new folder"):
        write_class([], made.learners, name="A", seed=1)


def _text(trainer):
    nb = read(trainer / "solutions" / "02_customer_tenure.ipynb")
    return "\n".join(cell.source for cell in nb.cells)


def test_a_class_needs_a_name_and_a_seed(capsys):
    from retention import cli

    assert cli.main(["handouts", "--class", "spring"]) == 2
    assert "--class spring-2027 --seed 7" in capsys.readouterr().err
