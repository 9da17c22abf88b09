"""Tables of Apache Spark: a schema of its catalog, or Parquet files in a folder."""

import importlib.util
import logging
import os
import shutil
from pathlib import Path

from retention.company.collecting import spoken
from retention.company.errors import CompanyError, nearest

_OURS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
}
_HERE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}


def spark_tables(engine: dict, folder: Path | None, declared: dict[str, str], known):
    """Lazy Spark tables by our name, and how many of theirs have no place here.

    Parameters
    ----------
    engine : dict
        [engine] of workbook.toml: master and schema.
    folder : Path or None
        Where Parquet files lie, without a schema.
    declared : dict
        Our table -> the name of theirs, as [tables.NAME] file says.
    known : collection of str
        Our names of tables.

    Returns
    -------
    (dict, list of str)
        Our name -> (their name, frame); names that are no table of ours.
    """
    session = _session(engine.get("master", "local[*]"))
    with spoken():
        if engine.get("schema"):
            return _catalog(session, engine["schema"], declared, known)
    return _parquet(session, folder, declared, known)


def _session(master: str):
    if importlib.util.find_spec("pyspark") is None:
        raise CompanyError(
            "Spark needs the package pyspark, which is not installed: "
            "pip install 'retention-workbook[spark]'. It also needs Java 17 or newer."
        )
    from pyspark.sql import SparkSession

    with spoken():
        running = SparkSession.getActiveSession()
    if running is not None:
        return _alive(running)
    if master.startswith("local") and not _java():
        raise CompanyError(
            "Spark needs Java 17 or newer, and there is none on this machine "
            "(Debian and Ubuntu: apt-get install openjdk-17-jre-headless)."
        )
    return _started(SparkSession.builder, master)


def _started(builder, master: str):
    logging.getLogger().addFilter(_no_gateways)
    settings = {**_OURS, **(_HERE if master.startswith("local") else {})}
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session = builder.appName("retention").master(master).getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except Exception as error:
        line = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise CompanyError(
            f"Spark does not start with master {master!r} ({line[:200]}). Check the "
            "master's address, that Java 17 or newer is installed, and that there is "
            "memory for it.",
            rule="engine",
        ) from error
    return session


def _no_gateways(told: logging.LogRecord) -> bool:
    """Whether a line of the root logger is to be kept.

    py4j logs there, with a traceback, each lost connection that our errors tell of.
    """
    return "py4j" not in Path(told.pathname).parts


def _alive(session):
    """A session that runs already, unless it has ended."""
    with spoken():
        session.sql("SELECT 1").schema  # noqa: B018  asks the session
    return session


def _java() -> bool:
    home = os.environ.get("JAVA_HOME", "")
    return bool(shutil.which("java") or (home and Path(home, "bin", "java").exists()))


def _catalog(session, schema: str, declared: dict[str, str], known):
    there = {table.name: table for table in session.catalog.listTables(schema)}
    frames = {}
    for ours in known:
        theirs = declared.get(ours, ours)
        if theirs in there:
            frame = session.table(f"{schema}.`{theirs}`")
            frames[ours] = (f"{schema}.{theirs}", _plain(frame))
        elif ours in declared:
            raise CompanyError(
                f"[tables.{ours}]: Spark's schema {schema} has no table {theirs!r}. "
                f"{nearest(theirs, there)}"
            )
    taken = {declared.get(ours, ours) for ours in frames}
    return frames, sorted(set(there) - taken)


def _plain(frame):
    """Without points in names of columns, which Spark takes for fields of a struct."""
    if not any("." in name for name in frame.columns):
        return frame
    return frame.toDF(*(name.replace(".", "_") for name in frame.columns))


def _parquet(session, folder: Path | None, declared: dict[str, str], known):
    if folder is None:
        raise CompanyError(
            "[engine]: without a folder of Parquet files Spark needs schema = "
            '"...", the schema of its catalog that holds the tables.'
        )
    frames = {}
    for ours in known:
        path = _file(folder, ours, declared.get(ours))
        if path is not None:
            with spoken():
                frames[ours] = (path.name, _plain(session.read.parquet(str(path))))
    taken = {label for label, _ in frames.values()}
    files = {p.name for p in folder.iterdir() if p.suffix in (".parquet", ".csv")}
    return frames, sorted(files - taken)


def _file(folder: Path, ours: str, declared: str | None) -> Path | None:
    """Parquet file or folder of one table; None if the company does not bring it."""
    names = [declared] if declared else [f"{ours}.parquet", ours]
    for name in names:
        path = (folder / name).resolve()
        if path.exists() and path.is_relative_to(folder.resolve()):
            if path.is_dir() or path.suffix in (".parquet", ".parq", ".pq"):
                return path
            raise CompanyError(
                f"{name} is not Parquet, which is what Spark reads here. Take the "
                "[engine] section away to have it read by the built-in engine."
            )
    if declared:
        raise CompanyError(
            f"[tables.{ours}]: there is no file {declared!r} in the company's folder."
        )
    return None
