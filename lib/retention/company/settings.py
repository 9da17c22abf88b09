"""workbook.toml: read, checked key by key, and completed with the defaults."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from retention.company.engine_keys import engine_keys
from retention.company.errors import CompanyError, nearest
from retention.schema import LABELS, SECTIONS, STUDIES, TABLE_KEYS, TABLES, TIME_UNITS

_CLOCKS = ("observed_from", "observed_to")
# What each key must be; keys not named here are text.
_TYPES: dict[str, type | tuple[type, ...]] = {
    "observed_from": dt.date,
    "observed_to": dt.date,
    "launched_on": dt.date,
    "columns": dict,
    "values": dict,
    "types": dict,
    "key": list,
    "still_here": list,
    "empty": list,
    "negative_amounts": bool,
    "multiline": bool,
    "touchpoints": list,
    "contacts": list,
    "smallest_group": int,
    "after_silence_days": int,
    "new_after_days": int,
    "most_returns": (int, float),
    "points_expire_after": int,
    "value_of_a_point": (int, float),
    "annual_discount_rate": (int, float),
    "margin_rate": (int, float),
    "acquisition_cost": (int, float),
    "holdout_share": (int, float),
}
# Written as 0.1 for ten in a hundred; 10 is refused.
_SHARES = ("most_returns", "annual_discount_rate", "margin_rate", "holdout_share")
_WORDS = {
    dt.date: 'a date such as "2026-10-31"',
    dict: "a table such as {ours = ...}",
    list: 'a list such as ["a", "b"]',
    bool: "true or false",
    int: "a whole number",
    str: 'text in quotes such as "..."',
    (int, float): "a number",
}


@dataclass(frozen=True, eq=False)
class Settings:
    """What workbook.toml says, checked; what it does not say has its default.

    Parameters
    ----------
    company, scales, population, drivers, notes, loyalty, costs, economics, channels,
    leaving, engine
        The sections as dictionaries. `notes` maps a study to the caution its page
        shows; `population` maps a study to {column: [values]}; `drivers` maps a study
        to the columns of customers that it compares, the first one in most detail.
    tables : dict
        Per table, how its file is read.
    source : str
        Where the settings came from, for messages.
    """

    company: dict[str, Any] = field(default_factory=dict)
    scales: dict[str, tuple[float, float]] = field(default_factory=dict)
    population: dict[str, dict[str, list]] = field(default_factory=dict)
    drivers: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    loyalty: dict[str, Any] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    economics: dict[str, Any] = field(default_factory=dict)
    channels: dict[str, list[str]] = field(default_factory=dict)
    leaving: dict[str, Any] = field(default_factory=dict)
    engine: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    source: str = "workbook.toml"

    def reading(self, table: str, key: str, default=None):
        """How one table is read: its own word, else the company's, else the default."""
        own = self.tables.get(table, {})
        return own.get(key, self.company.get(key, default))

    def scale(self, column: str) -> tuple[float, float] | None:
        """Declared scale of a score; ratings by driver share the scale `ratings`."""
        if column in SECTIONS["scales"]:
            return self.scales.get(column)
        return self.scales.get("ratings")


def read_settings(toml: Path | None, given: Mapping | str | Path | None) -> Settings:
    """Read settings from a file and lay given ones over them.

    Parameters
    ----------
    toml : Path or None
        The company's own workbook.toml, if it has one.
    given : mapping, path or None
        A mapping is laid over the file section by section; a path replaces it.

    Returns
    -------
    Settings

    Raises
    ------
    CompanyError
        If the file cannot be read, or holds a key or value that is not known.
    """
    if isinstance(given, str | Path):
        toml, given = Path(given), None
        if not toml.is_file():
            raise CompanyError(f"There is no settings file {toml}. Check its path.")
    raw = _parsed(toml) if toml else {}
    for section, content in (given or {}).items():
        merge = isinstance(content, Mapping) and isinstance(raw.get(section), dict)
        raw[section] = {**raw[section], **content} if merge else content
    source = toml.name if toml else "settings"
    return Settings(**_checked(raw, source), source=source)


