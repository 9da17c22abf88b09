"""Earlier periods: read from their folders, compared with this one."""

import json
import math
import re
from pathlib import Path

from retention.intervals import Estimate
from retention.reports.folders import FAILED
from retention.reports.periods import kind

_NOT_SETTINGS = ("company", "period")
_NUMBER = re.compile(r"\d+([.,]\d+)*")
_SECTIONS = {
    "company": "[company]",
    "tables": "how files are read",
    "population": "[population], whom a study is about",
    "leaving": "[leaving], what counts as leaving",
}


def records(home, *, added=None) -> dict[str, dict]:
    """Record of each period in a company's folder, oldest first.

    Parameters
    ----------
    home : Path
    added : dict of str to dict, optional
        Records about to be put there, by folder; a failed run of their period goes.

    Returns
    -------
    dict of str to dict
        Folder name to the content of its `record.json`; folders without a
        readable one are left out.
    """
    found = {}
    for path in Path(home).glob("[!.]*/record.json"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        found[path.parent.name] = _in_order(record)
    for name, record in (added or {}).items():
        found.pop(name + FAILED, None)
        found[name] = record
    return dict(sorted(found.items(), key=lambda item: (_end(item[1]), item[0])))


def _in_order(record):
    """Record whose studies are in the order of their notebooks, not of the file."""
    studies = record.get("studies", {}).items()
    ordered = sorted(studies, key=lambda item: item[1].get("notebook", ""))
    return {**record, "studies": dict(ordered)}


def earlier(home, record) -> list[dict]:
    """Records that end before this one does, oldest first, without failed runs."""
    return [
        other
        for other in records(home).values()
        if _end(other) < _end(record) and not failed_studies(other)
    ]


def previous(home, record) -> dict | None:
    """Period to compare with: the last of the same kind, else the last of any."""
    before = earlier(home, record)
    alike = [r for r in before if kind(r["period"]) == kind(record["period"])]
    return (alike or before or [None])[-1]


def failed_studies(record) -> list[str]:
    """Names of the studies that a record says failed."""
    studies = record.get("studies", {})
    return [name for name, study in studies.items() if study["status"] == "failed"]


def comparison(now, before) -> dict[str, dict]:
    """What became of each answer of a study since the period before.

    Parameters
    ----------
    now, before : dict
        A study's entry in `record.json`.

    Returns
    -------
    dict of str to dict
        Answer's key to `before` (text), `difference` (text) and `changed`
        (True, False, or None where it cannot be told). Empty where a parameter
        differs.

    Notes
    -----
    The interval of a difference is put together from the two intervals (square and
    add), as if the periods were separate samples. They share customers, so it is
    too wide rather than too narrow, and a change it reports is one.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), "Construction of confidence limits about effect
    measures: a general approach", Statistics in Medicine 27.
    """
    if settings(now) != settings(before):
        return {}
    known = {answer["key"]: answer for answer in before.get("answers", [])}
    return {
        answer["key"]: _change(answer, known[answer["key"]])
        for answer in now.get("answers", [])
        if _comparable(answer, known.get(answer["key"]))
    }


def settings(study) -> dict:
    """What decides a study's numbers besides the data: parameters and window."""
    given = study.get("parameters", {})
    kept = {name: value for name, value in given.items() if name not in _NOT_SETTINGS}
    if study.get("months"):
        # A window that moves with the period is the same window.
        kept["window_from"] = f"{study['months']} months before the end"
    return kept


def moved(now, before) -> list[str]:
    """What changed between two records that no number of them says.

    Parameters
    ----------
    now, before : dict
        Contents of two `record.json`.

    Returns
    -------
    list of str
        Begin of the window, sections of the settings, versions of software.
    """
    told = []
    first, was = (r["window"].get("observed_from") for r in (now, before))
    if first != was:
        told.append(f"records begin on {first or 'no day'}, not {was or 'no day'}")
    now_has, had = now.get("settings", {}), before.get("settings", {})
    for name in sorted(set(now_has) & set(had)):
        if now_has[name] != had[name]:
            told.append(f"{_SECTIONS.get(name, f'[{name}]')} changed")
    return told + _versions(now, before)


def redefined(now, before, key="") -> list[str]:
    """What makes a study's numbers mean something else than in another record.

    Parameters
    ----------
    now, before : dict
        A study's entry in two `record.json`.
    key : str
        Only what concerns this answer; all unless given.

    Returns
    -------
    list of str
        Parameters, methods and units that differ. A number inside the name of a
        method may be another one: "area to 107" is "area to 108" a month later.
    """
    told = []
    here, there = settings(now), settings(before)
    for name in sorted(set(here) | set(there)):
        if here.get(name) != there.get(name):
            said = [repr(v.get(name, "not set")) for v in (there, here)]
            told.append(f"{name.replace('_', ' ')}: {said[0]} became {said[1]}")
    known = {answer["key"]: answer for answer in before.get("answers", [])}
    for answer in now.get("answers", []):
        if key in ("", answer["key"]):
            told += _reworded(answer, known.get(answer["key"], answer))
    return told


def recoded(now, before) -> list[str]:
    """Whether the code of a study is another one, as a mark; empty if it is not."""
    same = now.get("definition") == before.get("definition")
    return [] if same else ["the study's code changed"]


def turned(now, before) -> list[dict]:
    """Sayings of a study whose verdict is another one than in the period before.

    Returns
    -------
    list of dict
        The saying as it is now, with `was`, its verdict then.
    """
    then = dict(_numbered(before.get("sayings", [])))
    return [
        {**saying, "was": then[place]["verdict"]}
        for place, saying in _numbered(now.get("sayings", []))
        if place in then and then[place]["verdict"] != saying["verdict"]
    ]


def _numbered(sayings):
    """Sayings by their words, source and how often these came before."""
    seen = {}
    for saying in sayings:
        words = (saying["saying"], saying["source"])
        seen[words] = seen.get(words, 0) + 1
        yield (*words, seen[words]), saying


def _reworded(answer, then):
    pairs = [(name, answer[name], then[name]) for name in ("method", "unit")]
    return [
        f"{answer['label']}: {name} {was!r} became {now!r}"
        for name, now, was in pairs
        if _NUMBER.sub("0", now) != _NUMBER.sub("0", was)
    ]


def _versions(now, before):
    here, there = now["versions"], before["versions"]
    return [
        f"{name} {there.get(name, 'not there')} became {here.get(name, 'not there')}"
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def _change(now, before):
    gap = difference(now, before)
    told = math.isfinite(gap.lower) and math.isfinite(gap.upper)
    return {
        "before": before["value_text"],
        "difference": f"{'+' if gap.value > 0 else ''}{gap.text}",
        "changed": not gap.lower <= 0 <= gap.upper if told else None,
    }


def difference(now, before) -> Estimate:
    """Later answer minus earlier one, its interval from both intervals.

    Examples
    --------
    The first example of Newcombe (1998), 56 of 70 against 48 of 80:

    >>> from retention.intervals import wilson
    >>> answers = [vars(wilson(56, 70)), vars(wilson(48, 80))]
    >>> gap = difference(*answers)
    >>> round(gap.lower, 4), round(gap.upper, 4)
    (0.0524, 0.3339)
    """
    low, high = _reaches(now)
    low_then, high_then = _reaches(before)
    gap, unit = now["value"] - before["value"], now["unit"]
    return Estimate(
        gap,
        gap - math.hypot(low, high_then),
        gap + math.hypot(high, low_then),
        now["n"] + before["n"],
        "difference, square and add",
        "percentage points" if unit == "%" else unit,
        confidence=now["confidence"],
    )


def _reaches(answer):
    """How far an interval reaches below and above its value; nan if it does not."""
    return tuple(
        math.nan if bound is None else abs(answer["value"] - bound)
        for bound in (answer["lower"], answer["upper"])
    )


def _comparable(now, before):
    return (
        before is not None
        and now["unit"] == before["unit"]
        and now["value"] is not None
        and before["value"] is not None
    )


def _end(record):
    return record.get("window", {}).get("observed_to") or ""
