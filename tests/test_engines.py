"""The same counts, whichever engine a company's tables live in."""

import datetime as dt
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from retention import counts
from retention.cli import main
from retention.company import CompanyError, EngineError, open_company
from retention.company.collecting import spoken
from retention.simulate import write_company

SPARK = pytest.param("spark", marks=pytest.mark.spark)
POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
TO = {"company": {"observed_to": "2025-12-31"}}


# ------------------------------------------------------------------- the engines
@pytest.fixture(scope="session")
def server():
    """Address of a PostgreSQL server of the tests' own."""
    bins = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found = shutil.which("initdb") or (str(bins[-1]) if bins else None)
    if found is None:
        if os.environ.get("REQUIRE_ENGINES"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    # Not among pytest's folders: those are closed to other users, and thinned out.
    home = Path(tempfile.mkdtemp(prefix="retention-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tools = Path(found).parent
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    data = home / "data"
    _as_postgres(tools / "initdb", "-D", data, "-U", "tester", "-A", "trust")
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
    log = home / "log"
    _as_postgres(tools / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
    yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    _as_postgres(tools / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)


def _as_postgres(*command):
    """The server refuses to be run by root."""
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    words = [*before, *map(str, command)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture
def opened(tmp_path, request):
    """Company of frames in one of the engines."""

    def place(engine, tables, settings=None):
        settings = {**(settings or {})}
        if engine == "postgres":
            url = request.getfixturevalue("server")
            schema = f"s{abs(hash(tmp_path))}"
            _load(url, schema, tables)
            settings["engine"] = {"kind": "postgres", "url": url, "schema": schema}
            return open_company(tmp_path, settings=settings)
        for name, table in tables.items():
            pq.write_table(table, tmp_path / f"{name}.parquet")
        if engine == "spark":
            settings["engine"] = {"kind": "spark", "master": "local[2]"}
        return open_company(tmp_path, settings=settings)

    return place


def _load(url, schema, tables):
    """Copy tables into a server, one schema a company."""
    import psycopg2

    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        cursor.execute(f'CREATE SCHEMA "{schema}"')
        for name, table in tables.items():
            quoted = ['"' + f.name.replace('"', '""') + '"' for f in table.schema]
            kinds = [_kind(field.type) for field in table.schema]
            columns = ", ".join(map(" ".join, zip(quoted, kinds, strict=True)))
            cursor.execute(f'CREATE TABLE "{schema}"."{name}" ({columns})')
            rows = list(zip(*(c.to_pylist() for c in table.columns), strict=True))
            marks = ", ".join(["%s"] * len(quoted))
            cursor.executemany(
                f'INSERT INTO "{schema}"."{name}" VALUES ({marks})', rows
            )


def _kind(kind):
    plain = {
        pa.string(): "text",
        pa.date32(): "date",
        pa.float64(): "double precision",
        pa.float32(): "real",
        pa.bool_(): "boolean",
    }
    if kind in plain:
        return plain[kind]
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    return "timestamptz" if kind.tz else "timestamp"


# ------------------------------------------------------- a small simulated company
@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Folder of a simulated company of a few hundred customers."""
    folder = tmp_path_factory.mktemp("small")
    write_company(folder, seed=7, scale=0.02)
    return folder


@pytest.fixture(scope="session")
def embedded(small):
    return open_company(small)


@pytest.fixture(scope="session")
def elsewhere(small, embedded, request):
    """The same company in the engine asked for; opened once a session."""

    def address(engine):
        if engine == "spark":
            return f"spark://local[2]?folder={small}"
        url = request.getfixturevalue("server")
        if not loaded:
            loaded.update({f.stem: pq.read_table(f) for f in small.glob("*.parquet")})
            _load(url, "small", loaded)
        return f"{url}?schema=small&settings={small / 'workbook.toml'}"

    def company(engine):
        if engine not in kept:
            kept[engine] = open_company(address(engine))
        return kept[engine]

    kept, loaded = {"duckdb": embedded}, {}
    company.address = address
    return company


COUNTS = {
    "quality": lambda c: c.quality(),
    "tenure": lambda c: counts.tenure(c, by=["plan"], cause=True, bucket=True),
    "widths": lambda c: counts.tenure(c, widths={"engagement": 0.25}),
    "window": lambda c: counts.tenure(c, window=("2023-11", "2025-10")),
    "flow": counts.tenure_flow,
    "triangle": counts.cohort_triangle,
    "tier_moves": counts.tier_moves,
    "order_values": counts.order_values,
    "acquisitions_by_month": counts.acquisitions_by_month,
    "referrals_made": counts.referrals_made,
    "lead_outcomes": counts.lead_outcomes,
    "member_tenure": counts.member_tenure,
    "point_batches": counts.point_batches,
}


def same(one, other):
    """Equal to nine digits; the order of rows and columns counts, too."""
    pd.testing.assert_frame_equal(
        one, other, rtol=1e-9, atol=1e-9, check_dtype=False, check_column_type=False
    )


@pytest.mark.parametrize("engine", [SPARK, POSTGRES])
@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_equal(embedded, elsewhere, engine, name):
    same(COUNTS[name](embedded), COUNTS[name](elsewhere(engine)))


@pytest.mark.parametrize("engine", [SPARK, POSTGRES])
def test_cox_runs_its_newton_steps_in_the_engine(embedded, elsewhere, engine):
    from retention import survival

    def table(company):
        groups, widths = counts.split(company, "")
        return survival.cox(counts.tenure_sums(company, groups, list(widths))).table

    same(table(embedded), table(elsewhere(engine)))


@pytest.mark.parametrize("engine", [SPARK, POSTGRES])
def test_the_company_names_its_engine_and_rows(embedded, elsewhere, engine):
    company = elsewhere(engine)
    assert company.engine in ("Apache Spark", "PostgreSQL")
    assert embedded.engine == "DuckDB"
    assert company.rows_counted == embedded.rows_counted > 0


# -------------------------------------------------------------- the whole report
@pytest.fixture(scope="session")
def reported():
    """What all studies tell of a company, kept by engine."""
    return {}


def told(company, monkeypatch):
    """Record of each study to the last digit; the code of its report is run here."""
    import IPython.display
    from matplotlib import pyplot as plt

    from retention.notebooks import (
        RECORD_MIME,
        project_root,
        read,
        recording,
        report_copy,
    )
    from retention.reports import available_studies

    records = []

    def display(*shown, **_):
        bundles = [one for one in shown if isinstance(one, dict)]
        records.extend(one[RECORD_MIME] for one in bundles if RECORD_MIME in one)

    monkeypatch.setattr(recording, "_DIGITS", 17)
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr("retention.company.open_company", lambda *_, **__: company)
    monkeypatch.chdir(project_root())
    studies = {n: p for n, p in available_studies().items() if n != "claims"}
    with pd.option_context("display.float_format", None, "display.max_colwidth", 50):
        for name, path in studies.items():
            space = {"__name__": "__main__", "display": display}
            for number, cell in enumerate(report_copy(read(path)).cells):
                if cell.cell_type == "code":
                    exec(compile(cell.source, f"{name}[{number}]", "exec"), space)
                    plt.close("all")
    return {record["study"]: record for record in records}


def differences(one, other, where=""):
    """Where two records differ: numbers by more than one in 10^9, all else at all."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(name for name in other if name not in one)]
        pairs = [(name, one.get(name), other.get(name)) for name in names]
    elif isinstance(one, list) and isinstance(other, list):
        pairs = list(zip(range(len(one) + len(other)), one, other, strict=False))
        if len(one) != len(other):
            return [f"{where}: {len(one)} and {len(other)} entries"]
    elif isinstance(one, float) and isinstance(other, float):
        close = np.isclose(one, other, rtol=1e-9, atol=1e-12)
        return [] if close else [f"{where}: {one!r} and {other!r}"]
    else:
        return [] if one == other else [f"{where}: {one!r} and {other!r}"]
    return [d for name, a, b in pairs for d in differences(a, b, f"{where}/{name}")]


def test_a_difference_between_records_is_seen():
    one = {"a": [1.0, {"b": "x"}], "c": None}
    assert differences(one, {"a": [1.0 + 1e-10, {"b": "x"}], "c": None}) == []
    assert differences(one, {"a": [1.0 + 1e-8, {"b": "x"}], "c": None}) != []
    assert differences(one, {"a": [1.0, {"b": "y"}], "c": None}) != []
    assert differences(one, {"a": [1.0], "c": None}) != []
    assert differences(one, {"a": [1.0, {"b": "x"}], "c": 2.0}) != []


@pytest.mark.parametrize("engine", [SPARK, POSTGRES])
def test_the_whole_report_is_equal(embedded, elsewhere, engine, reported, monkeypatch):
    """Answers, intervals, checks, sayings and measures of every study."""
    if not reported:
        reported.update(told(embedded, monkeypatch))
    there = told(elsewhere(engine), monkeypatch)
    assert len(there) == 6
    assert differences(reported, there) == []


@pytest.mark.parametrize("engine", [SPARK, POSTGRES])
def test_a_report_from_the_command_line_names_its_engine(
    small, elsewhere, embedded, engine, tmp_path
):
    theirs, page = _report_of_tenure(elsewhere.address(engine), tmp_path / "there")
    ours, ours_page = _report_of_tenure(str(small), tmp_path / "here")
    rows = embedded.rows_counted
    assert theirs["company"]["engine"] in ("Apache Spark", "PostgreSQL")
    assert theirs["company"]["rows"] == ours["company"]["rows"] == rows
    assert f"{theirs['company']['engine']}, {rows:,} rows" in page
    assert f"DuckDB, {rows:,} rows" in ours_page
    for part in ("answers", "checks", "sayings", "measures"):
        one, two = ours["studies"]["tenure"][part], theirs["studies"]["tenure"][part]
        assert differences(one, two) == []


def _report_of_tenure(company, out):
    """Record and page of a report from the command line."""
    words = ["report", company, "--study", "tenure", "--out", str(out), "--quiet"]
    assert main(words) == 0
    (record,) = out.rglob("record.json")
    page = record.with_name("index.html")
    return json.loads(record.read_text("utf-8")), page.read_text("utf-8")


# ------------------------------------------------------------------- odd tables
def customers(n=600, **columns):
    number = np.arange(n)
    return pa.table(
        {
            "customer_id": [f"{i:05d}" for i in number],
            "joined_on": pa.array([dt.date(2023, 1 + i % 12, 1) for i in number]),
            "left_on": pa.array(
                [dt.date(2025, 1 + i % 6, 10) if i % 3 else None for i in number],
                pa.date32(),
            ),
            **columns,
        }
    )


EVERYWHERE = pytest.mark.parametrize("engine", ["duckdb", SPARK, POSTGRES])


@EVERYWHERE
def test_five_thousand_segments(opened, engine):
    segment = [f"segment {i % 5000}" for i in range(10_000)]
    company = opened(engine, {"customers": customers(10_000, segment=segment)}, TO)
    counted = counts.tenure(company, by=["segment"])
    assert counted["segment"].nunique() == 5000
    assert counted["n"].sum() == 10_000


@EVERYWHERE
def test_four_hundred_columns(opened, engine):
    wide = {f"c{i}": np.arange(600) % (600 if i % 20 else 7) for i in range(397)}
    company = opened(engine, {"customers": customers(600, **wide)}, TO)
    assert len(company.columns("customers")) == 400
    assert counts.tenure(company)["n"].sum() == 600
    assert counts.comparable(company) == [f"c{i}" for i in range(0, 397, 20)]


@EVERYWHERE
def test_columns_named_like_keywords_and_worse(opened, engine):
    names = ["select", "group", 'say "when"', "two words", "套餐", "a.b", "o'clock"]
    odd = {name: [f"{name} {i % 2}" for i in range(600)] for name in names}
    company = opened(engine, {"customers": customers(600, **odd)}, TO)
    for theirs in names:
        name = theirs.replace(".", "_")
        counted = counts.tenure(company, by=[name])
        assert set(counted[name]) == {f"{theirs} 0", f"{theirs} 1"}
        assert counted["n"].sum() == 600


@EVERYWHERE
def test_empty_cells_are_a_group_and_decimals_are_numbers(opened, engine):
    fee = pa.array([Decimal(i % 4) / 4 for i in range(600)], pa.decimal128(9, 2))
    region = [None if i % 5 == 0 else "north" for i in range(600)]
    table = customers(600, fee=fee, region=region)
    company = opened(engine, {"customers": table}, TO)
    counted = counts.tenure(company, by=["region"])
    totals = counted.groupby("region")["n"].sum()
    assert totals.to_dict() == {"north": 480, "not stated": 120}
    rounded = counts.tenure(company, widths={"fee": 0.25})
    assert sorted(rounded["fee"].unique()) == [0.0, 0.25, 0.5, 0.75]


@EVERYWHERE
def test_one_customer_with_most_of_the_orders(opened, engine):
    """Skewed ids: nine orders in ten belong to one customer."""
    ids = ["00000"] * 5400 + [f"{i:05d}" for i in range(600)]
    start = dt.datetime(2025, 1, 1)
    orders = pa.table(
        {
            "customer_id": ids,
            "ordered_on": pa.array(
                [start + dt.timedelta(minutes=i) for i in range(6000)],
                pa.timestamp("us"),
            ),
            "amount": [1.5] * 6000,
        }
    )
    tables = {"customers": customers(), "orders": orders}
    company = opened(engine, tables, TO)
    assert company.quality().set_index("table")["used"].to_dict() == {
        "customers": 600,
        "orders": 6000,
    }


@EVERYWHERE
def test_days_are_counted_in_the_companys_time_zone(opened, engine):
    late = dt.datetime(2025, 3, 31, 23, 30, tzinfo=dt.UTC)  # 1 April in Berlin
    orders = pa.table(
        {
            "customer_id": ["00000"],
            "ordered_on": pa.array([late], pa.timestamp("us", tz="UTC")),
            "amount": [1.0],
        }
    )
    settings = {"company": {"observed_to": "2025-12-31", "time_zone": "Europe/Berlin"}}
    company = opened(engine, {"customers": customers(), "orders": orders}, settings)
    assert company.checked("orders").first == dt.date(2025, 4, 1)


@EVERYWHERE
def test_early_warning_is_scored_where_the_customers_are(opened, engine):
    """Risks by expression equal risks by row; only the listed ones leave."""
    table = customers(600, plan=["a", "b", "c"] * 200, fee=np.linspace(0, 9, 600))
    company = opened(engine, {"customers": table}, TO)
    frame = counts.tenure_frame(company)
    coefficients = pd.DataFrame(
        {
            "term": ["plan", "plan", "fee"],
            "level": ["b", "c", ""],
            "coef": [0.4, -0.7, 0.05],
            "centre": [0.0, 0.0, 4.5],
        }
    )
    scored = counts.scored(frame, coefficients, {0: 0.01, 1: 0.02})
    top = counts.collect(
        scored.select("customer_id", "risk")
        .sort("risk", "customer_id", descending=[True, False])
        .head(25)
    )
    rows = table.to_pandas()
    linear = rows["plan"].map({"a": 0.0, "b": 0.4, "c": -0.7}) + 0.05 * (
        rows["fee"] - 4.5
    )
    rows["risk"] = 1 - np.exp(-0.01 * np.exp(linear))
    wanted = rows.nlargest(25, "risk")
    assert top["customer_id"].tolist() == wanted["customer_id"].tolist()
    assert np.allclose(top["risk"], wanted["risk"], rtol=1e-9)


@EVERYWHERE
def test_only_the_riskiest_leave_the_engine(embedded, elsewhere, engine, monkeypatch):
    """No row of a customer crosses while a model is fitted and all are scored."""
    from retention import value
    from retention.counts import engine as door

    crossed, run = [], door.run

    def seen(frame):
        crossed.append(run(frame))
        return crossed[-1]

    def learnt(company):
        return value.watch(value.ground(company), horizon=6)

    wanted = learnt(embedded).listed(20)
    monkeypatch.setattr(door, "run", seen)
    watched = learnt(elsewhere(engine))
    assert crossed
    assert not any("customer_id" in table.columns for table in crossed)
    crossed.clear()
    listed = watched.listed(20)
    assert [len(table) for table in crossed] == [20]
    same(wanted, listed)


def test_the_embedded_engine_holds_no_more_than_it_may(tmp_path):
    """What does not fit goes to the disk, and the counts are the same."""
    settings = {**TO, "engine": {"memory": "100MB"}}
    pq.write_table(customers(200_000), tmp_path / "customers.parquet")
    bounded = open_company(tmp_path, settings=settings)
    same(counts.tenure(open_company(tmp_path, settings=TO)), counts.tenure(bounded))
    held = bounded._source.store.rows("SELECT current_setting('memory_limit')")
    assert held[0][0] == "95.3 MiB"


# -------------------------------------------------------------- what goes wrong
@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ({"kind": "oracle"}, "It can be: duckdb, spark, postgres"),
        ({"kind": "spark", "url": "x"}, "url is no key of spark"),
        ({"kind": "postgres"}, "needs the server's address"),
        ({"memory": "lots"}, 'such as memory = "2GB"'),
        ({"kind": "postgres", "url": "postgresql://a:b@h/d"}, "PGPASSWORD"),
    ],
)
def test_a_wrong_engine_section_is_refused(tmp_path, engine, words):
    with pytest.raises(CompanyError, match=words):
        open_company(tmp_path, settings={"engine": engine})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql://reader:secret@h/d", "PGPASSWORD"),
        ("postgresql://h/d?password=secret", "PGPASSWORD"),
        ("spark://local[2]", "names either a folder"),
        ("spark://local[2]?schema=a&cores=4", "spark-defaults.conf"),
    ],
)
def test_a_wrong_address_is_refused_without_repeating_a_secret(address, words):
    with pytest.raises(CompanyError, match=words) as refused:
        open_company(address)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "package"),
    [("postgresql://h/d", "psycopg2"), ("spark://local[2]?schema=x", "pyspark")],
)
def test_a_missing_package_is_named_with_its_remedy(monkeypatch, address, package):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: None if n == package else found(n)
    )
    with pytest.raises(CompanyError, match="pip install"):
        open_company(address)


