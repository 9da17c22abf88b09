"""The whole report beside papermill one notebook after another; run by hand.

    .venv/bin/python tests/benchmarks/reports.py --reps 3 --write

Both run the same notebooks on the same company, in turn (A, B, A, B, ...), and make
HTML of them: papermill as its documentation shows it, with a kernel a notebook and
nbconvert's own page; ours with `retention report`. Every output of every cell is
compared; a difference stops the script. The floor is what nothing can go below: the
libraries imported once, and the cells' own work spread over the processors. A cell's
own work is the shorter of its two times: alone, with what it imports, or beside
another study, with everything imported.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from retention.notebooks import RECORD_MIME, report_copy, without_paths
from retention.reports import Request, available_studies, report
from retention.reports.job import prepared

README = Path(__file__).with_name("README.md")
MARKS = "<!-- report -->", "<!-- end of report -->"
THEIRS, OURS = "papermill, one after another", "retention report"
IMPORTS = (
    "from retention.notebooks import warm; warm._preload(); "
    "import papermill, nbconvert.exporters"
)


def main():
    """Run both in turn, compare their outputs and print the table."""
    options = arguments()
    request = Request(
        company=options.company,
        studies=tuple(options.study or ()),
        keep_notebooks=True,
    )
    plans = [plan for plan in prepared(request).plans if not plan.skipped]
    taken = {THEIRS: [], OURS: [], "imports": [], "work": []}
    for _ in range(options.reps):
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = Path(folder) / "a", Path(folder) / "b"
            taken[THEIRS].append(timed(one_by_one, plans, theirs))
            taken[OURS].append(timed(whole, request, ours))
            taken["imports"].append(
                timed(subprocess.run, [sys.executable, "-c", IMPORTS])
            )
            notebooks = next(ours.glob("*/*/notebooks"))
            taken["work"].append(compared(theirs, notebooks))
            largest = max(p.stat().st_size for p in ours.glob("*/*/*.html"))
    table = written(taken, len(plans), largest)
    print(table)
    if options.write:
        before, _, rest = README.read_text().partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        README.write_text(f"{before}{MARKS[0]}\n{table}{MARKS[1]}{after}")


def arguments():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--company", default="data/lakeshore")
    parser.add_argument("--study", action="append", choices=available_studies())
    parser.add_argument("--reps", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"into {README.name}")
    return parser.parse_args()


def one_by_one(plans, folder):
    """Each notebook by papermill in a kernel of its own, then nbconvert."""
    import papermill
    from nbconvert.exporters import HTMLExporter

    records = folder / "records"
    records.mkdir(parents=True)
    for plan in plans:
        target = folder / plan.path.name
        papermill.execute_notebook(
            report_copy(nbformat.read(plan.path, 4)),
            target,
            parameters=plan.given(records=str(records)).parameters,
            kernel_name="python3",
            progress_bar=False,
            cwd=plan.path.parent,
        )
        keep_record(nbformat.read(target, 4), records / f"{plan.name}.json")
        html, _ = HTMLExporter(exclude_input=True).from_filename(str(target))
        target.with_suffix(".html").write_text(html, encoding="utf-8")


def keep_record(nb, path):
    """Write what a study recorded, for the ledger that reads it."""
    outputs = [o for cell in nb.cells for o in cell.get("outputs", [])]
    found = [o.data[RECORD_MIME] for o in outputs if RECORD_MIME in o.get("data", {})]
    path.write_text(json.dumps(found[0]))


def whole(request, folder):
    """Our report, every page of it."""
    done = report(Request(**{**vars(request), "out": folder}))
    failed = [study.reason for study in done.studies if study.status == "failed"]
    if failed:
        raise SystemExit(f"A study failed: {failed[0]}")


def timed(function, *arguments):
    """Seconds that a call takes."""
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def compared(theirs, ours):
    """Seconds of the cells' own work; stops where an output differs."""
    work = 0.0
    for path in sorted(theirs.glob("*.ipynb")):
        one, other = (nbformat.read(folder / path.name, 4) for folder in (theirs, ours))
        for number, (a, b) in enumerate(zip(one.cells, other.cells, strict=True), 1):
            if plain(a) != plain(b):
                raise SystemExit(f"{path.name}, cell {number}: outputs differ.")
            times = [c.metadata.get("papermill", {}).get("duration") for c in (a, b)]
            work += min(times) if all(times) else 0.0
    return work


def plain(cell):
    """What a cell shows: pictures without the text that our kernels add to them."""
    shown = []
    for output in cell.get("outputs", []):
        data = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
        shown.append(without_paths(f"{data}{output.get('text', '')}"))
    return shown


def written(taken, studies, largest):
    """Table of medians, and how they compare."""
    seconds = {name: statistics.median(times) for name, times in taken.items()}
    cores = len(os.sched_getaffinity(0))
    floor = (seconds["imports"] + seconds["work"]) / cores
    rows = [
        (name, took, seconds[THEIRS] / took, took / floor)
        for name, took in (
            (THEIRS, seconds[THEIRS]),
            (OURS, seconds[OURS]),
            ("floor", floor),
        )
    ]
    lines = [
        f"{studies} studies, {cores} processors, load average "
        f"{os.getloadavg()[0]:.1f} at the end, median of {len(taken[OURS])}. Every "
        "output of every cell is the same. The libraries are imported once in "
        f"{seconds['imports']:.1f} s, the cells' own work is {seconds['work']:.1f} s, "
        f"the largest page has {largest / 1000:.0f} KB.",
        "",
        "| way | seconds | times as fast | times the floor |",
        "|---|--:|--:|--:|",
        *(f"| {n} | {s:.1f} | {faster:.2f} | {t:.2f} |" for n, s, faster, t in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
