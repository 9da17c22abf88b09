"""The whole report of simulated companies of several sizes; run by hand.

    .venv/bin/python tests/benchmarks/sizes.py --scales 0.1,1,10 --write

Each report is a process of its own with all its kernels; time and memory are those of
the whole family, looked at ten times a second. What `reports.py` leaves out: how the
time of a report grows with the company.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from retention.company import open_company

README = Path(__file__).with_name("README.md")
MARKS = "<!-- sizes -->", "<!-- end of sizes -->"
RETENTION = [sys.executable, "-m", "retention"]
MEGABYTE = 1e6


def main():
    """Simulate, report and measure; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scales", default="0.1,1,10")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"into {README.name}")
    options = parser.parse_args()
    lines = [
        f"{psutil.cpu_count()} processors; medians of {options.reps}.",
        "",
        "| customers | rows in all tables | studies | wall s | CPU s | peak MB | "
        "largest process, MB |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for scale in options.scales.split(","):
        lines.append(row(scale, options.reps))
        print(lines[-1], flush=True)
    table = "\n".join(lines) + "\n"
    if options.write:
        before, _, rest = README.read_text().partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        README.write_text(f"{before}{MARKS[0]}\n{table}{MARKS[1]}{after}")


def row(scale: str, reps: int) -> str:
    """A line of the table: medians for one size."""
    with tempfile.TemporaryDirectory() as folder:
        company = Path(folder) / "company"
        simulate = ["simulate", str(company), "--seed", "1", "--scale", scale]
        subprocess.run([*RETENTION, *simulate], check=True, stdout=subprocess.DEVNULL)
        quality = open_company(company).quality().set_index("table")["read"]
        runs = [measured(company, Path(folder) / f"out{k}") for k in range(reps)]
        pages = len([*(Path(folder) / "out0").glob("*/*/*.html")]) - 1
    wall, cpu, whole, largest = map(statistics.median, zip(*runs, strict=True))
    return (
        f"| {quality['customers']:,} | {quality.sum():,} | {pages} | {wall:.1f} | "
        f"{cpu:.1f} | {whole:,.0f} | {largest:,.0f} |"
    )


def measured(company: Path, out: Path) -> tuple[float, float, float, float]:
    """Wall and CPU seconds of a report, its peak megabytes and its largest process."""
    command = [*RETENTION, "report", str(company), "--out", str(out), "--quiet"]
    started, seconds, peaks = time.perf_counter(), {}, [0.0, 0.0]
    process = psutil.Popen(command)
    while process.poll() is None:
        held = []
        for member in family(process):
            try:
                times = member.cpu_times()
                seconds[member.pid] = times.user + times.system
                held.append(member.memory_full_info().pss / MEGABYTE)
            except psutil.Error:  # it has just ended
                continue
        peaks = [max(peaks[0], sum(held)), max([peaks[1], *held])]
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"The report of {company} ended with {process.returncode}.")
    return time.perf_counter() - started, sum(seconds.values()), *peaks


def family(process):
    """A process and all that come from it."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


if __name__ == "__main__":
    main()
