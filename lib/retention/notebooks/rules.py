"""The rules a stored notebook keeps, each checked by reading it."""

import ast
import io
import itertools
import json
import re
import tokenize

from retention.notebooks.copies import (
    NOT_IN_EXERCISE,
    NOT_IN_REPORT,
    TAGS,
    tags,
)
from retention.notebooks.files import project_root, serialised
from retention.notebooks.kernels import KERNEL
from retention.notebooks.names import borrowed, plain_python
from retention.notebooks.parameters import ParameterError, parameters

_LARGEST = 1_500_000
_MOST_PARAMETERS = 10
_MACHINE_PATH = re.compile(
    r"(?<![\w.:/-])/(?:home|Users|root|tmp|private|mnt|opt|usr|var|srv)/"
    r"|(?<![A-Za-z])[A-Z]:\\+(?:Users|Windows|Temp)"
)


def problems(nb, *, study: bool = True) -> list[str]:
    """What breaks the house rules in a stored notebook; empty when nothing does.

    Parameters
    ----------
    nb : nbformat.NotebookNode
    study : bool
        False for the start page and replications: these need no question, no
        parameters and no record.

    Returns
    -------
    list of str
        One sentence a fault, with the cell's number counted from 1.

    Examples
    --------
    >>> from nbformat import v4
    >>> from retention import notebooks
    >>> nb = v4.new_notebook(cells=[v4.new_markdown_cell("# How long")])
    >>> notebooks.problems(nb)[0]
    'The title is not a question: # How long'
    """
    found = [*_opening(nb, study), *_layout(nb, study), *_whole(nb)]
    for number, cell in enumerate(nb.cells, start=1):
        found += [f"Cell {number}: {fault}" for fault in _cell_faults(cell)]
    return found + _copies(nb)


def _cell_faults(cell):
    yield from _tag_faults(cell)
    if cell.cell_type == "code":
        yield from _code_faults(cell)
        for output in cell.outputs:
            yield from _output_faults(cell, output)


def _opening(nb, study):
    first = nb.cells[0].source.strip().splitlines() if nb.cells else [""]
    if not first[0].startswith("# "):
        yield "The first cell does not begin with a heading `# ...`."
    elif study and not first[0].rstrip().endswith("?"):
        yield f"The title is not a question: {first[0]}"
    said = [line for line in first[1:] if line.strip()]
    if study and not (said and said[0].startswith(">")):
        yield "No line `> what you will be able to say` follows the title."


def _layout(nb, study):
    headings = sum(_top_headings(c) for c in nb.cells if c.cell_type == "markdown")
    if headings > 1:
        yield f"{headings} headings of the first level; one is allowed."
    for tag in ("parameters", "record"):
        count = sum(tag in tags(cell) for cell in nb.cells)
        if count > 1 or (study and count == 0):
            yield f"{count} cells are tagged `{tag}`; there must be exactly one."
    if any("parameters" in tags(cell) for cell in nb.cells):
        yield from _parameter_faults(nb)


def _top_headings(cell):
    outside_code = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
    return len(re.findall(r"^# ", outside_code, re.MULTILINE))


def _parameter_faults(nb):
    from papermill.translators import PythonTranslator

    try:
        declared = parameters(nb)
    except ParameterError as error:
        yield str(error)
        return
    cell = next(c for c in nb.cells if "parameters" in tags(c))
    listed = {p.name for p in PythonTranslator.inspect(cell)}
    for parameter in declared:
        if parameter.name not in listed:
            yield f"papermill does not list the parameter {parameter.name}."
        if not parameter.help:
            yield f"The parameter {parameter.name} has no help."
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if len(lines) > _MOST_PARAMETERS:
        yield f"The parameters cell has {len(lines)} lines; {_MOST_PARAMETERS} at most."
    yield from (f"A second `=` in: {line}" for line in lines if line.count("=") > 1)


def _whole(nb):
    if nb.metadata.get("kernelspec", {}).get("name") != KERNEL:
        yield f"The kernel is not named {KERNEL}."
    size = len(serialised(nb).encode())
    if size > _LARGEST:
        yield f"The file has {size:,} bytes; {_LARGEST:,} at most."
    ran = [c for c in nb.cells if c.cell_type == "code"]
    if [c.execution_count for c in ran] != list(range(1, len(ran) + 1)):
        yield "Execution counts do not run 1, 2, 3, ...: run `make notebooks`."


def _tag_faults(cell):
    for tag in sorted(tags(cell)):
        if tag not in TAGS and not tag.startswith("nbval-"):
            yield f"the tag `{tag}` is unknown."
    if not cell.source.strip():
        yield "it is empty."
    if _names_this_machine(cell.source):
        yield "its source names a path of a machine."


def _code_faults(cell):
    try:
        ast.parse(plain_python(cell.source))
        if _ends_in_semicolon(cell.source):
            yield "a line ends in `;`: assign to `_` instead."
    except (tokenize.TokenError, SyntaxError):
        yield "it is not Python."
    checked = "nbval-check-output" in tags(cell) or "NBVAL_CHECK_OUTPUT" in cell.source
    if checked and not cell.outputs:
        yield "its output is to be checked, but none is stored."


def _ends_in_semicolon(source):
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    ends = (tokenize.NEWLINE, tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER)
    return any(
        token.string == ";" and after.type in ends
        for token, after in itertools.pairwise(tokens)
    )


def _output_faults(cell, output):
    if output.output_type == "error":
        yield f"it stores an error, {output.ename}."
    if output.get("name") == "stderr":
        yield "it stores a warning or other stderr text."
    if _names_this_machine(json.dumps(_text_of(output), ensure_ascii=False)):
        yield "its output names a path of a machine."
    data = output.get("data", {})
    if "image/svg+xml" in data or "image/jpeg" in data:
        yield "its figure is not a PNG."
    own = output.get("metadata", {}).get("image/png", {}).get("alt")
    if "image/png" in data and not (own or cell.metadata.get("alt")):
        yield "its figure has no alternative text: give it a title, then re-run."


def _text_of(output):
    pictures = ("image/png", "image/jpeg")
    data = {k: v for k, v in output.get("data", {}).items() if k not in pictures}
    return [data, output.get("text", ""), output.get("metadata", {})]


def _names_this_machine(text):
    return str(project_root()) in text or bool(_MACHINE_PATH.search(text))


def _copies(nb):
    try:
        report, exercise = borrowed(nb, NOT_IN_REPORT), borrowed(nb, NOT_IN_EXERCISE)
    except SyntaxError:
        return []
    told = [(taken, "report") for taken in report]
    told += [(taken, "exercise copy") for taken in exercise if taken not in report]
    return [
        f"Cell {at}: it uses `{name}`, which cell {by} sets and the {which} leaves out."
        for (at, name, by), which in told
    ]
