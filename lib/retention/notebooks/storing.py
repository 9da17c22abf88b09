"""Re-running notebooks so that the same notebook gives the same bytes."""

from contextlib import nullcontext
from pathlib import Path

from retention.notebooks.files import read, serialised
from retention.notebooks.kernels import KERNEL, kernel_options, kernel_surroundings

_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": KERNEL}
_KEPT = {"tags", "alt"}


def rerun(path, *, timeout: int = 600, kernels=None) -> str:
    """Text of the notebook file after running every cell.

    Parameters
    ----------
    path : str or Path
        Stays as it is.
    timeout : int
        Seconds a single cell may take.
    kernels : Kernels, optional
        As yielded by `kernel_surroundings`, where several notebooks share them.

    Returns
    -------
    str
        Timing, papermill's and widget state's metadata are gone, execution
        counts run from 1, cell ids stay: running twice gives the same text.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell fails.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import nbformat
    >>> from retention import notebooks
    >>> nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("6 * 7")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "small.ipynb"
    ...     _ = path.write_text(notebooks.serialised(nb))
    ...     text = notebooks.with_own_loop(notebooks.rerun, path)
    >>> nbformat.reads(text, 4).cells[0].outputs[0].data["text/plain"]
    '42'
    """
    from nbclient import NotebookClient

    nb = read(path)
    own = kernel_surroundings() if kernels is None else nullcontext(kernels)
    with own as surroundings:
        NotebookClient(
            nb,
            timeout=timeout,
            kernel_name=KERNEL,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(Path(path).parent)}},
            **kernel_options(surroundings),
        ).execute()
    return serialised(_normalised(nb))


def _normalised(nb):
    nb.metadata = type(nb.metadata)(
        kernelspec=_KERNELSPEC, language_info={"name": "python"}
    )
    nb.nbformat, nb.nbformat_minor = 4, 5
    for cell in nb.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k in _KEPT}
    _count(nb)
    return nb


def _count(nb):
    ran = [c for c in nb.cells if c.cell_type == "code" and c.source.strip()]
    for number, cell in enumerate(ran, start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
