"""Time the BG/NBD on collapsed counts beside row-wise fits.

python tests/benchmarks/buyers.py --rows 1e4,1e5,1e6 --peers rows,lifetimes --write
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

import duckdb
import numpy as np
import pandas as pd

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- buyers -->", "<!-- end of buyers -->"
TRUTH = {"r": 0.55, "alpha": 6.0, "a": 0.9, "b": 2.8}
WEEK = 7
AGREE = 1e-3  # where lifetimes stops
COLLAPSE = """
SELECT x, (t_x + 3) // 7 AS t_x, (T + 3) // 7 AS T, count(*) AS n
FROM '{path}' GROUP BY ALL
"""


def main() -> int:
    """Run what was asked for and write the table."""
    options = arguments()
    if options.only:
        return one(options)
    peers = ["ours", *[p for p in options.peers.split(",") if p]]
    results = []
    for rows in [int(float(r)) for r in options.rows.split(",")]:
        customers(options.data, rows)
        runs = {who: [] for who in peers}
        for repeat in range(options.reps):
            for who, done in runs.items():
                if not (repeat and (done[0] is None or done[0]["wall"] > 60)):
                    done.append(measured(who, rows, options))
        results += summed(rows, runs)
    text = table(results, options)
    print(text)
    if options.write:
        before, _, rest = README.read_text().partition(BEGIN)
        README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")
    return 0


def arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1e4,1e5,1e6", help="sizes, with commas")
    parser.add_argument("--peers", default="rows", help="rows,lifetimes")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="table into README.md")
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter that has lifetimes"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(tempfile.gettempdir()) / "retention-benchmarks",
    )
    parser.add_argument("--only", help=argparse.SUPPRESS)
    return parser.parse_args()


def customers(folder: Path, rows: int) -> Path:
    """Parquet with x, t_x and T (days) of customers drawn from the BG/NBD."""
    path = folder / f"buyers_{rows}.parquet"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    rate = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"] / WEEK, rows)
    stops = rng.beta(TRUTH["a"], TRUTH["b"], rows)
    seen = rng.integers(52 * WEEK, 78 * WEEK, rows)
    x, last, now = np.zeros(rows, int), np.zeros(rows), np.zeros(rows)
    active = np.arange(rows)
    while len(active):
        now[active] += rng.standard_exponential(len(active)) / rate[active]
        active = active[now[active] < seen[active]]
        x[active] += 1
        last[active] = now[active]
        active = active[rng.random(len(active)) >= stops[active]]
    frame = pd.DataFrame({"x": x, "t_x": last.astype(int), "T": seen})
    frame.to_parquet(path, index=False)
    return path


def ours(path: Path):
    """Parquet to counts by whole weeks to fit, standard errors included."""
    from retention.projection import fit_bg_nbd

    def run() -> list[float]:
        cells = duckdb.sql(COLLAPSE.format(path=path)).df()
        model = fit_bg_nbd(cells)
        return [model.r, model.alpha, model.a, model.b]

    return run


def rows(path: Path):
    """The same likelihood and search, one row a customer."""
    from retention.projection.bg_nbd import BOUNDS, START
    from retention.projection.bg_nbd_likelihood import Likelihood, natural
    from retention.projection.buyers_fitting import maximum

    def run() -> list[float]:
        x, t_x, T = whole_weeks(path)
        each = pd.DataFrame({"x": x, "t_x": t_x, "T": T, "n": 1.0})
        return list(natural(maximum(Likelihood(each), START, BOUNDS).parameters))

    return run


def lifetimes(path: Path):
    """BetaGeoFitter of lifetimes, one row a customer."""
    import lifetimes as package

    x, t_x, T = whole_weeks(path)

    def run() -> list[float]:
        fitter = package.BetaGeoFitter(penalizer_coef=0.0)
        fitter.fit(x, t_x, T)
        return [float(fitter.params_[name]) for name in ("r", "alpha", "a", "b")]

    return run


def whole_weeks(path: Path) -> list[np.ndarray]:
    """x, t_x and T of each customer, rounded as the counts are."""
    frame = pd.read_parquet(path).astype(float)
    weeks = [(frame[name] + 3) // WEEK for name in ("t_x", "T")]
    return [frame["x"].to_numpy(), *(w.to_numpy() for w in weeks)]


CASES = {"ours": ours, "rows": rows, "lifetimes": lifetimes}


def one(options) -> int:
    """Warm up on few customers, run once and print the measurements."""
    prepare = CASES[options.only]
    prepare(customers(options.data, 2000))()
    run = prepare(customers(options.data, int(float(options.rows))))
    wall, cpu = time.perf_counter(), time.process_time()
    numbers = run()
    answer = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "numbers": numbers,
    }
    print(json.dumps(answer))
    return 0


def measured(who: str, rows: int, options) -> dict | None:
    """One fit in a process of its own; None where the peer is not installed."""
    python = options.python if who == "lifetimes" else sys.executable
    command = [python, __file__, "--only", who, "--rows", str(rows)]
    command += ["--data", str(options.data)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        print(f"{who}, {rows:,} customers: {last}", file=sys.stderr)
        return None
    answer = json.loads(done.stdout.splitlines()[-1])
    print(f"{who}, {rows:,} customers: {answer['wall']:.3f} s", file=sys.stderr)
    return answer


def summed(rows: int, runs: dict[str, list]) -> list[dict]:
    """Medians by fit; stops where one disagrees with ours."""
    out = []
    for who, done in runs.items():
        if done[0] is None:
            continue
        pairs = zip(done[0]["numbers"], runs["ours"][0]["numbers"], strict=True)
        off = max(abs(a - b) / b for a, b in pairs)
        if off > AGREE:
            raise SystemExit(f"{who}: {done[0]['numbers']} is off by {off:.1e}")
        row = {"rows": rows, "who": who, "off": off}
        for name in ("wall", "cpu", "peak"):
            row[name] = statistics.median(d[name] for d in done if d)
        out.append(row)
    return out


def table(results: list[dict], options) -> str:
    """Markdown table with its circumstances."""
    versions = ", ".join(
        f"{n} {metadata.version(n)}" for n in ("duckdb", "numpy", "scipy", "pandas")
    )
    lines = [
        f"Python {platform.python_version()}, {versions}; load average "
        f'{os.getloadavg()[0]:.1f}; medians of up to {options.reps} runs; "times ours" '
        "is CPU.",
        "",
        "| customers | BG/NBD by | wall s | CPU s | peak MB | times ours | off by |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    ours_at = {r["rows"]: r for r in results if r["who"] == "ours"}
    for r in results:
        same = r["who"] == "ours"
        slower = "" if same else f"{r['cpu'] / ours_at[r['rows']]['cpu']:.0f}"
        off = "" if same else f"{r['off']:.0e}"
        spent = f"{r['wall']:.3f} | {r['cpu']:.3f} | {r['peak']:.0f}"
        lines.append(f"| {r['rows']:,} | {r['who']} | {spent} | {slower} | {off} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
