"""Three copies cut from one notebook by its tags."""

import copy
from pathlib import Path

from retention.notebooks.files import read, serialised

TAGS = ("parameters", "teaching", "exercise", "solution", "record")
NOT_IN_REPORT = frozenset({"teaching", "exercise", "solution"})
NOT_IN_EXERCISE = frozenset({"solution", "record"})
_BLANK = "# Your answer here."
_TRAINERS = "from retention.exercises import answer_key, check"
_LEARNERS = "from retention.exercises import check, hint, solution"


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

    Examples
    --------
    >>> from nbformat import v4
    >>> from retention import notebooks
    >>> nb = v4.new_notebook(cells=[
    ...     v4.new_code_cell("by_hand = 4 / 5", metadata={"tags": ["teaching"]}),
    ...     v4.new_code_cell("record(...)", metadata={"tags": ["record"]}),
    ... ])
    >>> [cell.source for cell in notebooks.report_copy(nb).cells]
    ['record(...)']
    """
    return _with_cells(nb, [c for c in nb.cells if not tags(c) & NOT_IN_REPORT])


def exercise_copy(nb):
    """Copy for learners, in which the solutions are not.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Stays as it is.

    Returns
    -------
    nbformat.NotebookNode
        Where an exercise has a cell to `check` an answer in, that cell is to be
        filled in; elsewhere the solution becomes an empty cell. Solution text and
        the record cell are dropped, all outputs cleared.

    Examples
    --------
    >>> from nbformat import v4
    >>> from retention import notebooks
    >>> nb = v4.new_notebook(cells=[
    ...     v4.new_markdown_cell("How many stay?", metadata={"tags": ["exercise"]}),
    ...     v4.new_code_cell("kept = 0.8", metadata={"tags": ["solution"]}),
    ... ])
    >>> [cell.source for cell in notebooks.exercise_copy(nb).cells]
    ['How many stay?', '# Your answer here.']
    """
    exercise = _with_cells(nb, list(_for_learners(nb.cells)))
    for cell in exercise.cells:
        _cleared(cell)
        cell.source = cell.source.replace(_TRAINERS, _LEARNERS)
        if "solution" in tags(cell):
            cell.source = _BLANK
    return exercise


def _for_learners(cells):
    checked = False
    for cell in cells:
        if "exercise" in tags(cell):
            checked = cell.cell_type == "code" and "check(" in cell.source
        solved = "solution" in tags(cell) and checked
        if not (solved or _only_in_solution(cell)):
            yield cell


def solution_copy(nb):
    """Copy with every solution, for the trainer; only the record cell is dropped.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Stays as it is.

    Returns
    -------
    nbformat.NotebookNode
        With everything else, outputs too.

    Examples
    --------
    >>> from nbformat import v4
    >>> from retention import notebooks
    >>> nb = v4.new_notebook(cells=[
    ...     v4.new_code_cell("kept = 0.8", metadata={"tags": ["solution"]}),
    ...     v4.new_code_cell("record(...)", metadata={"tags": ["record"]}),
    ... ])
    >>> [cell.source for cell in notebooks.solution_copy(nb).cells]
    ['kept = 0.8']
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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from nbformat import v4
    >>> from retention import notebooks
    >>> nb = v4.new_notebook(cells=[v4.new_markdown_cell("# How long?")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "study.ipynb"
    ...     _ = path.write_text(notebooks.serialised(nb))
    ...     written = notebooks.write_handouts([path], Path(folder) / "out")
    ...     [file.parent.name for file in written]
    ['exercises', 'solutions']
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