@pytest.mark.postgres
def test_an_unreachable_server_is_one_sentence(capsys):
    assert main(["check", "postgresql://reader@127.0.0.1:1/shop"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("retention: The PostgreSQL server cannot be reached")
    assert said.count("\n") == 1


@pytest.mark.postgres
def test_a_schema_without_tables_says_what_is_missing(server):
    with pytest.raises(CompanyError, match="no table called like one of ours"):
        open_company(f"{server}?schema=nothing_here")


@pytest.mark.postgres
def test_a_table_of_another_name_is_declared_or_suggested(opened):
    settings = {**TO, "tables": {"customers": {"file": "clients"}}}
    company = opened("postgres", {"clients": customers()}, settings)
    assert company.quality()["used"].tolist() == [600]
    settings = {**TO, "tables": {"customers": {"file": "client"}}}
    with pytest.raises(CompanyError, match="Did you mean clients"):
        opened("postgres", {"clients": customers()}, settings)


@pytest.mark.postgres
def test_tables_of_a_server_cannot_be_read_past_it(opened):
    """What does not go through `collect` fails, instead of finding nothing."""
    import duckdb

    company = opened("postgres", {"customers": customers()}, TO)
    with pytest.raises(duckdb.Error, match="through collect"):
        company.table("customers").collect()


@pytest.mark.postgres
def test_a_server_that_goes_away_is_no_missing_answer(opened, server):
    """Studies take a ValueError as "not known here": this must not be one."""
    import psycopg2

    company = opened("postgres", {"customers": customers()}, TO)
    company.columns("customers")
    with psycopg2.connect(server) as other, other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'retention'"
        )
    with pytest.raises(EngineError, match="does not answer any more") as gone:
        company.quality()
    assert not isinstance(gone.value, ValueError)


@pytest.mark.spark
def test_a_spark_session_killed_in_a_study_leaves_the_previous_report(small, tmp_path):
    """The study's own session, once it has begun to count."""
    import psutil

    out, scratch = tmp_path / "reports", tmp_path / "scratch"
    words = ["--study", "tenure", "--out", str(out), "--quiet"]
    assert main(["report", str(small), *words]) == 0
    (standing,) = out.rglob("record.json")
    before = {p: p.read_bytes() for p in standing.parent.rglob("*") if p.is_file()}
    command = [sys.executable, "-m", "retention", "report"]
    running = subprocess.Popen(
        [*command, f"spark://local[1]?folder={small}", *words],
        env={**os.environ, "SPARK_LOCAL_DIRS": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _kill_a_studys_java(psutil.Process(running.pid), scratch)
    _, told = running.communicate(timeout=600)
    assert running.returncode == 1, told[-2000:]
    failed = json.loads(
        standing.parent.with_name(f"{standing.parent.name}-failed")
        .joinpath("record.json")
        .read_text("utf-8")
    )
    assert failed["studies"]["tenure"]["status"] == "failed"
    assert "The Spark session has ended" in failed["studies"]["tenure"]["reason"]
    assert {p: p.read_bytes() for p in before} == before


def _kill_a_studys_java(command, scratch):
    """Kill the second session below a command; the first is the command's own.

    A session has a folder from its start, and shuffles in it once it counts.
    """
    seen = []
    for _ in range(6_000):
        seen += [folder for folder in scratch.glob("blockmgr-*") if folder not in seen]
        if seen[1:] and any(seen[1].rglob("shuffle_*")):
            found = [p for p in command.children(recursive=True) if p.name() == "java"]
            max(found, key=lambda process: process.create_time()).kill()
            return
        time.sleep(0.1)
    pytest.fail("the study never began to count in Spark")


@pytest.mark.spark
def test_a_lost_session_is_told_however_spark_wraps_it():
    """A frame's schema hides it behind an error of types, for one."""
    from py4j.protocol import Py4JNetworkError
    from pyspark.errors import PySparkValueError

    words = {"errorClass": "CANNOT_PARSE_DATATYPE", "messageParameters": {"msg": "no"}}
    with pytest.raises(EngineError, match="session has ended") as told, spoken():
        try:
            raise Py4JNetworkError("Error while sending or receiving")
        except Py4JNetworkError as error:
            raise PySparkValueError(**words) from error
    with pytest.raises(EngineError) as again, spoken():
        raise told.value
    assert again.value is told.value
    with pytest.raises(EngineError, match="Spark refused to count"), spoken():
        raise PySparkValueError(**words)


@pytest.mark.spark
def test_a_killed_spark_session_is_one_sentence(small):
    """In a process of its own: a dead session cannot be used again."""
    code = f"""
import os, signal
from retention.cli import main
from retention.company import EngineError, open_company
from retention.intervals import wilson
from retention.notebooks import record
address = "spark://local[1]?folder={small}"
company = open_company(address)
costs = company.table("costs")
from pyspark.sql import SparkSession
jvm = SparkSession.getActiveSession().sparkContext._gateway.proc.pid
os.kill(jvm, signal.SIGKILL)
for ask in (
    company.quality,
    lambda: company.fingerprint,
    lambda: open_company(address),
    lambda: record(study="tenure", answers={{"left": ("Left", wilson(3, 10), "3.")}}),
):
    try:
        ask()
    except EngineError as error:
        print(error)
print("exit code", main(["check", address]))
from retention.cli import company as command
command.check = lambda options: costs.filter(costs.collect_schema().names()[0] == "x")
print("exit code", main(["check", address]))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.count("The Spark session has ended") == 4, ran.stdout
    assert ran.stdout.count("exit code 2") == 2
    assert ran.stderr.count("retention: The Spark session has ended") == 2
