"""Customers made from hashes, the same on every machine, as Parquet and CSV."""

from pathlib import Path

LEVELS = {
    "plan": ["basic", "plus", "premium"],
    "channel": ["friend", "rep", "shop", "web"],
    "region": ["centre", "east", "north", "south", "west"],
    "payment": ["card", "invoice", "transfer"],
    "contract": ["annual", "monthly"],
    "age_group": ["18-34", "35-54", "55+"],
}
LAST = 120


def share(seed: int) -> str:
    """SQL of a number in (0, 1) from the row's number."""
    return f"((hash(i * 31 + {seed}) % 1000003 + 1) / 1000004.0)"


def level(column: str, seed: int) -> str:
    """SQL of a level drawn evenly."""
    levels = LEVELS[column]
    return f"{levels}[1 + floor({share(seed)} * {len(levels)})::INT] AS {column}"


def customers(rows: int) -> str:
    """SQL of a customer table: five text columns, two numbers, duration and event."""
    drawn = ", ".join(level(c, k) for k, c in enumerate(LEVELS) if c != "age_group")
    return f"""
WITH drawn AS (
  SELECT i, {drawn}, round(18 + 62 * {share(11)}) AS age,
    round(exp(3 + {share(12)} + {share(13)} - 1), 2) AS fee
  FROM range({rows}) t(i)
), paced AS (
  SELECT *, exp(-4.6 + 0.2 * (channel = 'web')::INT - 0.3 * (channel = 'friend')::INT
    + 0.1 * (region = 'north')::INT + 0.2 * (payment = 'card')::INT
    - 0.5 * (contract = 'annual')::INT + 0.1 * (plan = 'plus')::INT
    - 0.01 * (age - 50) + 0.015 * (fee - 20)) AS pace,
    CASE WHEN age < 35 THEN '18-34' WHEN age < 55 THEN '35-54' ELSE '55+' END
      AS age_group
  FROM drawn
), lived AS (
  SELECT *, ceil(-ln({share(14)}) / pace) AS life,
    1 + (hash(i * 31 + 15) % {LAST})::INT AS seen
  FROM paced
)
SELECT plan, channel, region, payment, contract, age_group, age, fee,
  least(life, seen)::SMALLINT AS duration, (life <= seen)::TINYINT AS event
FROM lived
"""


def parquet(folder: Path, rows: int) -> Path:
    """File with that many customers, made unless it is there."""
    return _written(folder / f"customers_{rows}.parquet", rows, "FORMAT parquet")


def csv(folder: Path, rows: int) -> Path:
    """The same customers for R."""
    return _written(folder / f"customers_{rows}.csv", rows, "FORMAT csv, HEADER")


def _written(path: Path, rows: int, form: str) -> Path:
    if not path.exists():
        import duckdb

        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        con = duckdb.connect()
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"COPY ({customers(rows)}) TO '{partial}' ({form})")
        partial.rename(path)
    return path
