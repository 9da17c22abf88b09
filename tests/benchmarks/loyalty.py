"""Time the interval of the doubly robust estimate: ways to the same spread.

python tests/benchmarks/loyalty.py --rows 1e5 --replicates 500
"""

import argparse
import os
import time

import numpy as np
import pandas as pd

from retention import loyalty

NAMES = [f"x{j}" for j in range(10)]


def main() -> None:
    """Run them in turn and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1e5")
    parser.add_argument("--replicates", type=int, default=500)
    options = parser.parse_args()
    rows, times = customers(int(float(options.rows))), options.replicates
    fitted(rows.head(5_000))  # imports
    one_refit(rows.head(5_000))
    found = loyalty.doubly_robust(rows, covariates=NAMES)
    results = {
        "fit with all diagnostics, influence function": timed(fitted, rows),
        f"the same and a multiplier bootstrap of {times}": timed(
            multiplied, rows, times
        ),
        f"the multiplier bootstrap of {times} alone": timed(drawn, found, times),
        f"naive loop of {times} refits": timed(naive_loop, rows, times),
    }
    print(table(results, len(rows)))


def customers(n: int) -> pd.DataFrame:
    """Members chosen by their covariates, and a revenue that depends on both."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(n, len(NAMES)))
    pull, push = rng.normal(size=(2, len(NAMES))) / 3
    member = rng.random(n) < 1 / (1 + np.exp(1 - x @ pull))
    revenue = 60 + x @ push + 4 * member + rng.normal(0, 5, n)
    rows = pd.DataFrame(x, columns=NAMES)
    return rows.assign(member=member.astype(int), revenue=revenue)


def timed(function, *inputs) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of CPU, and the standard error."""
    clock, cpu = time.perf_counter(), time.process_time()
    spread = function(*inputs)
    return time.perf_counter() - clock, time.process_time() - cpu, spread


def fitted(rows: pd.DataFrame) -> float:
    """The estimate's own standard error, with folds and all its diagnostics."""
    return loyalty.doubly_robust(rows, covariates=NAMES).estimate.se


def multiplied(rows: pd.DataFrame, replicates: int) -> float:
    """The same fit and the bootstrap that fits nothing again."""
    found = loyalty.doubly_robust(rows, covariates=NAMES)
    return loyalty.bootstrap_estimate(found, replicates=replicates).se


def drawn(found, replicates: int) -> float:
    """What replaces the loop once there is an answer."""
    return loyalty.bootstrap_estimate(found, replicates=replicates).se


def naive_loop(rows: pd.DataFrame, replicates: int) -> float:
    """Draw customers, fit both models with scikit-learn, and again."""
    again = (rows.sample(frac=1, replace=True) for _ in range(replicates))
    values = [one_refit(sample) for sample in again]
    return float(np.std(values, ddof=1))


def one_refit(sample: pd.DataFrame) -> float:
    """The doubly robust estimate as one would write it first."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    x, d, y = sample[NAMES], sample["member"], sample["revenue"]
    e = LogisticRegression(C=1e6).fit(x, d).predict_proba(x)[:, 1]
    mu = LinearRegression().fit(x[d == 0], y[d == 0]).predict(x)
    rest, weight = y - mu, (e / (1 - e)) * (d == 0)
    return rest[d == 1].mean() - (weight * rest).sum() / weight.sum()


def table(results: dict, n: int) -> str:
    """All as Markdown, with how many times less CPU than the last."""
    slowest = list(results.values())[-1]
    lines = [
        f"{n:,} customers, {len(NAMES)} covariates, {os.cpu_count()} cores",
        "",
        "| interval | seconds | CPU seconds | less CPU | standard error |",
        "|---|---|---|---|---|",
    ]
    for name, (clock, cpu, spread) in results.items():
        lines.append(
            f"| {name} | {clock:.2f} | {cpu:.2f} | {slowest[1] / cpu:.0f}x "
            f"| {spread:.4f} ({spread / slowest[2] - 1:+.1%}) |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
