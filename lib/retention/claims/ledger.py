"""All sayings at once, from the studies' own results."""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from retention.claims.judging import Judged, judge
from retention.claims.rows import Claim, read
from retention.claims.showing import table
from retention.intervals import Estimate, benjamini_hochberg, verdict
from retention.schema import STUDIES

# Which room measures what a study's sayings are about.
ROOMS = {
    "leaky_bucket": "retention.economics",
    "tenure": "retention.claims.tenure",
    "satisfaction": "retention.satisfaction",
    "referral": "retention.referral",
    "loyalty": "retention.loyalty",
    "customer_value": "retention.value",
}
ORDER = ("HOLDS", "DOES NOT HOLD", "UNDECIDED", "NOT IDENTIFIABLE", "INCONSISTENT")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Every saying with its verdict for one company.

    Attributes
    ----------
    judged : list of Judged
        In the order of the studies, then of the sayings.
    table : DataFrame
        Index `id`; `study`, `saying`, `reading`, `here`, `true_if`, `verdict`,
        `why`, `q` (Benjamini-Hochberg over the ledger; missing without an estimate)
        and `notebook`, which computed it.
    """

    judged: list[Judged]
    table: pd.DataFrame

    @property
    def counts(self) -> pd.Series:
        """Number of sayings by verdict."""
        found = self.table["verdict"].value_counts()
        return found.reindex(ORDER, fill_value=0)

    @property
    def summary(self) -> str:
        """How many hold, in one sentence."""
        n = self.counts
        return (
            f"Of {n.sum()} readings of {_sayings(self.judged)} sayings, "
            f"{n['HOLDS']} hold here, {n['DOES NOT HOLD']} do not, "
            f"{n['UNDECIDED']} are undecided, {n['NOT IDENTIFIABLE']} cannot be told "
            f"from these data and {n['INCONSISTENT']} contradict themselves."
        )


def ledger(company, *, records: Mapping[str, Mapping] | None = None) -> Ledger:
    """Verdicts on all sayings for a company.

    Parameters
    ----------
    company : Company
    records : mapping of str to mapping, optional
        The studies' records by study, as a report keeps them: their measures are
        read and not computed again. A study without a record is measured here.

    Returns
    -------
    Ledger

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import claims
    >>> from retention.company import open_company
    >>> company = open_company({"customers": pd.DataFrame({
    ...     "customer_id": ["a", "b"], "joined_on": ["2025-01-01", "2025-02-01"],
    ...     "left_on": [None, "2025-06-01"]})})
    >>> found = claims.ledger(company)  # two customers hold up no saying
    >>> int(found.counts["HOLDS"]), found.table.loc["L46", "verdict"]
    (0, 'INCONSISTENT')
    """
    judged = [
        each
        for study in ROOMS
        for each in _of_study(company, study, (records or {}).get(study))
    ]
    q = benjamini_hochberg(pd.Series([each.p_value for each in judged]))
    shown = table(judged).assign(
        study=[each.claim.study for each in judged],
        q=q.to_numpy(),
        notebook=[STUDIES[each.claim.study].notebook for each in judged],
    )
    first = ["study", "saying", "reading", "here", "true_if", "verdict", "why"]
    return Ledger(judged, shown[[*first, "q", "notebook"]])


def recorded(folder: str | Path) -> dict[str, dict]:
    """Records that the studies of one report left in a folder, by study.

    Parameters
    ----------
    folder : str or Path
        Files such as ``tenure.json``; empty for no folder.

    Returns
    -------
    dict of str to dict

    Examples
    --------
    >>> recorded("")
    {}
    """
    if not str(folder):
        return {}
    files = sorted(Path(folder).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def _of_study(company, study: str, record: Mapping | None) -> list[Judged]:
    claims = read(study)
    if not claims:
        return []
    if missing := _missing(company, study):
        return judge(study, {c.measure: missing for c in claims})
    found = _recorded(record) or _measured(company, study)
    lacking = {c.id: _lacking(company, c) for c in claims}
    return [
        _withheld(each, lacking[each.claim.id]) if lacking[each.claim.id] else each
        for each in judge(study, found)
    ]


def _missing(company, study: str) -> str:
    """Why a study cannot run here; empty where it can."""
    runnable = company.runnable().set_index("study")
    row = runnable.loc[study]
    return "" if row["runnable"] else str(row["reason"])


def _lacking(company, claim: Claim) -> str:
    parts = [need.partition(".") for need in claim.needs]
    lacking = [f"{t}.{c}" for t, _, c in parts if not company.has(t, c)]
    return f"It needs {', '.join(lacking)}." if lacking else ""


def _withheld(judged: Judged, reason: str) -> Judged:
    if judged.claim.contradiction or judged.claim.not_identifiable:
        return judged
    return Judged(
        judged.claim, None, verdict(None, judged.claim.region, blocked=reason)
    )


def _measured(company, study: str) -> dict[str, Estimate | str]:
    return importlib.import_module(ROOMS[study]).measures(company)


def _recorded(record: Mapping | None) -> dict[str, Estimate | str]:
    """Measures of a record: each an estimate's fields, or a reason."""
    measures = (record or {}).get("measures") or {}
    return {
        key: found if isinstance(found, str) else _estimate(found)
        for key, found in measures.items()
    }


def _estimate(found: Mapping) -> Estimate:
    names = ("value", "lower", "upper", "n", "method", "unit", "se", "confidence")
    unbounded = {"value": "nan", "lower": "-inf", "upper": "inf", "se": "nan"}
    values = {
        name: float(unbounded[name]) if found[name] is None else found[name]
        for name in names
    }
    return Estimate(**values)


def _sayings(judged: list[Judged]) -> int:
    return len({each.claim.id.rstrip("abcdefgh") for each in judged})
