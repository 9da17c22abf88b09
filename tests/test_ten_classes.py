"""Ten classes: other answers in each, every one of them can be given and checked."""

import itertools
import json
from collections import Counter

import pytest

from retention.exercises import check
from retention.notebooks import read
from retention.notebooks.handouts import write_class
from retention.reports import available_studies

SEEDS = range(1, 11)
# A fifth of the shipped size: every design of every study still has its customers.
SCALE = 0.2
# Answers that come from numbers given in the text are the same in every class.
GIVEN = {
    *("leaky-3", "leaky-4", "tenure-2", "tenure-3", "satisfaction-2", "satisfaction-4"),
    *("referral-3", "referral-4", "loyalty-2", "loyalty-3", "value-2", "value-3"),
    *("claims-2", "claims-3", "claims-4"),
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def class_of(tmp_path_factory):
    """Function that makes the class of a seed once, with all seven studies."""
    made, folder = {}, tmp_path_factory.mktemp("classes")

    def of(seed):
        if seed not in made:
            studies = available_studies().values()
            out = folder / str(seed)
            named = {"name": f"class {seed}", "seed": seed, "scale": SCALE}
            made[seed] = write_class(studies, out, **named)
        return made[seed]

    return of


def right(key):
    """What a learner would give who knows."""
    return key["solution"] if key["form"] == "sentence" else key["answer"]


def wrong(key):
    """What learners give who make a mistake that is known, and what they are told."""
    if key["form"] != "sentence":
        return [(m["answer"], m["message"]) for m in key["mistakes"]]
    lacking = "; ".join(missing for missing, _ in key["answer"])
    return [("More than one would think.", f"your sentence lacks {lacking}.")]


def tells(message, told):
    """Whether a message is one of a mistake; two that come to one number tell both."""
    opening, rest = message[:9], message[9:]
    return opening == "Not yet: " and told in rest.split(" Or: ")


def study_of(key):
    return key["exercise"].split("-")[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_of_a_class_is_right_and_every_mistake_named(class_of, seed):
    made = class_of(seed)
    assert set(Counter(map(study_of, made.keys)).values()) <= {5, 6}
    mistakes = Counter()
    for key in made.keys:
        assert check(key["exercise"], right(key), folder=made.learners).right, key
        for answer, told in wrong(key):
            said = check(key["exercise"], answer, folder=made.learners)
            assert not said.right
            assert tells(said.message, told), (key["exercise"], answer)
        mistakes[study_of(key)] += len(wrong(key))
        assert check(key["exercise"], folder=made.learners).message.startswith("Not")
    assert len(mistakes) == 7
    assert min(mistakes.values()) >= 10


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_of_a_class_is_that_nothing_can_be_answered(class_of, seed):
    empty = ([0], [0, 0], ["none"])
    for key in class_of(seed).keys:
        assert [key["answer"]] not in empty and key["answer"] not in empty, key


def test_no_two_classes_have_the_same_key(class_of):
    for one, other in itertools.combinations(map(class_of, SEEDS), 2):
        own = {key["exercise"]: str(key["answer"]) for key in one.keys}
        theirs = {key["exercise"]: str(key["answer"]) for key in other.keys}
        assert own.keys() == theirs.keys()
        same = {exercise for exercise in own if own[exercise] == theirs[exercise]}
        assert same >= GIVEN
        # A letter, a channel or a small count may come out twice; not half of them.
        assert len(same - GIVEN) < len(own.keys() - GIVEN) / 2


def test_answers_of_another_class_do_not_fit(class_of):
    first, *others = map(class_of, SEEDS)
    own = [key for key in first.keys if key["exercise"] not in GIVEN]
    for other in others:
        fits = [
            check(key["exercise"], right(key), folder=other.learners).right
            for key in own
        ]
        assert sum(fits) < len(fits) / 2


@pytest.mark.parametrize("study", available_studies())
def test_the_learners_notebook_runs_with_no_right_and_wrong_answers(class_of, study):
    from nbclient import NotebookClient

    made = class_of(SEEDS[0])
    folder = made.learners / "notebooks"
    nb = read(folder / available_studies()[study].name)
    keys = {key["exercise"]: key for key in made.keys}
    asked = [c for c in nb.cells if c.source.startswith("check(")]
    for cell in asked:
        exercise = cell.source.split('"')[1]
        given = [right(keys[exercise]), *(a for a, _ in wrong(keys[exercise]))]
        told = (
            f"for given in {json.dumps(given)}:\n    print(check({exercise!r}, given))"
        )
        cell.source = f"{told}\nprint({cell.source})"
    NotebookClient(nb, resources={"metadata": {"path": str(folder)}}).execute()
    assert len(asked) >= 5
    for cell in asked:
        said = "".join(output["text"] for output in cell.outputs).splitlines()
        key = keys[cell.source.rsplit('check("', 1)[1].split('"')[0]]
        assert said[0].startswith("Right")
        expected = [told for _, told in wrong(key)]
        assert all(tells(m, t) for m, t in zip(said[1:-1], expected, strict=True)), key[
            "exercise"
        ]
        assert said[-1] == "Not yet: put your answer in place of the dots."
