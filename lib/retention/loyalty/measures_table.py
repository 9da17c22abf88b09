"""Answers of different designs, set side by side and beside the truth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.additive import estimated, ratio, totals, wide
from retention.loyalty.measures_missing import Missing


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


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """What the programme changed in sales beside those it rewards.

    Attributes
    ----------
    estimate : Estimate
        Change for one enrolled customer; negative where sales only moved.
    checks : list of Check
    summary : str
    """

    estimate: Estimate
    checks: list[Check]
    summary: str


def moved_from_elsewhere(money: pd.DataFrame, *, currency: str = "EUR") -> Elsewhere:
    """Cannibalisation: the programme's effect on a customer's other orders.

    Parameters
    ----------
    money : DataFrame
        From `retention.counts.programme_money`.
    currency : str

    Returns
    -------
    Elsewhere

    Raises
    ------
    ValueError
        Without a holdout, or without other orders.
    """
    drawn = money[money["arm"] != ""]
    if drawn["arm"].nunique() < 2:
        raise ValueError(
            "Without a holdout, sales moved from elsewhere cannot be told."
        )
    if not drawn["elsewhere"].any():
        raise ValueError("No orders beside those that the programme rewards are known.")
    drawn = drawn.assign(took=drawn["taker"] * drawn["n"])
    known = totals(wide(drawn, ["n", "took", "elsewhere"], ["arm"]))
    gap, took = (
        ratio(known, f"{c} programme", "n programme")
        - ratio(known, f"{c} holdout", "n holdout")
        for c in ("elsewhere", "took")
    )
    unit = f"{currency} per enrolled customer".strip()
    found = estimated(gap / took, n=int(drawn["n"].sum()), unit=unit)
    what = (
        "moved from there" if found.upper < 0 else "is shown to have moved from there"
    )
    negated = "Some of the gain" if found.upper < 0 else "Nothing"
    told = (
        f"Other orders of those who enrolled changed by {found.text}: {negated} {what}."
    )
    return Elsewhere(found, [], told)


def against_truth(
    truth: Mapping,
    *,
    naive,
    spend,
    weighted,
    margin,
    returned,
    holdout,
    hazard,
    points,
    jumps,
) -> pd.DataFrame:
    """Estimates of a simulated company beside what was planted in it.

    Parameters
    ----------
    truth : mapping
        From `retention.simulate.known_truth`.
    naive, spend, weighted, margin, returned, holdout, hazard, points
        Answers, or Missing.
    jumps : mapping of str to Threshold
        By tier.

    Returns
    -------
    DataFrame
        `quantity`, `naive`, `estimate`, `lower`, `upper`, `truth`, `covered`, `unit`.
    """
    real, planted = truth["realised"]["loyalty"], truth["planted"]
    monthly, once = "per member and month", "per enrolled customer"
    redeemed = truth["analytic"]["ultimate_redemption"]
    member = math.exp(planted["hazard"]["voluntary"]["member"])
    rows = [
        (
            "spend, by month of joining",
            naive,
            spend,
            real["spend_att_months_85_94"],
            monthly,
        ),
        (
            "spend, by weighting",
            naive,
            weighted,
            real["spend_att_months_85_94"],
            monthly,
        ),
        ("margin", margin, _part(returned, "incremental"), real["margin_att"], once),
        (
            "margin of the offer",
            None,
            _part(holdout, "itt"),
            real["margin_itt"],
            "per customer offered",
        ),
        ("hazard ratio", _part(hazard, "naive"), hazard, member, "ratio"),
        ("points redeemed", _part(points, "to_date"), points, redeemed, "share"),
        (
            "return",
            _part(returned, "naive_roi"),
            returned,
            _true_return(returned, points, redeemed, real),
            "share",
        ),
    ]
    gold = jumps.get("gold")
    rows += [("jump at gold", None, gold, planted["spend"]["gold"], "per month")]
    return pd.DataFrame([_revealed(*row) for row in rows if row[2]], columns=_REVEALED)


_REVEALED = [
    "quantity",
    "naive",
    "estimate",
    "lower",
    "upper",
    "truth",
    "covered",
    "unit",
]


def truth_lines(revealed: pd.DataFrame) -> pd.DataFrame:
    """Naive, estimate and truth as rows for `retention.plots.answers`.

    Parameters
    ----------
    revealed : DataFrame
        From `against_truth`.

    Returns
    -------
    DataFrame
        `label`, `value`, `lower`, `upper`, `kind`.
    """
    rows = []
    for row in revealed.itertuples():
        if np.isfinite(row.naive):
            rows.append((f"{row.quantity}: naive", row.naive, None, None, "naive"))
        found = (row.estimate, row.lower, row.upper)
        rows.append((f"{row.quantity}: estimate", *found, "right"))
        rows.append((f"{row.quantity}: truth", row.truth, None, None, "truth"))
    return pd.DataFrame(rows, columns=["label", "value", "lower", "upper", "kind"])


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
    """
    net = _part(returned, "net")
    offered = {
        "return": ("Return on the programme", returned, returned),
        "net": ("Margin less cost, per enrolled customer", net, returned),
        "spend": ("What membership changed in monthly spend", spend, spend),
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
    """
    n = int(programmes["members"].max()) if len(programmes) else 0
    counted = Estimate(n, math.nan, math.nan, n, "counted", "members")
    return {"members": ("Members", counted, f"{n:,} customers are members. {why}")}


def _part(answer, name: str):
    return getattr(answer, name) if answer else None


def _true_return(returned, points, redeemed: float, real: Mapping) -> float:
    """ROI with the true margin, the true redemption and the costs that were booked."""
    if not (returned and points):
        return math.nan
    rewards = returned.rewards.value / points.estimate.value * redeemed
    cost = rewards + returned.running.value
    return (real["margin_att"] - cost) / cost


def _revealed(quantity, naive, answer, truth: float, unit: str) -> tuple:
    shown, e = _number(naive), getattr(answer, "estimate", answer)
    covered = bool(e.lower <= truth <= e.upper)
    return quantity, shown, e.value, e.lower, e.upper, truth, covered, unit


def _number(naive) -> float:
    found = getattr(naive, "estimate", naive)
    return found.value if isinstance(found, Estimate) else math.nan
