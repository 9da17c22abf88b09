"""Time the survival functions beside other libraries and a bare scan.

python tests/benchmarks/survival.py --rows 1e4,1e5,1e6 --peers lifelines,R
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cases  # noqa: E402
import data  # noqa: E402

README = HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
WARM_ROWS = 10_000
SLOW_SECONDS = 60
AGREE = 1e-5  # where lifelines stops by default
FLOORS = {"curves and log-rank": "scan of 3 columns", "Cox": "scan of 9 columns"}
FLOORS |= {"period table": "scan of 9 columns"}


def main() -> int:
    """Run what was asked for and write the table."""
    options = arguments()
    if options.only:
        return one(options)
    results = []
    for rows in [int(float(r)) for r in options.rows.split(",")]:
        results += at_size(rows, options)
    text = table(results, options)
    print(text)
    if options.write:
        before, _, rest = README.read_text().partition(BEGIN)
        after = rest.partition(END)[2]
        README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    return 0


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1e4,1e5,1e6", help="sizes, with commas")
    parser.add_argument(
        "--peers",
        default="",
        help="lifelines,statsmodels,R,sksurv; R:1e6 stops R at a million rows",
    )
    parser.add_argument("--cases", default="", help="parts of case names, with commas")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="table into README.md")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(tempfile.gettempdir()) / "retention-benchmarks",
        help="folder of the generated customers",
    )
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def at_size(rows: int, options) -> list[dict]:
    """Every case at one size: A, B, C, A, B, C, ..."""
    data.parquet(options.data, WARM_ROWS)
    data.parquet(options.data, rows)
    peers = taking_part(options.peers, rows)
    if "R" in peers:
        data.csv(options.data, WARM_ROWS)
        data.csv(options.data, rows)
    runs = {key: [] for key in chosen(options, peers)}
    for repeat in range(options.reps):
        for key, done in runs.items():
            # a peer that takes minutes is run once
            if repeat and done[0].get("wall", 0) > SLOW_SECONDS:
                continue
            if not (done and "absent" in done[0]):
                done.append(measured(key, rows, options))
    disagreements(runs)
    return [summed(key, rows, done) for key, done in runs.items()]


def taking_part(peers: str, rows: int) -> set[str]:
    """Peers that run at a size."""
    limits = [peer.partition(":") for peer in peers.split(",")]
    return {name for name, _, most in limits if rows <= float(most or "inf")}


def chosen(options, peers: set[str]) -> list[tuple[str, str]]:
    """Cases and who runs them."""
    who = {"ours", "duckdb", *peers}
    parts = [p for p in options.cases.split(",") if p] or [""]
    wanted = [c for c in cases.CASES if any(p in c for p in parts)]
    floors = {FLOORS[c] for c in wanted if c in FLOORS}
    return [
        (case, name)
        for case, by in cases.CASES.items()
        if case in {*wanted, *floors}
        for name in by
        if name in who
    ]


def measured(key: tuple[str, str], rows: int, options) -> dict:
    """One case in a process of its own: wall and CPU seconds, peak memory, numbers."""
    command = [sys.executable, __file__, "--only", *key, "--rows", str(rows)]
    command += ["--threads", str(options.threads), "--data", str(options.data)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        print(f"{' by '.join(key)}, {rows:,} rows: {last}", file=sys.stderr)
        return {"absent": last}
    answer = json.loads(done.stdout.splitlines()[-1])
    print(f"{' by '.join(key)}, {rows:,} rows: {answer['wall']:.3f} s", file=sys.stderr)
    return answer


def environment() -> dict[str, str]:
    """Bytecode allowed, one thread for linear algebra."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def one(options) -> int:
    """Prepare, warm up on a small file, run once and print the measurements."""
    case, name = options.only
    prepare = cases.CASES[case][name]
    prepare(data.parquet(options.data, WARM_ROWS), options.threads)()
    path = data.parquet(options.data, int(float(options.rows)))
    run = prepare(path, options.threads)
    moved = watched() if name == "ours" else []
    wall, cpu = time.perf_counter(), time.process_time()
    numbers = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    who = resource.RUSAGE_CHILDREN if name == "R" else resource.RUSAGE_SELF
    numbers = {str(k): float(v) for k, v in numbers.items()}
    answer = {
        "wall": numbers.pop("clock wall", wall),
        "cpu": numbers.pop("clock cpu", cpu),
        "moved": numbers.pop("clock moved", sum(moved)) / 1e6,
        "peak": resource.getrusage(who).ru_maxrss / 1024,
        "numbers": numbers,
    }
    print(json.dumps(answer))
    return 0


