"""The whole report beside papermill one notebook after another; run by hand.

    .venv/bin/python tests/benchmarks/reports.py --reps 3 --write

All run the same notebooks on the same company, in turn (A, B, C, A, B, C, ...), and
make HTML of them. papermill does so in the two ways that its documentation shows, with
a kernel a notebook: by its command, a line a notebook and `jupyter nbconvert` after
it, as a scheduler would; and by its function, all in one process that has imported
papermill and nbconvert once. Ours is the command `retention report`. Every output of
every cell is compared; a difference stops the script.

The floor is what nothing can go below: the libraries imported once, and the cells' own
work spread over the processors. A cell's own work is the shortest of its times: alone,
with what it imports, or beside another study, with everything imported.
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
from retention.reports import Request, available_studies
from retention.reports.job import prepared

README = Path(__file__).with_name("README.md")
MARKS = "<!-- report -->", "<!-- end of report -->"
COMMANDS = "papermill's command, one notebook after another"
FUNCTION = "papermill's function, one notebook after another in one process"
OURS = "retention report"
IMPORTS = (  # as our command imports them
    "import sys; sys.modules['rfc3987_syntax'] = None; "
    "from retention.notebooks import warm; warm._preload(); "
    "import papermill, nbconvert.exporters"
)


def main():
    """Run all in turn, compare their outputs and print the table."""
    options = arguments()
    request = Request(company=options.company, studies=tuple(options.study or ()))
    plans = [plan for plan in prepared(request).plans if not plan.skipped]
    ways = {
        COMMANDS: lambda folder: one_by_one(plans, folder, by_command),
        FUNCTION: lambda folder: one_by_one(plans, folder, by_function),
        OURS: lambda folder: whole(options, folder),
    }
    taken = {name: [] for name in (*ways, "imports", "work")}
    for _ in range(options.reps):
        with tempfile.TemporaryDirectory() as place:
            folders = {name: Path(place) / str(k) for k, name in enumerate(ways)}
            for name, way in ways.items():
                taken[name].append(timed(way, folders[name]))
                print(f"{name}: {taken[name][-1]:.1f} s", file=sys.stderr, flush=True)
            imports = [sys.executable, "-c", IMPORTS]
            taken["imports"].append(timed(subprocess.run, imports))
            largest = max(p.stat().st_size for p in folders[OURS].glob("*/*/*.html"))
            folders[OURS] = next(folders[OURS].glob("*/*/notebooks"))
            taken["work"].append(compared([*folders.values()]))
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


def one_by_one(plans, folder, way):
    """Each notebook by papermill in a kernel of its own, then nbconvert."""
    records = folder / "records"
    records.mkdir(parents=True)
    for plan in plans:
        source, target = folder / f"source_{plan.path.name}", folder / plan.path.name
        nbformat.write(report_copy(nbformat.read(plan.path, 4)), source)
        way(source, target, plan.given(records=str(records)).parameters, plan.path)
        source.unlink()
        keep_record(nbformat.read(target, 4), records / f"{plan.name}.json")


def by_function(source, target, parameters, path):
    """By papermill's function and nbconvert's class, in this process."""
    import papermill
    from nbconvert.exporters import HTMLExporter

    papermill.execute_notebook(
        source,
        target,
        parameters=parameters,
        kernel_name="python3",
        progress_bar=False,
        cwd=path.parent,
    )
    html, _ = HTMLExporter(exclude_input=True).from_filename(str(target))
    target.with_suffix(".html").write_text(html, encoding="utf-8")


def by_command(source, target, parameters, path):
    """By the two commands that a scheduler would be given."""
    execute = ["papermill", source, target, "--kernel", "python3", "--cwd", path.parent]
    given = ["--parameters_yaml", json.dumps(parameters), "--no-progress-bar"]
    convert = ["nbconvert", "--to", "html", "--no-input", "--log-level", "ERROR"]
    for command in ([*execute, *given], ["jupyter", *convert, target]):
        run(command)


def run(command):
    """Run a module's command to its end, quietly."""
    command = [sys.executable, "-m", *map(str, command)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])


def keep_record(nb, path):
    """Write what a study recorded, for the ledger that reads it."""
    outputs = [o for cell in nb.cells for o in cell.get("outputs", [])]
    found = [o.data[RECORD_MIME] for o in outputs if RECORD_MIME in o.get("data", {})]
    path.write_text(json.dumps(found[0]))


def whole(options, folder):
    """Our report, every page of it."""
    studies = [word for name in options.study or () for word in ("--study", name)]
    report = ["retention", "report", options.company, "--out", folder, "--notebooks"]
    run([*report, "--quiet", *studies])


def timed(function, *arguments):
    """Seconds that a call takes."""
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def compared(folders):
    """Seconds of the cells' own work; stops where an output differs."""
    work = 0.0
    for path in sorted(folders[0].glob("*.ipynb")):
        books = [nbformat.read(folder / path.name, 4) for folder in folders]
        every = zip(*(book.cells for book in books), strict=True)
        for number, same in enumerate(every, start=1):
            if any(plain(cell) != plain(same[0]) for cell in same):
                raise SystemExit(f"{path.name}, cell {number}: outputs differ.")
            times = [c.metadata.get("papermill", {}).get("duration") for c in same]
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
    ways = {name: seconds[name] for name in (COMMANDS, FUNCTION, OURS)}
    rows = [
        (name, took, took / seconds[OURS], took / floor)
        for name, took in {**ways, "floor": floor}.items()
    ]
    lines = [
        f"{studies} studies, {cores} processors, load average "
        f"{os.getloadavg()[0]:.1f} at the end, median of {len(taken[OURS])}. Every "
        "output of every cell is the same. The libraries are imported once in "
        f"{seconds['imports']:.1f} s, the cells' own work is {seconds['work']:.1f} s, "
        f"the largest page has {largest / 1000:.0f} KB.",
        "",
        "| way | seconds | times ours | times the floor |",
        "|---|--:|--:|--:|",
        *(f"| {n} | {s:.1f} | {times:.2f} | {t:.2f} |" for n, s, times, t in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
