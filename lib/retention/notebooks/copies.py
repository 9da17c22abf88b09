"""Three copies cut from one notebook by its tags."""

import copy
from pathlib import Path

from retention.notebooks.files import read, serialised

TAGS = ("parameters", "teaching", "exercise", "solution", "record")
NOT_IN_REPORT = frozenset({"teaching", "exercise", "solution"})
NOT_IN_EXERCISE = frozenset({"solution", "record"})
_BLANK = "# Your answer here."


def tags(cell) -> set:
    """Tags of a cell."""
    return set(cell.metadata.get("tags", []))


def report_copy(nb):
    """Copy without teaching, exercises and solutions.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Stays as it is.

    Returns
    -------
    nbformat.NotebookNode
        The record cell is kept: the runner reads it.
    """
    return _with_cells(nb, [c for c in nb.cells if not tags(c) & NOT_IN_REPORT])


def exercise_copy(nb):
    """Copy in which each solution is an empty cell to fill in.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Stays as it is.

    Returns
    -------
    nbformat.NotebookNode
        Solution text and the record cell are dropped, all outputs cleared.
    """
    kept = [c for c in nb.cells if not _only_in_solution(c)]
    exercise = _with_cells(nb, kept)
    for cell in exercise.cells:
        _cleared(cell)
        if "solution" in tags(cell):
            cell.source = _BLANK
    return exercise


def solution_copy(nb):
    """Copy with every solution, for the trainer; only the record cell is dropped.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Stays as it is.
    """
    return _with_cells(nb, [c for c in nb.cells if "record" not in tags(c)])


def write_handouts(notebooks, out) -> list[Path]:
    """Files written: `exercises/` and `solutions/` copies of each notebook.

    Parameters
    ----------
    notebooks : iterable of Path
    out : str or Path
        Folder, made where it is missing.

    Returns
    -------
    list of Path
    """
    made = {"exercises": exercise_copy, "solutions": solution_copy}
    written = []
    for path in notebooks:
        nb = read(path)
        for folder, cut in made.items():
            target = Path(out) / folder / Path(path).name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(serialised(cut(nb)), encoding="utf-8")
            written.append(target)
    return written


def _with_cells(nb, cells):
    cut = copy.copy(nb)
    cut["cells"] = copy.deepcopy(cells)
    cut["metadata"] = copy.deepcopy(nb.metadata)
    return cut


def _only_in_solution(cell):
    text = "solution" in tags(cell) and cell.cell_type != "code"
    return text or "record" in tags(cell)


def _cleared(cell):
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
