"""Answers and checks of all designs, with the missing named."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.measures_missing import Missing
from retention.loyalty.naive_windows import CampaignEffect


def side_by_side(answers: Sequence[tuple[str, Estimate | None, str]]) -> pd.DataFrame:
    """Table of answers in one unit, as `retention.plots.answers` draws it.

    Parameters
    ----------
    answers : sequence of (str, Estimate or None, str)
        Label, estimate (None where a design is missing) and kind: "naive", "right"
        or "truth".

    Returns
    -------
    DataFrame
        `label`, `value`, `lower`, `upper`, `kind`, `n`, `method`; without the missing.

    Examples
    --------
    >>> gap = Estimate(10.9, 10.3, 11.5, 900, "difference of means", "EUR per month")
    >>> answers = [("members minus others", gap, "naive"), ("lot", None, "right")]
    >>> side_by_side(answers)[["label", "value", "kind"]].values.tolist()
    [['members minus others', 10.9, 'naive']]
    """
    rows = [
        (label, e.value, e.lower, e.upper, kind, e.n, e.method)
        for label, e, kind in answers
        if e is not None
    ]
    names = ["label", "value", "lower", "upper", "kind", "n", "method"]
    return pd.DataFrame(rows, columns=names)


def named_checks(designs: Mapping[str, object]) -> list[Check]:
    """Checks of all designs, each with the name of its design; the missing named too.

    Parameters
    ----------
    designs : mapping of str to answer or Missing

    Returns
    -------
    list of Check

    Examples
    --------
    >>> [check.name for check in named_checks({"holdout": Missing("Nobody was.")})]
    ['holdout: not made']
    """
    found = []
    for name, answer in designs.items():
        if isinstance(answer, Missing):
            remedy = "Bring what it names, or do without this design."
            found.append(Check(f"{name}: not made", "REVIEW", answer.summary, remedy))
            continue
        found += [
            Check(f"{name}: {c.name}", c.status, c.finding, c.remedy)
            for c in answer.checks
        ]
    return found


def answers_for_record(
    *, returned, spend, naive, points, hazard, actions
) -> dict[str, tuple[str, Estimate, str]]:
    """What the study hands to the report, headline first; the missing left out.

    Parameters
    ----------
    returned, spend, naive, points, hazard, actions
        Answers, or Missing.

    Returns
    -------
    dict of str to (str, Estimate, str)
        Label, estimate and sentence by key.

    Examples
    --------
    >>> none = Missing("not made here")
    >>> spend = pd.DataFrame({"bucket": ["00", "00", "01", "01"], "member": [1, 0] * 2,
    ...                       "n": 2, "revenue": [90.0, 60.0, 110.0, 60.0]})
    >>> from retention.loyalty import naive_spend
    >>> found = answers_for_record(returned=none, spend=none, naive=naive_spend(spend),
    ...                            points=none, hazard=none, actions=none)
    >>> {key: (label, round(e.value, 2)) for key, (label, e, _) in found.items()}
    {'naive': ('Monthly spend, members minus others (naive)', 20.0)}
    """
    net = part_of(returned, "net")
    offered = {
        "return": ("Return on the programme", returned, returned),
        "net": ("Margin less cost, per enrolled customer", net, returned),
        "spend": (_of_spend(spend), spend, spend),
        "naive": ("Monthly spend, members minus others (naive)", naive, naive),
        "hazard": ("Hazard of leaving, members over others", hazard, hazard),
        "redemption": ("Points redeemed in the end", points, points),
        "action": ("Best action, net of its cost", actions, actions),
    }
    found = {
        key: (label, getattr(value, "estimate", value), told.summary)
        for key, (label, value, told) in offered.items()
        if value
    }
    return {k: row for k, row in found.items() if not math.isnan(row[1].value)}


def _of_spend(spend) -> str:
    """Only a design with customers not yet enrolled says what membership changed."""
    if isinstance(spend, CampaignEffect):
        return "Spend in the campaign, against the same customers' own past"
    return "What membership changed in monthly spend"


def members_counted(programmes: pd.DataFrame, *, why: str) -> dict:
    """Answer of last resort: how many customers are members.

    Parameters
    ----------
    programmes : DataFrame
        From `retention.counts.programmes`.
    why : str
        Why nothing else could be said.

    Returns
    -------
    dict of str to (str, Estimate, str)

    Examples
    --------
    >>> programmes = pd.DataFrame({"programme": ["Circle"], "members": [1200]})
    >>> members_counted(programmes, why="Nobody was held out.")["members"][2]
    '1,200 customers are members. Nobody was held out.'
    """
    n = int(programmes["members"].max()) if len(programmes) else 0
    counted = Estimate(n, math.nan, math.nan, n, "counted", "members")
    return {"members": ("Members", counted, f"{n:,} customers are members. {why}")}


def part_of(answer, name: str):
    """A part of an answer by its name; None where the answer is Missing."""
    return getattr(answer, name) if answer else None
