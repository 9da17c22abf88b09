"""A report made again, and compared number by number with what it said."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from retention.reports import memory
from retention.reports.periods import ReportError
from retention.reports.request import Request
from retention.reports.running import report

_NUMBERS = ("value", "lower", "upper", "se", "n", "unit", "method")


@dataclass(frozen=True, eq=False)
class Verified:
    """What came of repeating a report.

    Attributes
    ----------
    table : DataFrame
        study, key, what, then, now, same (1 or 0): one row a number, check and
        verdict.
    differs : list of str
        What is not as it was: data by table, settings, versions, code.
    """

    table: pd.DataFrame
    differs: list[str]

    @property
    def same(self) -> bool:
        """Whether every number, check and verdict is the same."""
        return bool(self.table["same"].all())

    @property
    def summary(self) -> str:
        """How many are the same, and what differs otherwise."""
        n, equal = len(self.table), int(self.table["same"].sum())
        told = f"{equal} of {n} numbers, checks and verdicts are the same."
        if self.differs:
            told += f" Not as it was: {'; '.join(self.differs)}."
        elif equal < n:
            told += " Data, settings, versions and code are as they were."
        return told


def verify(folder, *, company: str = "", notebooks=None, progress=None) -> Verified:
    """A report repeated with its recorded parameters, and what is different.

    Parameters
    ----------
    folder : str or Path
        A period's folder, or its `record.json`. It is not changed.
    company : str
        Where the company lies now; where the record says, unless given.
    notebooks : Path, optional
        Folder of the study notebooks; the project's unless given.
    progress : callable, optional
        As for `report`.

    Returns
    -------
    Verified

    Raises
    ------
    ReportError
        There is no record, or it cannot be repeated.

    Examples
    --------
    >>> from retention import reports
    >>> try:
    ...     reports.verify("data/lakeshore")
    ... except reports.ReportError as error:
    ...     print(str(error).split(". ")[0])
    data/lakeshore holds no record of a report
    """
    record = _read(folder)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as out:
        request = _request(record, company, out, notebooks)
        again = report(request, progress=progress).record
    return Verified(_compared(record, again), _differs(record, again))


def _read(folder):
    path = Path(folder)
    path = path if path.is_file() else path / "record.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        asked = record["asked"]
    except (OSError, ValueError, KeyError):
        raise ReportError(
            f"{folder} holds no record of a report. Give the folder of a period, such "
            "as reports/lakeshore/2026-10."
        ) from None
    if asked.get("segment"):
        raise ReportError(
            f"{folder} is the report of a segment. Make it again with --each "
            f"{asked['segment']['column']}, and compare the two."
        )
    return record


def _request(record, company, out, notebooks):
    asked = record["asked"]
    done = [n for n, s in record["studies"].items() if s["status"] != "skipped"]
    source = record["company"]["source"]
    return Request(
        company=company or source,
        period=asked["period"] or _as_of(record, company or source),
        studies=tuple(asked["studies"] or done),
        by=asked["by"],
        parameters=asked["parameters"],
        months=asked["months"],
        out=out,
        notebooks=notebooks,
    )


def _as_of(record, company):
    """Day of a report for which none was asked, if the records have grown since."""
    from retention.company import open_company

    day, now = record["window"]["observed_to"], open_company(company).observed_to
    return "" if now is None or now.isoformat() == day else day or ""


def _compared(record, again):
    rows = []
    for name, study in record["studies"].items():
        now = dict(_facts(again["studies"].get(name, {})))
        then = dict(_facts(study))
        for place in dict.fromkeys([*then, *now]):
            was, here = then.get(place), now.get(place)
            rows.append((name, *place, was, here, int(was == here)))
    columns = ["study", "key", "what", "then", "now", "same"]
    return pd.DataFrame(rows, columns=columns)


def _facts(study):
    """Everything a study claims, each with its place."""
    if study.get("status") != "skipped":
        yield ("", "status"), study.get("status")
    for answer in study.get("answers", []):
        for what in _NUMBERS:
            yield (answer["key"], what), answer[what]
    for check in study.get("checks", []):
        yield (check["name"], "check"), check["status"]
    for number, saying in enumerate(study.get("sayings", []), start=1):
        yield (f"{number}. {saying['saying']}", "verdict"), saying["verdict"]


def _differs(record, again):
    told = []
    tables, now = record["company"]["tables"], again["company"]["tables"]
    for name in sorted({*tables, *now}):
        if tables.get(name) != now.get(name):
            told.append(f"the data of {name} ({_rows(record, again, name)})")
    told += memory.moved(again, record)
    for name, study in again["studies"].items():
        if memory.recoded(study, record["studies"].get(name, {})):
            told.append(f"the code of {name}")
    if record["commit"] != again["commit"]:
        told.append(
            f"commit {record['commit'][:12] or 'none'} became "
            f"{again['commit'][:12] or 'none'}"
        )
    return told


def _rows(record, again, table):
    read = [
        next((q["read"] for q in r["quality"] if q["table"] == table), 0)
        for r in (record, again)
    ]
    return f"{read[0]:,} rows then, {read[1]:,} now"
