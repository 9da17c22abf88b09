"""Every number of every period of a company, as one table and as small charts."""

from collections import Counter

import pandas as pd

from retention.reports import memory
from retention.reports.charts import chart
from retention.reports.periods import kind
from retention.reports.wording import period_name

COLUMNS = [
    "period",
    "ends_on",
    "study",
    "key",
    "label",
    "value",
    "lower",
    "upper",
    "confidence",
    "unit",
    "n",
    "method",
    "comparable",
    "marks",
]


def series(records) -> list[dict]:
    """One row per period, study and answer, oldest first; no group too small.

    Parameters
    ----------
    records : dict of str to dict
        As `memory.records` reads them.

    Returns
    -------
    list of dict
        `COLUMNS` and the texts to show. `comparable` is 0 where the number does not
        mean what the one of the period before meant; `marks` says why, or what else
        changed.
    """
    rows, last = [], {}
    for record in records.values():
        if memory.failed_studies(record):
            continue
        before = last.get(kind(record["period"]))
        for name, study in record["studies"].items():
            rows += _rows(record, before, name, study)
        last[kind(record["period"])] = record
    return rows


def tidy(rows) -> pd.DataFrame:
    """Rows of `series` as the table that `history.csv` holds.

    Returns
    -------
    DataFrame
        With `COLUMNS`. Shares are fractions; a missing bound was not reached.
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"comparable": int}) if len(table) else table


def charted(rows) -> list[dict]:
    """Studies with their charts, for the company's page.

    Parameters
    ----------
    rows : list of dict
        As `series` makes them; periods of the kind that occurs most are drawn.

    Returns
    -------
    list of dict
        `study`, `title`, `marks` (period and text), and `charts`: `label`, `svg` and
        `points` (newest first).
    """
    if not rows:
        return []
    periods = {row["period"] for row in rows}
    most = Counter(map(kind, sorted(periods))).most_common(1)[0][0]
    drawn = [row for row in rows if kind(row["period"]) == most]
    studies = {}
    for row in drawn:
        study = studies.setdefault(row["study"], {"title": row["title"], "lines": {}})
        study["lines"].setdefault((row["key"], row["unit"]), []).append(row)
    return [
        {"study": name, "title": found["title"], **_drawn(found["lines"])}
        for name, found in studies.items()
    ]


def _drawn(lines):
    marked = [p for points in lines.values() for p in points if p["marks"]]
    return {
        "marks": list(dict.fromkeys((p["name"], p["marks"]) for p in marked)),
        "charts": [
            {
                "label": points[-1]["label"],
                "svg": chart(points),
                "points": points[::-1],
            }
            for points in lines.values()
        ],
    }


def _rows(record, before, name, study):
    then = (before or {}).get("studies", {}).get(name)
    alike = then is not None and then["status"] == "done"
    other = memory.recoded(study, then) + memory.moved(record, before) if alike else []
    smallest = record.get("smallest_group", 0)
    for answer in study.get("answers", []):
        if 0 < answer["n"] < smallest:
            continue
        redefined = memory.redefined(study, then, answer["key"]) if alike else []
        yield {
            **{c: answer.get(c) for c in COLUMNS},
            "period": record["period"],
            "ends_on": record["window"]["observed_to"] or "",
            "study": name,
            "title": study["title"],
            "comparable": not redefined,
            "marks": "; ".join(redefined + other),
            "name": period_name(record["period"]),
            "value_text": answer["value_text"],
            "range_text": answer["range_text"],
        }
