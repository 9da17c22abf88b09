"""`retention check-setup`: whether this machine has what the workbook needs."""

import importlib.metadata
import platform
import shutil
from pathlib import Path

from retention.cli.options import COMPANY

_INSTALL = "make, or: pip install -r requirements.lock && pip install -e . --no-deps"
_NO_LETTERS = (
    "no font; it is needed only for Chinese names, which would be boxes in figures "
    "and PDF. On Debian and Ubuntu: apt-get install fonts-wqy-microhei; elsewhere "
    "Noto Sans SC from fonts.google.com"
)
_DRAWING = """
import pandas as pd
from retention import plots
point = pd.DataFrame({"label": ["here"], "value": [1.0], "kind": ["right"]})
_ = plots.answers(point, xlabel="value", title="A figure")
"""


def check_setup(options) -> int:
    """Print one line a requirement; exit code 2 when one is not met."""
    problems = 0
    for name, check in _CHECKS.items():
        trouble = check()
        problems += bool(trouble)
        print(f"{name:<12} {trouble or 'OK'}", flush=True)
    _browser()
    _letters()
    return 2 if problems else 0


def _browser():
    from retention.reports.pdf import BROWSERS

    found = next(filter(shutil.which, BROWSERS), None)
    told = f"OK ({found})" if found else "none found; it is needed only for --pdf"
    print(f"{'browser':<12} {told}")


def _letters():
    from retention.plots import chinese_fonts

    found = next(iter(chinese_fonts()), None)
    told = f"OK ({found})" if found else _NO_LETTERS
    print(f"{'chinese':<12} {told}")


def _python():
    from packaging.specifiers import SpecifierSet

    wanted = importlib.metadata.metadata("retention-workbook")["Requires-Python"]
    if SpecifierSet(wanted).contains(platform.python_version(), prereleases=True):
        return ""
    return f"{platform.python_version()} is not {wanted}: make PYTHON=python3.12 ..."


def _packages():
    from packaging.requirements import Requirement

    wanted = map(Requirement, importlib.metadata.requires("retention-workbook") or [])
    plain = [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]
    wrong = [told for requirement in plain if (told := _wrong_version(requirement))]
    return f"{'; '.join(wrong)}. Install: {_INSTALL}" if wrong else ""


def _wrong_version(requirement):
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(version, prereleases=True):
        return ""
    return f"{requirement.name} {version} is not {requirement.specifier}"


def _kernel():
    return _cell_trouble("1 + 1", "text/plain", "no notebook can run")


def _figure():
    return _cell_trouble(_DRAWING, "image/png", "no figure can be drawn")


def _cell_trouble(source, wanted, consequence):
    """What is wrong when a kernel cannot run a cell; "" when it can."""
    import nbformat.v4
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    from retention.notebooks import kernel_options, kernel_surroundings

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    try:
        with kernel_surroundings() as folder:
            options = kernel_options(folder)
            NotebookClient(nb, timeout=60, kernel_name="python3", **options).execute()
    except (CellExecutionError, RuntimeError, LookupError) as error:
        reason = str(error).strip().splitlines()[-1]
        return f"{consequence}: {reason}. Install: {_INSTALL}"
    shown = any(wanted in output.get("data", {}) for output in nb.cells[0].outputs)
    return "" if shown else f"{consequence}. Install: {_INSTALL}"


def _company():
    """What is wrong with the company that came along: a class's own, or Lakeshore."""
    from retention.company import CompanyError, open_company

    mended = f"Make it again: retention simulate {COMPANY}"
    place = _of_the_class()
    if place:
        mended = "Ask your trainer for this folder again"
    try:
        open_company(place or COMPANY)
    except CompanyError as error:
        return f"{error} {mended}"
    return ""


def _of_the_class() -> str:
    """Folder of the class's company, where a class's sealed answers lie."""
    from retention.company.slug import slug
    from retention.exercises import class_here

    name = class_here()
    return str(Path("data") / slug(name)) if name else ""


_CHECKS = {
    "python": _python,
    "packages": _packages,
    "kernel": _kernel,
    "figures": _figure,
    "company": _company,
}
