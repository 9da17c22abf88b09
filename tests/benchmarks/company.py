"""A company of many customers, checked and counted through `open_company`.

python tests/benchmarks/company.py --rows 1e6 --memory 1500MB

What `survival.py` leaves out: ids that must be there once, answers that must belong to
somebody, and joins of one large table to another.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import duckdb

SETTINGS = {"company": {"observed_from": "2020-01-01", "observed_to": "2025-12-31"}}
SETTINGS |= {"scales": {"satisfaction": [0, 10]}}


def main() -> None:
    """Make the tables unless they are there, then time each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1e6")
    parser.add_argument("--memory", default="1500MB")
    place = Path(tempfile.gettempdir()) / "retention-benchmarks"
    parser.add_argument("--data", type=Path, default=place)
    options = parser.parse_args()
    rows = int(float(options.rows))
    folder = options.data / f"company_{rows}"
    if not folder.exists():
        made(folder, rows)
    engine = {"engine": {"memory": options.memory}}
    print(f"{rows:,} customers, as many answers; DuckDB may hold {options.memory}\n")
    print("| step | wall s | CPU s | peak MB |\n|---|--:|--:|--:|")
    for name, seconds, cpu in steps(folder, {**SETTINGS, **engine}):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {name} | {seconds:.1f} | {cpu:.1f} | {peak:.0f} |", flush=True)


def made(folder: Path, rows: int) -> None:
    """Customers and their answers, from hashes."""
    folder.mkdir(parents=True)
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    share = "(hash(i * 31 + {}) % 1000003 / 1000003.0)".format
    customers = f"""
      SELECT printf('%010d', i) AS customer_id,
        DATE '2020-01-01' + (1800 * {share(1)})::INT AS joined_on,
        CASE WHEN {share(2)} < 0.5 THEN joined_on + 1
          + (300 * {share(3)})::INT END AS left_on,
        ['basic', 'plus', 'premium'][1 + (2.99 * {share(4)})::INT % 3] AS plan
      FROM range({rows}) t(i)"""
    surveys = f"""
      SELECT customer_id, joined_on + 1 AS surveyed_on,
        (hash(customer_id) % 11)::DOUBLE AS satisfaction
      FROM read_parquet('{folder}/customers.parquet')"""
    for name, sql in (("customers", customers), ("surveys", surveys)):
        con.execute(f"COPY ({sql}) TO '{folder}/{name}.parquet' (FORMAT parquet)")


def steps(folder: Path, settings: dict):
    """Name, wall and CPU seconds of each step."""
    from retention import counts, survival
    from retention.company import open_company

    company = open_company(folder, settings=settings)
    answers = {}

    def curves():
        table = counts.tenure(company, by=["plan"])
        answers["curve"] = survival.kaplan_meier(table, by=["plan"])
        return survival.logrank(table, by=["plan"])

    def regression():
        answers["fit"] = survival.cox(counts.tenure_sums(company, ["plan"]))

    work = {
        "checks of customers": lambda: company.table("customers"),
        "checks of answers": lambda: company.table("surveys"),
        "tenure counts, curves, log-rank": curves,
        "Cox": regression,
        "proportionality": lambda: survival.cox_zph(answers["fit"]),
        "answers by score and loss": lambda: counts.survey_losses(company, horizon=6),
    }
    for name, step in work.items():
        wall, cpu = time.perf_counter(), time.process_time()
        step()
        yield name, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
