"""The trainer's guide: how long each part of a notebook takes, counted from it."""

import re
from dataclasses import dataclass
from pathlib import Path

from retention.notebooks.copies import tags
from retention.notebooks.files import read

WORDS_A_MINUTE = 200
PER_FIGURE = 1.5
PER_EXERCISE = 5
LAST_EXERCISE = 8
GUIDE = "TRAINING.md"
BEGINS, ENDS = "<!-- counted -->", "<!-- end of counted -->"
_SECTION = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_EXERCISE = re.compile(r"^### +\d+\. +(.+?) *$", re.MULTILINE)
_WORD = re.compile(r"\w[\w'’.,:%-]*")


@dataclass(frozen=True)
class Section:
    """A section of a notebook, or one of its exercises.

    Attributes
    ----------
    title : str
        Its heading; the first section has the notebook's.
    words, figures : int
        Words to read and figures to look at.
    teaching : bool
        Whether all of it is for a class and left out of a report.
    exercise : int
        Minutes to work on it, where it is an exercise.
    """

    title: str
    words: int = 0
    figures: int = 0
    teaching: bool = False
    exercise: int = 0

    @property
    def minutes(self) -> float:
        """Minutes to read it, or to work on it."""
        reading = self.words / WORDS_A_MINUTE + PER_FIGURE * self.figures
        return self.exercise or reading


def sections(nb) -> list[Section]:
    """Sections of a notebook in their order, then its exercises.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        With its figures stored.

    Returns
    -------
    list of Section
        By headings of the second level; the teaching cells of one make a section
        of their own. Solutions are not counted.

    Examples
    --------
    >>> from nbformat import v4
    >>> cells = [v4.new_markdown_cell("# How long?"), v4.new_markdown_cell("## A b")]
    >>> [section.title for section in sections(v4.new_notebook(cells=cells))]
    ['How long?', 'A b']
    """
    read_ones, title = {}, ""
    for cell in nb.cells:
        if tags(cell) & {"exercise", "solution", "record"}:
            continue
        title = _title(cell) or title
        at = title, "teaching" in tags(cell)
        words, figures = read_ones.get(at, (0, 0))
        read_ones[at] = words + _words(cell), figures + _figures(cell)
    found = [Section(name, *held, teach) for (name, teach), held in read_ones.items()]
    return found + _exercises(nb)


def minutes_table(paths) -> str:
    """Markdown of how long each notebook takes, and each of its sections.

    Parameters
    ----------
    paths : iterable of Path
        Notebooks with their figures stored.
    """
    held = {Path(path).name: sections(read(path)) for path in paths}
    lines = [
        "| notebook | words | figures | minutes without teaching cells "
        "| minutes with them | exercises | minutes for these |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, parts) for name, parts in held.items()),
        "",
        "Minutes to read each section (*T*: its teaching cells):",
        "",
        *(_by_section(name, parts) for name, parts in held.items()),
    ]
    return "\n".join(lines)


def counted_guide(path) -> str:
    """Text of the guide with its counted part counted anew; the rest as it was.

    Parameters
    ----------
    path : str or Path
        Of a page with `BEGINS` and `ENDS` in it, beside the notebooks.

    Raises
    ------
    ValueError
        If the page has no counted part.
    """
    path = Path(path)
    before, begins, rest = path.read_text(encoding="utf-8").partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not (begins and ends):
        raise ValueError(f"{path.name} has no part between {BEGINS} and {ENDS}.")
    table = minutes_table(sorted(path.parent.glob("[0-9]*.ipynb")))
    return f"{before}{BEGINS}\n\n{table}\n\n{ENDS}{after}"


def _title(cell):
    if cell.cell_type != "markdown":
        return ""
    found = _SECTION.search(cell.source) or re.match(r"# +(.+)", cell.source)
    return found[1] if found else ""


def _words(cell):
    return len(_WORD.findall(cell.source)) if cell.cell_type == "markdown" else 0


def _figures(cell):
    outputs = cell.get("outputs", [])
    return sum("image/png" in output.get("data", {}) for output in outputs)


def _exercises(nb):
    texts = [
        cell.source
        for cell in nb.cells
        if cell.cell_type == "markdown" and "exercise" in tags(cell)
    ]
    titles = [title for text in texts for title in _EXERCISE.findall(text)]
    last = len(titles) - 1
    return [
        Section(title, exercise=LAST_EXERCISE if k == last else PER_EXERCISE)
        for k, title in enumerate(titles)
    ]


def _row(name, parts):
    reading = [part for part in parts if not part.exercise]
    report = [part for part in reading if not part.teaching]
    tasks = [part for part in parts if part.exercise]
    words, figures = (
        sum(getattr(p, of) for p in reading) for of in ("words", "figures")
    )
    cells = (words, figures, _sum(report), _sum(reading), len(tasks), _sum(tasks))
    return f"| `{name}` | {' | '.join(map(str, cells))} |"


def _sum(parts):
    return round(sum(part.minutes for part in parts))


def _by_section(name, parts):
    told = [
        f"{part.title}{' *T*' if part.teaching else ''} {part.minutes:.0f}"
        for part in parts
        if part.minutes >= 0.5 and not part.exercise
    ]
    return f"- `{name}`: {' · '.join(told)}"
