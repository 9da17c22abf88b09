"""Keys of the stored notebooks: right is right, each mistake gets its own word."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from retention.exercises import check, sealed_key, stated_keys
from retention.notebooks import notebooks_folder, read

STUDIES = sorted(notebooks_folder().glob("0[1-7]_*.ipynb"))
ASKED = re.compile(r'check\("([a-z]+-\d+)", \.\.\.\)')
# What every number gets, whatever the study says of it.
USUAL = ("The sign is", "Give a share, not", "That is the share of all the others")


@dataclass(frozen=True)
class Study:
    """A stored notebook's exercises, and its keys sealed for a class."""

    texts: list[str]
    asked: list[str]
    keys: list[dict]
    folder: Path

    def said(self, key, answer):
        return check(key["exercise"], answer, folder=self.folder)

    def of(self, form):
        return [key for key in self.keys if key["form"] == form]


@pytest.fixture(scope="module", params=STUDIES, ids=lambda path: path.stem)
def study(request, tmp_path_factory):
    nb = read(request.param)
    keys = stated_keys(nb)
    sealed = {key["exercise"]: sealed_key(key, salt="x") for key in keys}
    folder = tmp_path_factory.mktemp("class")
    text = json.dumps({"class": "x", "exercises": sealed})
    (folder / "answers.json").write_text(text, encoding="utf-8")
    cells = [c for c in nb.cells if "exercise" in c.metadata.get("tags", [])]
    texts = [c.source for c in cells if c.cell_type == "markdown"]
    asked = [c.source for c in cells if c.cell_type == "code"]
    return Study(texts, asked, keys, folder)


def named(key):
    """Mistakes that the study itself names."""
    return [m for m in key["mistakes"] if not m["message"].startswith(USUAL)]


def test_there_are_seven_studies():
    assert len(STUDIES) == 7


def test_every_exercise_to_check_has_a_key_and_every_key_its_exercise(study):
    found = [ASKED.fullmatch(source) for source in study.asked]
    assert all(found), study.asked
    assert [match[1] for match in found] == [key["exercise"] for key in study.keys]


def test_five_exercises_are_checked_and_ten_mistakes_named(study):
    assert len(study.keys) >= 5
    assert sum(len(named(key)) for key in study.keys) >= 10


def test_each_exercise_says_what_is_given_and_asked_with_a_hint_at_the_end(study):
    for text in study.texts:
        given = '"' if "Find the mistake" in text else "*Given*"  # what was said
        assert 0 <= text.find(given) < text.index("*Produce*") < text.index("*Hint:*")
    assert len(study.texts) == len(study.keys) + 1
    assert "Now your own company" in study.texts[-1]


def test_a_right_answer_is_right(study):
    for key in study.keys:
        if key["form"] != "sentence":
            assert study.said(key, key["answer"]).right, key["exercise"]


def test_each_mistake_is_told_apart(study):
    for key in study.keys:
        for mistake in key["mistakes"]:
            feedback = study.said(key, mistake["answer"])
            where = f"{key['exercise']}: {mistake}"
            assert not feedback.right, where
            # Two mistakes that come to one number are told both.
            told = feedback.message.removeprefix("Not yet: ").split(" Or: ")
            assert mistake["message"] in told, where


def test_to_find_the_mistake_each_wrong_letter_gets_its_message(study):
    (key,) = [key for key in study.of("words") if key["answer"] in set("abcd")]
    letters = {mistake["answer"] for mistake in key["mistakes"]}
    assert letters | {key["answer"]} == set("abcd")
    (text,) = [text for text in study.texts if "Find the mistake" in text]
    assert all(f"**{letter}**" in text for letter in "abcd")


def test_the_sentence_for_the_board_needs_its_number_and_its_words(study):
    (key,) = study.of("sentence")
    needed = [part for _, part in key["answer"]]
    assert any(isinstance(part, float) for part in needed)
    assert any(isinstance(part, list) for part in needed)
    assert study.said(key, key["solution"]).right
    vague = study.said(key, "It is more than most people would think.")
    assert not vague.right
    assert key["answer"][0][0] in vague.message


def test_dots_are_not_yet_an_answer(study):
    for key in study.keys:
        feedback = study.said(key, ...)
        assert not feedback.right
        assert feedback.message.startswith("Not yet: put your answer")
