"""A class gets its own company, exercises without answers, and a key that fits."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from test_exercise_keys import USUAL

from retention.exercises import check
from retention.notebooks import handouts, notebooks_folder, project_root, read
from retention.notebooks.copies import tags
from retention.notebooks.handouts import write_class

STUDY = "02_customer_tenure.ipynb"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    study = notebooks_folder() / STUDY
    out = tmp_path_factory.mktemp("classes") / "spring"
    return write_class([study], out, name="Spring 2027", seed=7, scale=0.2)


def searched(folder):
    """Text of every file of a folder, as a search would read it."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path: path.read_bytes().decode("utf-8", "replace") for path in paths}


def found(texts, secret):
    """Names of the files that hold a secret."""
    return [path.name for path, text in texts.items() if secret in text]


def test_learners_get_their_notebooks_and_no_trainers_file(made):
    names = {p.name for p in (made.learners / "notebooks").iterdir()}
    assert names == {"00_start_here.ipynb", STUDY}
    for name in ("truth", "answer_key*", "TRAINING.md", "solutions", "tests", ".git"):
        assert not list(made.learners.rglob(name)), name


def test_learners_notebooks_hold_no_output_and_no_metadata_but_tags(made):
    for path in (made.learners / "notebooks").iterdir():
        nb = read(path)
        assert set(nb.metadata) <= {"kernelspec", "language_info"}
        for cell in nb.cells:
            assert set(cell.metadata) <= {"tags"}
            assert "solution" not in tags(cell)
            assert not cell.get("outputs") and not cell.get("execution_count")


def numbers_of(key):
    """Numbers that an answer consists of, or that a sentence has to state."""
    if key["form"] == "sentence":
        return [part for _, part in key["answer"] if isinstance(part, float)]
    return key["answer"] if isinstance(key["answer"], list) else [key["answer"]]


def test_no_answer_is_found_by_searching_the_learners_folder(made):
    own = searched(made.learners)
    for path in list(own):
        everybodys = project_root() / path.relative_to(made.learners)
        if everybodys.is_file() and everybodys.read_bytes() == path.read_bytes():
            del own[path]
    assert {"answers.json", "customers.parquet"} <= {path.name for path in own}
    numbers = [
        number
        for key in made.keys
        for number in numbers_of(key)
        if isinstance(number, float) and number != round(number, 2)
    ]
    assert len(numbers) >= 4
    for number in numbers:
        for digits in (4, 6, 9):
            told = f"{number:.{digits}g}"
            assert found(own, told) == [], told


def test_no_message_solution_or_needed_word_is_found(made):
    texts = searched(made.learners)
    for key in made.keys:
        for mistake in key["mistakes"]:
            if not mistake["message"].startswith(USUAL):
                assert found(texts, mistake["message"]) == []
        if key["form"] == "sentence":
            assert found(texts, key["solution"]) == []
            answers = texts[made.learners / "answers.json"]
            for missing, needed in key["answer"]:
                assert missing not in answers
                words = needed if isinstance(needed, list) else []
                assert not any(f'"{word}"' in answers for word in words)


def test_no_line_of_a_solution_is_found(made):
    texts = searched(made.learners)
    nb = read(notebooks_folder() / STUDY)
    others = "\n".join(c.source for c in nb.cells if "solution" not in tags(c))
    solved = "\n".join(c.source for c in nb.cells if "solution" in tags(c))
    lines = {line.strip() for line in solved.splitlines()}
    lines = {line for line in lines if len(line) >= 20 and line not in others}
    assert len(lines) >= 20
    for line in lines:
        assert found(texts, line) == [], line


def test_no_truth_is_found(made):
    texts = searched(made.learners)
    kept = made.trainer / "company" / "truth"
    hidden = {path.read_bytes() for path in kept.rglob("*") if path.is_file()}
    given = {path.read_bytes() for path in texts}
    assert hidden and not hidden & given
    known = json.loads((kept / "parameters.json").read_text("utf-8"))
    drawn = known["planted"]["hazard"]["voluntary"]
    values = [drawn[name] for name in ("floor", "early", "engagement", "referred")]
    for value in [*values, *known["planted"]["shop"].values()]:
        if isinstance(value, float) and len(str(value)) >= 6:
            assert found(texts, str(value)) == []


def test_a_search_that_has_something_to_find_finds_it(made, tmp_path):
    """The searches above are able to fail."""
    (tmp_path / "notes.txt").write_text("the answer is 0.1834", encoding="utf-8")
    assert found(searched(tmp_path), "0.1834") == ["notes.txt"]


def test_check_setup_opens_the_company_of_the_class(made, tmp_path):
    """With the library that was handed out, in a process of its own."""

    def said(folder):
        env = os.environ | {"PYTHONPATH": str(folder / "lib")}
        command = [sys.executable, "-m", "retention", "check-setup"]
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True
        )

    well = said(made.learners)
    assert (well.returncode, well.stderr) == (0, "")
    assert re.search(r"^company +OK$", well.stdout, re.MULTILINE)
    spoilt = tmp_path / "spoilt"
    shutil.copytree(made.learners, spoilt)
    shutil.rmtree(spoilt / "data" / "spring_2027")
    told = said(spoilt)
    assert told.returncode == 2
    assert "Ask your trainer for this folder again" in told.stdout


def test_the_learners_readme_names_only_what_is_there(made):
    page = (made.learners / "README.md").read_text("utf-8")
    makefile = (made.learners / "Makefile").read_text("utf-8")
    assert "# Customer retention: Spring 2027" in page and "$" not in page
    assert "make lab" in page and re.search(r"^lab:", makefile, re.MULTILINE)
    named = re.findall(r"notebooks/\S+?\.ipynb|data/[\w./]+|requirements\.lock", page)
    assert len(named) >= 4
    for name in set(named) - {"data/", "data/mine"}:
        assert (made.learners / name.rstrip("`.")).exists(), name
    declared = (made.learners / "pyproject.toml").read_text("utf-8")
    supported = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', declared)
    for minor in range(*map(int, supported.groups())):
        assert f"3.{minor}" in page


def test_the_same_seed_makes_the_same_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(handouts, "solutions_run", lambda nb, *_: nb)

    def files(folder):
        texts = {p.relative_to(folder): p for p in folder.rglob("*") if p.is_file()}
        return {str(name): path.read_bytes() for name, path in texts.items()}

    study, options = notebooks_folder() / STUDY, {"name": "A", "scale": 0.02}
    first = write_class([study], tmp_path / "one", seed=3, **options)
    again = write_class([study], tmp_path / "two", seed=3, **options)
    other = write_class([study], tmp_path / "three", seed=4, **options)
    assert files(first.learners) == files(again.learners)
    assert files(first.trainer) == files(again.trainer)
    changed = files(other.learners)["data/a/customers.parquet"]
    assert files(first.learners)["data/a/customers.parquet"] != changed


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
    nb = read(folder / STUDY)
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
    nb = read(trainer / "solutions" / STUDY)
    return "\n".join(cell.source for cell in nb.cells)


def test_a_class_needs_a_name_and_a_seed(capsys):
    from retention import cli

    assert cli.main(["handouts", "--class", "spring"]) == 2
    assert "--class spring-2027 --seed 7" in capsys.readouterr().err