def _parsed(toml: Path) -> dict:
    try:
        return tomllib.loads(toml.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CompanyError(f"{toml.name} is not UTF-8; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CompanyError(
            f"{toml.name} cannot be read: {error}. Text needs quotes "
            '(name = "Acme"), dates and numbers do not.'
        ) from error


def _checked(raw: Mapping, source: str) -> dict:
    sections = {}
    for section, content in raw.items():
        _known(section, SECTIONS, f"{source}: [{section}] is not a section.")
        if not isinstance(content, Mapping):
            raise CompanyError(
                f"{source}: {section} must be a section: write [{section}] on a line "
                "of its own and its keys below."
            )
        check = _SECTION_CHECKS.get(section, _keyed)
        sections[section] = check(section, content, source)
    return sections


def _keyed(section: str, content: Mapping, source: str, known=()) -> dict:
    """A section whose keys are fixed."""
    out = {}
    for key, value in content.items():
        place = f"{source}, [{section}]"
        _known(key, known or SECTIONS[section], f"{place}: {key} is not a key.")
        out[key] = _typed(key, value, place)
    return out


def _company(section: str, content: Mapping, source: str) -> dict:
    out = _keyed(section, content, source)
    for key, allowed in (("label", LABELS), ("time_unit", TIME_UNITS)):
        if key in out and out[key] not in allowed:
            raise CompanyError(
                f"{source}, [company]: {key} is {out[key]!r}. "
                f"It can be: {', '.join(allowed)}."
            )
    start, end = (out.get(key) for key in _CLOCKS)
    if start and end and start > end:
        raise CompanyError(
            f"{source}, [company]: observed_from ({start}) is after observed_to "
            f"({end}). Swap them."
        )
    return out


def _engine(section: str, content: Mapping, source: str) -> dict:
    return engine_keys(_keyed(section, content, source), f"{source}, [engine]")


def _scales(section: str, content: Mapping, source: str) -> dict:
    out = {}
    for key, value in content.items():
        place = f"{source}, [scales]"
        _known(key, SECTIONS[section], f"{place}: {key} is not a score.")
        pair = isinstance(value, list | tuple) and len(value) == 2
        if not pair or not all(_is_number(v) for v in value) or value[0] >= value[1]:
            raise CompanyError(
                f"{place}: {key} must be its lowest and highest value, such as "
                f"{key} = [1, 5]; it is {value!r}."
            )
        out[key] = (float(value[0]), float(value[1]))
    return out


def _population(section: str, content: Mapping, source: str) -> dict:
    for study, columns in content.items():
        place = f"{source}, [population]"
        _known(study, STUDIES, f"{place}: {study} is not a study.")
        lists = isinstance(columns, Mapping) and all(
            isinstance(v, list | tuple) for v in columns.values()
        )
        if not lists:
            raise CompanyError(
                f"{place}: {study} must name columns of customers and the values "
                f'wanted, such as {study} = {{plan = ["basic", "plus"]}}.'
            )
    return {study: dict(columns) for study, columns in content.items()}


def _drivers(section: str, content: Mapping, source: str) -> dict:
    for study, columns in content.items():
        place = f"{source}, [drivers]"
        _known(study, STUDIES, f"{place}: {study} is not a study.")
        named = isinstance(columns, list | tuple)
        if not named or not all(isinstance(c, str) for c in columns):
            raise CompanyError(
                f"{place}: {study} must list columns of customers, such as "
                f'{study} = ["plan", "region"].'
            )
    return {study: list(columns) for study, columns in content.items()}


def _notes(section: str, content: Mapping, source: str) -> dict:
    for study, note in content.items():
        _known(study, STUDIES, f"{source}, [notes]: {study} is not a study.")
        if not isinstance(note, str):
            raise CompanyError(f"{source}, [notes]: {study} must be text in quotes.")
    return dict(content)


def _costs(section: str, content: Mapping, source: str) -> dict:
    for key, value in content.items():
        if not _is_number(value):
            raise CompanyError(f"{source}, [costs]: {key} must be a number.")
    return dict(content)


def _tables(section: str, content: Mapping, source: str) -> dict:
    out = {}
    for table, keys in content.items():
        _known(table, TABLES, f"{source}: [tables.{table}] is not a table.")
        if not isinstance(keys, Mapping):
            raise CompanyError(f"{source}: write [tables.{table}] and its keys below.")
        out[table] = _keyed(f"tables.{table}", keys, source, known=TABLE_KEYS)
        if "from" in keys and (table, keys["from"]) != ("customers", "orders"):
            raise CompanyError(
                f"{source}, [tables.{table}]: only customers can be derived: from = "
                '"orders" in [tables.customers].'
            )
    return out


_SECTION_CHECKS = {
    "company": _company,
    "scales": _scales,
    "population": _population,
    "drivers": _drivers,
    "notes": _notes,
    "costs": _costs,
    "tables": _tables,
    "engine": _engine,
}


def _known(word: str, known, message: str) -> None:
    if word not in known:
        raise CompanyError(f"{message} {nearest(word, known)}")


def _typed(key: str, value, place: str):
    wanted = _TYPES.get(key, str)
    if wanted is dt.date:
        return _date(key, value, place)
    right = isinstance(value, wanted)
    if isinstance(value, bool) and wanted is not bool:
        right = False
    if not right:
        raise CompanyError(f"{place}: {key} must be {_WORDS[wanted]}; it is {value!r}.")
    if key in _SHARES and not 0 <= value <= 1:
        raise CompanyError(
            f"{place}: {key} must be a share from 0 to 1, such as 0.1 for ten in a "
            f"hundred; it is {value!r}."
        )
    return value


def _date(key: str, value, place: str) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise CompanyError(
            f"{place}: {key} must be a date such as 2026-10-31; it is {value!r}."
        ) from error


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