def watched() -> list[int]:
    """Bytes of each table that leaves the engine from now on."""
    from retention.counts import engine

    moved, run = [], engine.run

    def counted(frame):
        found = run(frame)
        moved.append(int(found.memory_usage(index=False).sum()))
        return found

    engine.run = counted
    return moved


def disagreements(runs: dict) -> None:
    """Stop when a peer's numbers are not ours: speed without equality says nothing."""
    for (case, name), done in runs.items():
        ours = runs.get((case, "ours"), [{}])[0].get("numbers")
        theirs = done[0].get("numbers")
        if not ours or not theirs:
            continue
        shared = ours.keys() & theirs.keys()
        off = {k: abs(ours[k] - theirs[k]) / max(1, abs(ours[k])) for k in shared}
        worst = max(off, key=off.get)
        if off[worst] > AGREE:
            raise SystemExit(
                f"{case}: {name} says {worst} = {theirs[worst]}, we {ours[worst]}"
            )
        done[0]["agrees"] = off[worst]


def summed(key: tuple[str, str], rows: int, done: list[dict]) -> dict:
    """Medians of a case's repeats."""
    out = {"case": key[0], "who": key[1], "rows": rows, "runs": len(done)}
    if "absent" in done[0]:
        return out
    medians = {
        k: statistics.median(d[k] for d in done)
        for k in ("wall", "cpu", "peak", "moved")
    }
    return out | medians | {"agrees": done[0].get("agrees")}


def table(results: list[dict], options) -> str:
    """Markdown table with its circumstances."""
    found = {(r["case"], r["who"], r["rows"]): r for r in results if "wall" in r}
    names = ["duckdb", "narwhals", "pandas", "numpy", "lifelines", "statsmodels"]
    versions = ", ".join(f"{n} {metadata.version(n)}" for n in names)
    head = (
        f"Python {platform.python_version()}, {versions}; {options.threads} threads; "
        f"load average {os.getloadavg()[0]:.1f}; medians of up to {options.reps} runs."
    )
    lines = [
        head,
        "",
        "| rows | case | by | wall s | CPU s | peak MB | times the scan | times ours "
        "| differs by | MB moved |",
        "|--:|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([*lines, *(line(r, found) for r in results if "wall" in r)])


def line(r: dict, found: dict) -> str:
    """One row of the table."""
    floor = found.get((FLOORS.get(r["case"]), "duckdb", r["rows"]))
    ours = found.get((r["case"], "ours", r["rows"]))
    over = f"{r['wall'] / floor['wall']:.1f}" if floor else ""
    slower = f"{r['wall'] / ours['wall']:.1f}" if ours and r is not ours else ""
    agrees = f"{r['agrees']:.0e}" if r["agrees"] is not None else ""
    if r["who"] == "ours":
        agrees = ""
    spent = f"{r['wall']:.3f} | {r['cpu']:.3f} | {r['peak']:.0f}"
    who = f"{r['rows']:,} | {r['case']} | {r['who']}"
    moved = f"{r['moved']:.2f}" if r["moved"] else ""
    return f"| {who} | {spent} | {over} | {slower} | {agrees} | {moved} |"


if __name__ == "__main__":
    sys.exit(main())
