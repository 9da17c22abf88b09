"""Where notebooks lie, and how they are read and written."""

import os
import re
import sys
import tempfile
from pathlib import Path


def project_root() -> Path:
    """Folder that holds `lib`, `notebooks` and `data`.

    Returns
    -------
    Path
        The checkout that this package is installed from, or the working
        directory where the package was installed without one.

    Examples
    --------
    >>> (project_root() / "notebooks").name
    'notebooks'
    """
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "notebooks").is_dir() else Path.cwd()


def notebooks_folder() -> Path:
    """Folder of the study notebooks.

    Returns
    -------
    Path

    Examples
    --------
    >>> notebooks_folder().name
    'notebooks'
    """
    return project_root() / "notebooks"


def read(path):
    """Notebook in format 4.5 read from a file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    ValueError
        The file is not a notebook.

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
    ...     notebooks.read(path).cells[0].source
    '# How long?'
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError as error:
        raise ValueError(f"{Path(path).name} is not a notebook: {error}") from error


def serialised(nb) -> str:
    """Text of a notebook file: keys sorted, one final newline.

    Parameters
    ----------
    nb : nbformat.NotebookNode

    Returns
    -------
    str

    Examples
    --------
    >>> import nbformat
    >>> serialised(nbformat.v4.new_notebook()).splitlines()[0]
    '{'
    """
    import nbformat

    return nbformat.writes(nb, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def question(nb) -> str:
    """First heading of a notebook; "" where there is none.

    Parameters
    ----------
    nb : nbformat.NotebookNode

    Returns
    -------
    str

    Examples
    --------
    >>> from nbformat import v4
    >>> question(v4.new_notebook(cells=[v4.new_markdown_cell("# How long?")]))
    'How long?'
    """
    for cell in nb.cells:
        found = re.search(r"^# +(.+?) *$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return found[1]
    return ""


def without_paths(text: str, *, names=None) -> str:
    """Text in which this machine's folders are cut from every path.

    Parameters
    ----------
    text : str
    names : mapping of str to str, optional
        Further absolute paths and what stands in their place.

    Returns
    -------
    str

    Examples
    --------
    >>> without_paths(f"{project_root()}/data/lakeshore")
    'data/lakeshore'
    >>> without_paths("/srv/acme/customers.csv", names={"/srv/acme": "acme"})
    'acme/customers.csv'
    """
    longest_first = sorted((names or {}).items(), key=lambda item: -len(item[0]))
    for path, name in longest_first:
        text = _replaced(text, path, r"(?![\w.-])", name)
    for folder in (sys.prefix, sys.base_prefix, project_root(), tempfile.gettempdir()):
        text = _replaced(text, str(folder), "/", "")
    return _replaced(text, os.path.expanduser("~"), "/", "~/")


def _replaced(text, path, end, name):
    """Text with a path renamed where it begins, never inside a longer one."""
    path = path.rstrip(os.sep)
    if not path:
        return text
    begins = rf"(?<![\w./-]){re.escape(path)}{end}"
    return re.sub(begins, name.replace("\\", r"\\"), text)
