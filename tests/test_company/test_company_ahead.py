"""A company that one process has checked, and its forks go on with."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from retention import counts
from retention.company import CompanyError, ahead, open_ahead, open_company
from retention.notebooks import kernel_options, kernel_surroundings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing forks here")


@pytest.fixture
def folder(tmp_path):
    rows = {"customer_id": ["a", "b", "b"], "joined_on": ["2025-01-31"] * 3}
    pd.DataFrame(rows).to_csv(tmp_path / "customers.csv", index=False)
    return tmp_path


@pytest.fixture(autouse=True)
def _nothing_waits():
    yield
    ahead._WAITING.clear()


def in_a_fork(function) -> int:
    """What a function returns, in a fork of this process."""
    child = os.fork()
    if child == 0:
        os._exit(function())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_forks_get_what_was_checked_and_can_count(folder):
    open_ahead(folder)
    (folder / "customers.csv").unlink()

    def counted():
        company = open_company(folder)
        used, bad = company.quality().loc[0, ["used", "quarantined"]]
        return 10 * int(used) + int(bad)

    assert [in_a_fork(counted), in_a_fork(counted)] == [21, 21]


def test_kernels_find_the_company_that_their_parent_has_read(folder):
    """A single thread has read it, or the parent would not be fit to be forked."""
    source = f"""
from retention.company import open_company
print(open_company({str(folder)!r}).quality().loc[0, "used"])
"""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    with kernel_surroundings(warm=True, ahead=[str(folder)]) as kernels:
        assert kernels.warm
        (folder / "customers.csv").unlink()
        NotebookClient(nb, kernel_name="python3", **kernel_options(kernels)).execute()
    assert nb.cells[0].outputs[0].text == "2\n"


ENDS = """
import os, sys
from retention.company import ahead, open_ahead, open_company

open_ahead(sys.argv[1])
(_, store), = ahead._WAITING.values()
before = store.scratch
if child := os.fork():
    os.waitpid(child, 0)
    print(before.exists())
else:
    company = open_company(sys.argv[1])
    print(store.scratch != before and store.scratch.exists())
    print(store.scratch, flush=True)
"""


def test_a_fork_leaves_the_scratch_folder_of_its_parent(folder):
    """In a process of its own: at its end a fork would clear away what pytest keeps."""
    command = [sys.executable, "-P", "-c", ENDS, str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    moved, scratch, before_is_there = said.stdout.splitlines()
    assert (moved, before_is_there) == ("True", "True")
    assert not Path(scratch).exists()


def test_what_was_asked_differently_is_opened_anew(folder):
    open_ahead(folder)
    assert open_company(folder, as_of="2025-01").as_of is not None
    assert open_company(folder, settings={"company": {"name": "Acme"}}).name == "Acme"
    with pytest.raises(CompanyError):
        open_company(folder, strict=True).table("customers")
    assert len(ahead._WAITING) == 1
    first, second = open_company(folder), open_company(folder)
    assert first is not second and not ahead._WAITING


def test_no_question_reads_a_small_table_again(folder, monkeypatch):
    """Only a large one, which memory is not to hold."""
    file, shipped = folder / "customers.parquet", folder / "customers.csv"
    pd.read_csv(shipped, dtype=str).drop_duplicates().to_parquet(file)
    shipped.unlink()
    for most, readable in ((ahead.MOST_HELD, True), (1, False)):
        monkeypatch.setattr(ahead, "MOST_HELD", most)
        open_ahead(folder)
        company = open_company(folder)
        away = file.rename(folder / "away")
        try:
            rows = len(counts.collect(company.table("customers")))
        except duckdb.Error:
            rows = 0
        away.rename(file)
        assert (rows > 0) == readable


def test_one_that_has_spilled_to_disk_is_opened_anew(folder):
    open_ahead(folder)
    store = next(iter(ahead._WAITING.values()))[1]
    store.run("SET memory_limit = '20MB'")
    store.run("CREATE TABLE big AS SELECT md5(range::VARCHAR) a FROM range(1000000)")
    assert [*store.scratch.iterdir()]
    assert ahead.waiting(folder, as_of=None) is None
    assert open_company(folder).quality().loc[0, "used"] == 2


def test_what_cannot_wait_is_left_alone(tmp_path):
    with pytest.raises(CompanyError, match="There is no company"):
        open_ahead(tmp_path / "nowhere")
    assert ahead.waiting({}, as_of=None) is None
    assert ahead.waiting("spark://local[2]?folder=x", as_of=None) is None
