"""A class in one folder: what learners get, and what stays with the trainer."""

import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from retention.company.slug import slug
from retention.exercises import sealed_key, stated_keys
from retention.exercises.keys import class_salt
from retention.notebooks.copies import exercise_copy, solution_copy, tags
from retention.notebooks.files import project_root, read, serialised
from retention.notebooks.kernels import KERNEL, kernel_options, kernel_surroundings
from retention.notebooks.pages import answer_page, learners_page

WORKBOOK_FILES = ("lib", "pyproject.toml", "requirements.lock", "Makefile", "LICENSE")
DATA_FILES = ("claims", "published", "YOUR_DATA.md", "ENGINES.md")
_HINT = re.compile(r"\*Hint:\*\s*(.+?)\s*$", re.DOTALL)


@dataclass(frozen=True, eq=False)
class ClassFolder:
    """What was written for a class.

    Attributes
    ----------
    learners, trainer : Path
        Folder to hand out, and folder to keep.
    keys : list of dict
        The answers, as the trainer's key holds them.
    """

    learners: Path
    trainer: Path
    keys: list[dict]

    @property
    def summary(self) -> str:
        """Both folders and how many exercises they hold."""
        return (
            f"{self.learners}: for learners. {self.trainer}: for the trainer, with "
            f"the answers to {len(self.keys)} exercises."
        )


def write_class(notebooks, out, *, name: str, seed: int, scale=1.0) -> ClassFolder:
    """Everything one class needs, with a company of its own.

    Parameters
    ----------
    notebooks : iterable of Path
        Study notebooks; the start page is added.
    out : str or Path
        Folder; it must not exist or be empty.
    name : str
        Of the class, such as spring-2027.
    seed : int
        The same seed gives the same company and answers.
    scale : float
        Size of the company.

    Returns
    -------
    ClassFolder
        `learners/` is a workbook of its own: the library, exercise copies, the
        class's company without its truth, and sealed answers. `trainer/` has the
        company with its truth, the solutions run on it and the answer key.

    Raises
    ------
    ValueError
        If `out` holds something, or the seed or the name cannot be used.
    nbclient.exceptions.CellExecutionError
        If a solution fails on this company.
    """
    out, place = _empty(out), slug(name)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as made:
        made = Path(made) / "new"
        _company(made, name, seed, scale)
        keys = _solutions(notebooks, made / "trainer")
        _trainers_pages(made / "trainer", name, seed, keys)
        _learners(notebooks, made, place, name, class_salt(name, seed), keys)
        if out.exists():
            out.rmdir()
        made.rename(out)
    return ClassFolder(out / "learners", out / "trainer", keys)


def solutions_run(nb, folder, surroundings):
    """Solution copy of a notebook after running it in a folder."""
    from nbclient import NotebookClient

    nb = solution_copy(nb)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(
        nb,
        timeout=600,
        kernel_name=KERNEL,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        **kernel_options(surroundings),
    ).execute()
    return nb


def keys_of(nb) -> list[dict]:
    """Keys that an executed solution copy states, with hints and solutions added.

    Parameters
    ----------
    nb : nbformat.NotebookNode

    Returns
    -------
    list of dict
        The hint is the one that the exercise's text gives, the solution is the
        code of its cell, unless the key says otherwise.
    """
    found, hint = [], ""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and "exercise" in tags(cell):
            told = _HINT.search(cell.source)
            hint = told[1] if told else ""
        for key in stated_keys(type(nb)(cells=[cell])):
            code = cell.source.split("\nanswer_key(")[0].strip()
            texts = {"hint": key["hint"] or hint, "solution": key["solution"] or code}
            found.append(key | texts)
    return found


def _empty(out):
    out = Path(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise ValueError(f"{out} is there already; name a new folder for the class.")
    return out


def _company(made, name, seed, scale):
    from retention.simulate import placed, simulate_class

    company = simulate_class(seed=seed, name=name, scale=scale)
    placed(company, made / "trainer" / "company")


def _solutions(notebooks, trainer):
    folder = trainer / "solutions"
    folder.mkdir(parents=True)
    keys = []
    with kernel_surroundings(warm=True) as surroundings:
        for path in _with_start(notebooks):
            nb = _on_company(read(path), "../company")
            nb = solutions_run(nb, folder, surroundings)
            (folder / path.name).write_text(serialised(nb), encoding="utf-8")
            keys += keys_of(nb)
    return keys


def _trainers_pages(trainer, name, seed, keys):
    known = json.loads((trainer / "company" / "truth" / "parameters.json").read_text())
    text = json.dumps({"class": name, "seed": seed, "exercises": keys}, indent=1)
    (trainer / "answer_key.json").write_text(text + "\n", encoding="utf-8")
    page = answer_page(name, seed, keys, known)
    (trainer / "answer_key.md").write_text(page, encoding="utf-8")
    guide = project_root() / "notebooks" / "TRAINING.md"
    if guide.is_file():
        shutil.copy(guide, trainer / guide.name)


def _learners(notebooks, made, place, name, salt, keys):
    folder, root = made / "learners", project_root()
    (folder / "notebooks").mkdir(parents=True)
    for path in _with_start(notebooks):
        nb = exercise_copy(_on_company(read(path), f"../data/{place}"))
        target = folder / "notebooks" / path.name
        target.write_text(serialised(nb), encoding="utf-8")
    _copied(root, folder, WORKBOOK_FILES)
    _copied(root / "data", folder / "data", DATA_FILES)
    shutil.copytree(
        made / "trainer" / "company",
        folder / "data" / place,
        ignore=shutil.ignore_patterns("truth"),
    )
    sealed = {key["exercise"]: sealed_key(key, salt=salt) for key in keys}
    text = json.dumps({"class": name, "exercises": sealed})
    (folder / "answers.json").write_text(text + "\n", encoding="utf-8")
    (folder / "README.md").write_text(learners_page(name, place), encoding="utf-8")


def _copied(source, target, names):
    target.mkdir(parents=True, exist_ok=True)
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=skip)
        elif (source / name).is_file():
            shutil.copy(source / name, target / name)


def _with_start(notebooks):
    paths = [Path(path) for path in notebooks]
    start = project_root() / "notebooks" / "00_start_here.ipynb"
    return [*([start] if start.is_file() and start not in paths else []), *paths]


def _on_company(nb, company):
    """The notebook with another default for its parameter `company`."""
    for cell in nb.cells:
        if "parameters" in tags(cell):
            line = f'company: str = "{company}"'
            cell.source = re.sub(r'company: str = "[^"]*"', line, cell.source)
    return nb
