"""Earlier periods: read from their folders, compared with this one."""

import json
import math

from retention.intervals import Estimate, difference

_NOT_SETTINGS = ("company", "period")


def records(home) -> dict[str, dict]:
    """Record of each period in a company's folder, oldest first.

    Parameters
    ----------
    home : Path

    Returns
    -------
    dict of str to dict
        Folder name to the content of its `record.json`; folders without a
        readable one are left out.
    """
    found = {}
    for path in home.glob("[!.]*/record.json"):
        try:
            found[path.parent.name] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return dict(sorted(found.items(), key=lambda item: _end(item[1])))


def previous(home, record) -> dict | None:
    """Last record that ends before this one does, runs with failures left out."""
    earlier = [
        other
        for other in records(home).values()
        if _end(other) < _end(record) and not failed_studies(other)
    ]
    return earlier[-1] if earlier else None


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
        (True, False, or None where it cannot be told).

    Notes
    -----
    The interval of a difference adds both squared standard errors, as if the
    two periods were separate samples. They share customers, so it is too wide
    rather than too narrow, and a change it reports is one.
    """
    if _settings(now) != _settings(before):
        return {}
    earlier = {answer["key"]: answer for answer in before.get("answers", [])}
    return {
        answer["key"]: _change(answer, earlier[answer["key"]])
        for answer in now.get("answers", [])
        if _comparable(answer, earlier.get(answer["key"]))
    }


def _change(now, before):
    gap = difference(_estimate(now), _estimate(before))
    told = math.isfinite(gap.lower)
    return {
        "before": before["value_text"],
        "difference": f"{'+' if gap.value > 0 else ''}{gap.text}",
        "changed": not gap.lower <= 0 <= gap.upper if told else None,
    }


def _estimate(answer):
    se = math.nan if answer["se"] is None else answer["se"]
    return Estimate(
        answer["value"],
        *_bounds(answer),
        answer["n"],
        answer["method"],
        answer["unit"],
        se,
        answer["confidence"],
    )


def _bounds(answer):
    """Lower and upper; null stands for a bound that was not reached."""
    low, high = answer["lower"], answer["upper"]
    return (-math.inf if low is None else low), (math.inf if high is None else high)


def _comparable(now, before):
    return (
        before is not None
        and now["unit"] == before["unit"]
        and now["value"] is not None
        and before["value"] is not None
    )


def _settings(study):
    given = study.get("parameters", {})
    return {name: value for name, value in given.items() if name not in _NOT_SETTINGS}


def _end(record):
    return record.get("window", {}).get("observed_to") or ""
