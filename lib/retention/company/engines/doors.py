"""From [engine] to readers of tables that stay where they are."""

from pathlib import Path

from retention.company.errors import CompanyError
from retention.company.readers import LazyTable
from retention.company.settings import Settings
from retention.company.store import Store
from retention.schema import TABLES

_TITLES = {"duckdb": "DuckDB", "spark": "Apache Spark", "postgres": "PostgreSQL"}


def engine_title(settings: Settings) -> str:
    """Name of the engine that counts, as a page prints it."""
    return _TITLES[settings.engine.get("kind", "duckdb")]


def engine_readers(settings: Settings, folder: Path | None, store: Store):
    """Readers by table, and what was there but is no table of ours.

    Raises
    ------
    CompanyError
        If the engine's package is missing, it cannot be reached, or it holds none
        of the tables.
    """
    engine = settings.engine
    declared = {t: k["file"] for t, k in settings.tables.items() if "file" in k}
    if engine["kind"] == "spark":
        from retention.company.engines.spark import spark_tables as tables
    else:
        from retention.company.engines.postgres import postgres_tables as tables
    found, unused = tables(engine, folder, declared, TABLES)
    if not found:
        where = engine.get("schema") or (folder.name if folder else "public")
        there = f" It holds: {', '.join(unused[:5])}." if unused else ""
        raise CompanyError(
            f"{engine_title(settings)} has no table called like one of ours in "
            f"{where}.{there} The least a company brings is customers; another name is "
            'declared in workbook.toml: [tables.customers] file = "clients".'
        )
    readers = {
        ours: LazyTable(ours, native, store, label)
        for ours, (label, native) in found.items()
    }
    return readers, unused
