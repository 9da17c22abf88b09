"""The whole report beside papermill one notebook after another; run by hand.

    .venv/bin/python tests/benchmarks/reports.py --reps 3 --write

Both run the same notebooks on the same company, in turn (A, B, A, B, ...), and make
HTML of them: papermill as its documentation shows it, with a kernel a notebook and
nbconvert's own page; ours with `retention report`. Every output of every cell is
compared; a difference stops the script. The floor is what nothing can go below: the
libraries imported once, and the cells' own work spread over the processors.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from retention.notebooks import report_copy, without_paths
from retention.reports import Request, available_studies, report
from retention.reports.job import prepared

RESULTS = Path(__file__).with_name("reports.md")
# A test process and its table; what runs is the same for both.
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
    taken = {"papermill, one after another": [], "retention report": [], "imports": []}
    for _ in range(options.reps):
        with tempfile.TemporaryDirectory() as folder:
            theirs, ours = Path(folder) / "a", Path(folder) / "b"
            taken["papermill, one after another"].append(
                timed(one_by_one, plans, theirs)
            )
            taken["retention report"].append(timed(whole, request, ours))
            taken["imports"].append(
                timed(subprocess.run, [sys.executable, "-c", IMPORTS])
            )
            work = compared(theirs, next(ours.glob("*/*/notebooks")))
    table = written(taken, work, len(plans))
    print(table)
    if options.write:
        RESULTS.write_text(table)


def arguments():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--company", default="data/lakeshore")
    parser.add_argument("--study", action="append", choices=available_studies())
    parser.add_argument("--reps", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"into {RESULTS.name}")
    return parser.parse_args()


def one_by_one(plans, folder):
    """Each notebook by papermill in a kernel of its own, then nbconvert."""
    import papermill
    from nbconvert.exporters import HTMLExporter

    folder.mkdir()
    (folder / "records").mkdir()
    for plan in plans:
        target = folder / plan.path.name
        papermill.execute_notebook(
            report_copy(nbformat.read(plan.path, 4)),
            target,
            parameters=plan.parameters,
            kernel_name="python3",
            progress_bar=False,
            cwd=plan.path.parent,
        )
        html, _ = HTMLExporter(exclude_input=True).from_filename(str(target))
        target.with_suffix(".html").write_text(html, encoding="utf-8")


def whole(request, folder):
    """Our report, every page of it."""
    done = report(Request(**{**vars(request), "out": folder}))
    failed = [study.reason for study in done.studies if study.status == "failed"]
    if failed:
        raise SystemExit(f"A study failed: {failed[0]}")


def timed(function, *arguments):
    """Wall and processor seconds of a call, those of its processes included."""
    wall, before = time.perf_counter(), sum(os.times()[:4])
    function(*arguments)
    return time.perf_counter() - wall, sum(os.times()[:4]) - before


def compared(theirs, ours):
    """Seconds of the cells' own work; stops where an output differs."""
    work = 0.0
    for path in sorted(theirs.glob("*.ipynb")):
        one, other = (nbformat.read(folder / path.name, 4) for folder in (theirs, ours))
        for number, (a, b) in enumerate(zip(one.cells, other.cells, strict=True), 1):
            if plain(a) != plain(b):
                raise SystemExit(f"{path.name}, cell {number}: outputs differ.")
            work += b.metadata.get("papermill", {}).get("duration") or 0.0
    return work


def plain(cell):
    """What a cell shows: pictures without the text that our kernels add to them."""
    shown = []
    for output in cell.get("outputs", []):
        data = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
        shown.append(without_paths(f"{data}{output.get('text', '')}"))
    return shown


def written(taken, work, studies):
    """Table of medians, and how they compare."""
    wall = {
        name: statistics.median(t[0] for t in times) for name, times in taken.items()
    }
    cpu = {
        name: statistics.median(t[1] for t in times) for name, times in taken.items()
    }
    cores = len(os.sched_getaffinity(0))
    floor = (wall["imports"] + work) / cores
    theirs, ours = "papermill, one after another", "retention report"
    rows = [
        (theirs, wall[theirs], f"{cpu[theirs]:.1f}", "", wall[theirs] / floor),
        (ours, wall[ours], "", wall[theirs] / wall[ours], wall[ours] / floor),
        ("floor", floor, "", "", 1.0),
    ]
    lines = [
        f"{studies} studies, {cores} processors, load {os.getloadavg()[0]:.1f}, "
        f"median of {len(taken[ours])}; every output of every cell is the same. "
        f"Imports once take {wall['imports']:.1f} s, the cells' own work {work:.1f} s.",
        "",
        "| way | wall s | times faster | times the floor |",
        "|---|--:|--:|--:|",
        *(
            f"| {name} | {seconds:.1f} | {faster if not faster else f'{faster:.1f}'} "
            f"| {times:.1f} |"
            for name, seconds, _, faster, times in rows
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
