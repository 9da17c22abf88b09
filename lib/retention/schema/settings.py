"""The sections and keys that workbook.toml may hold."""

LABELS = ("REAL", "FICTIONAL", "SIMULATED")
TIME_UNITS = ("day", "week", "month", "quarter", "year")

# How files are written: for one table, or in [company] for all of them.
READING = (
    "delimiter",
    "encoding",
    "date_format",
    "decimal",
    "thousands",
    "empty",
    "multiline",
)

SECTIONS: dict[str, tuple[str, ...]] = {
    "company": (
        "name",
        "label",
        "currency",
        "language",
        "logo",
        "colour",
        "smallest_group",
        "observed_from",
        "observed_to",
        "time_unit",
        "time_zone",
        *READING,
    ),
    "scales": (
        "satisfaction",
        "satisfaction_points",
        "expectation",
        "intent",
        "recommend",
        "ratings",
    ),
    "population": (),  # keys are studies
    "drivers": (),  # keys are studies
    "notes": (),  # keys are studies
    "loyalty": (
        "value_of_a_point",
        "launched_on",
        "points_expire_after",
        "holdout_share",
    ),
    "costs": (),  # an assumption a key, a number each
    "economics": ("annual_discount_rate", "margin_rate", "acquisition_cost"),
    "channels": ("touchpoints", "contacts"),
    "leaving": ("after_silence_days", "new_after_days", "most_returns"),
    "engine": ("kind", "memory", "master", "url", "schema"),
    "tables": (),  # keys are tables
}

# Where tables are counted, and what each engine must or may be told.
ENGINES: dict[str, tuple[str, ...]] = {
    "duckdb": ("kind", "memory"),
    "spark": ("kind", "master", "schema"),
    "postgres": ("kind", "url", "schema"),
}

TABLE_KEYS = (
    "file",
    "from",
    "columns",
    "values",
    "types",
    "key",
    "still_here",
    "negative_amounts",
    "time_zone",
    *READING,
)
