"""Credit along journeys beside the group-by that counts their paths; run by hand.

.venv/bin/python tests/benchmarks/journeys.py --journeys 1e5,1e6 --channels 5,8,12
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb

from retention import counts, referral
from retention.company import open_company

LONGEST = 12


def touchpoints(folder: Path, journeys: int, channels: int) -> Path:
    """File of that many journeys of 1 to 12 touches, made from hashes."""
    path = folder / f"touchpoints_{journeys}_{channels}" / "touchpoints.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True)
        duckdb.connect().execute(
            f"""
COPY (
  WITH walks AS (
    SELECT i, 1 + least({LONGEST - 1}, floor(-ln((hash(i * 7 + 1) % 1000003 + 1)
      / 1000004.0) * 1.6))::INT AS length, (hash(i * 7 + 2) % 100 < 18)::INT AS bought
    FROM range({journeys}) t(i)
  )
  SELECT 'J' || i AS journey_id, p AS position, 'channel ' || lpad(
    ((hash(i * 97 + p * 13) % 1000 * (hash(i * 89 + p * 11) % 1000)
      * {channels} // 1000000))::VARCHAR, 2, '0') AS channel, bought AS converted
  FROM walks, range(1, length + 1) s(p)
) TO '{path}' (FORMAT parquet)"""
        )
    return path


def seconds(action, reps: int) -> tuple[float, object]:
    """Median wall time of an action, and what it returned."""
    times, found = [], None
    for _ in range(reps):
        begun = time.perf_counter()
        found = action()
        times.append(time.perf_counter() - begun)
    return median(times), found


def by_text(path: Path):
    """Paths as one would count them in SQL, with text and an ordered aggregate."""
    return (
        duckdb.connect()
        .execute(
            f"""
SELECT path, count(*) AS n, sum(converted) AS converted FROM (
  SELECT string_agg(channel, ' > ' ORDER BY position) AS path,
    max(converted) AS converted FROM '{path}' GROUP BY journey_id)
GROUP BY path"""
        )
        .df()
    )


def measured(folder: Path, journeys: int, channels: int, reps: int) -> list:
    """One line of the table."""
    path = touchpoints(folder, journeys, channels)
    company = open_company(path.parent)
    company.table("touchpoints")
    text, _ = seconds(lambda: by_text(path), reps)
    grouped, paths = seconds(lambda: counts.journeys(company), reps)
    removed, _ = seconds(lambda: referral.removal_effects(paths), reps)
    shared, _ = seconds(lambda: referral.shapley_values(paths), reps)
    ratio = (removed + shared) / grouped
    sizes = [journeys, channels, len(paths.touches), len(paths.table)]
    return [*sizes, text, grouped, removed, shared, ratio]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--journeys", default="1e5,1e6")
    parser.add_argument("--channels", default="5,8,12")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--data", default=Path(tempfile.gettempdir()) / "journeys")
    given = parser.parse_args()
    names = "journeys channels paths cells SQL-text group-by removal Shapley times"
    print("| " + " | ".join(names.split()) + " |")
    print("|" + "--:|" * len(names.split()))
    for journeys in map(float, given.journeys.split(",")):
        for channels in map(int, given.channels.split(",")):
            row = measured(Path(given.data), int(journeys), channels, given.reps)
            cells = [f"{v:,}" for v in row[:4]] + [f"{v:.3f}" for v in row[4:8]]
            print("| " + " | ".join([*cells, f"{row[8]:.1f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
