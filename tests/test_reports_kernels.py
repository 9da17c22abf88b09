"""Forked kernels: the same outputs as cold ones, and none of them left over."""

import os
import re
import sys
import time

import nbformat
import pytest
from test_reports import FIXTURES, STEM, notebooks_of, write_company

from retention import reports
from retention.notebooks import kernel_options, kernel_surroundings, kernels, rerun

linux = pytest.mark.skipif(sys.platform != "linux", reason="kernels start cold here")
PROBE = """
import os, random, sys, warnings
import matplotlib.pyplot as plt, numpy as np, pandas as pd
for kind in (FutureWarning, DeprecationWarning, RuntimeWarning):
    warnings.warn("x", kind)
(os.getcwd(), sys.path[0], pd.get_option("display.max_columns"),
 plt.get_backend(), os.environ.get("OMP_NUM_THREADS"), __name__, sys.argv[1:2],
 os.getppid() != 1)
"""


def executed(source, surroundings, cold, folder):
    from nbclient import NotebookClient

    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(
        nb,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        **kernel_options(surroundings, cold=cold),
    ).execute()
    return nb.cells[0].outputs


@linux
def test_a_forked_kernel_is_like_a_cold_one(tmp_path, monkeypatch):
    # `make test` turns some warnings into errors; here they are to be shown.
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)
    with kernel_surroundings(warm=True) as surroundings:
        assert surroundings.warm
        warm = executed(PROBE, surroundings, False, tmp_path)
        cold = executed(PROBE, surroundings, True, tmp_path)
    assert warm[-1].data == cold[-1].data
    warned = [re.findall(r"\w+Warning", o.get("text", "")) for o in (warm[0], cold[0])]
    assert warned[0] == warned[1]


@linux
def test_forked_kernels_draw_their_own_chance_and_share_no_names(tmp_path):
    chance = "import numpy, random\nx = 1\n(numpy.random.rand(), random.random())"
    with kernel_surroundings(warm=True) as surroundings:
        first = executed(chance, surroundings, False, tmp_path)
        second = executed(chance, surroundings, False, tmp_path)
        third = executed("'x' in globals()", surroundings, False, tmp_path)
    assert first[0].data != second[0].data
    assert third[0].data["text/plain"] == "False"


@linux
def test_nothing_is_left_when_the_surroundings_end(tmp_path):
    with kernel_surroundings(warm=True) as surroundings:
        shown = executed("import os; os.getpid()", surroundings, False, tmp_path)
        server = surroundings._server.pid
    for process in (int(shown[0].data["text/plain"]), server):
        for _ in range(50):
            if not os.path.exists(f"/proc/{process}"):
                break
            time.sleep(0.1)
        assert not os.path.exists(f"/proc/{process}")
    assert not os.path.exists(surroundings.folder)


@linux
def test_reports_from_forked_kernels_equal_those_from_cold_ones(tmp_path, own_kernels):
    company = write_company(tmp_path / "acme")
    stems = {STEM: "study", "07_claims_ledger": "reads_records"}
    folder = notebooks_of(tmp_path / "notebooks", **stems)
    both = {"company": company, "notebooks": folder, "keep_notebooks": True}
    warm = reports.report(reports.Request(out=tmp_path / "warm", **both))
    alone = reports.Request(out=tmp_path / "cold", studies=("tenure",), **both)
    cold = reports.report(alone)
    outputs = [
        [cell.get("outputs") for cell in nbformat.read(path, 4).cells]
        for path in (r.folder / "notebooks" / f"{STEM}.ipynb" for r in (warm, cold))
    ]
    assert outputs[0] == outputs[1]
    pages = [(r.folder / "tenure.html").read_text() for r in (warm, cold)]
    articles = [page.split("<article>")[1].split("</article>")[0] for page in pages]
    assert articles[0] == articles[1]


def test_where_nothing_can_be_forked_kernels_start_cold(tmp_path, monkeypatch):
    nowhere = "retention.there_is_no_such_module"
    monkeypatch.setattr(kernels.processes, "_FORKS_FROM", nowhere)
    with kernel_surroundings(warm=True) as surroundings:
        assert not surroundings.warm
        assert executed("1 + 1", surroundings, False, tmp_path)


@linux
def test_a_study_whose_forked_kernel_dies_is_run_again_in_a_cold_one(
    tmp_path, monkeypatch, own_kernels
):
    company = write_company(tmp_path / "acme")
    stems = {STEM: "short", "07_claims_ledger": "reads_records"}
    folder = notebooks_of(tmp_path / "notebooks", **stems)

    def refuses(*arguments, **options):
        raise RuntimeError("no kernel could be forked")

    monkeypatch.setattr(kernels.managers, "Forked", refuses)
    result = reports.run(company, notebooks=folder, out=tmp_path / "out")
    assert [study.status for study in result.studies] == ["done", "done"]


def test_a_notebook_run_again_gives_the_same_text():
    path = FIXTURES / "study.ipynb"
    with kernel_surroundings(warm=True) as surroundings:
        once = rerun(path, kernels=surroundings)
    assert once == rerun(path)
