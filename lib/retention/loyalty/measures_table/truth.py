"""Estimates of a simulated company beside what was planted in it."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.loyalty.measures_table.answers import part_of


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

    Examples
    --------
    Designs that were not made are left out:

    >>> from retention.loyalty import Missing
    >>> truth = {"realised": {"loyalty": {"spend_att_months_85_94": 4.0,
    ...     "margin_att": 9.0, "margin_itt": 3.0}},
    ...     "analytic": {"ultimate_redemption": 0.75},
    ...     "planted": {"spend": {"gold": 5.0},
    ...     "hazard": {"voluntary": {"member": -0.2}}}}
    >>> none = Missing("not made here")
    >>> spend = Estimate(4.5, 3.9, 5.1, 900, "differences in differences")
    >>> table = against_truth(truth, naive=Estimate(11.0, 10, 12, 900, "means"),
    ...     spend=spend, weighted=none, margin=none, returned=none, holdout=none,
    ...     hazard=none, points=none, jumps={})
    >>> table[["quantity", "naive", "estimate", "truth", "covered"]]
                         quantity  naive  estimate  truth  covered
    0  spend, by month of joining   11.0       4.5    4.0     True
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
        ("margin", margin, part_of(returned, "incremental"), real["margin_att"], once),
        (
            "margin of the offer",
            None,
            part_of(holdout, "itt"),
            real["margin_itt"],
            "per customer offered",
        ),
        ("hazard ratio", part_of(hazard, "naive"), hazard, member, "ratio"),
        ("points redeemed", part_of(points, "to_date"), points, redeemed, "share"),
        (
            "return",
            part_of(returned, "naive_roi"),
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

    Examples
    --------
    >>> table = pd.DataFrame({"quantity": ["spend"], "naive": [11.0], "estimate": [4.5],
    ...     "lower": [3.9], "upper": [5.1], "truth": [4.0]})
    >>> truth_lines(table)[["label", "value", "kind"]]
                 label  value   kind
    0     spend: naive   11.0  naive
    1  spend: estimate    4.5  right
    2     spend: truth    4.0  truth
    """
    rows = []
    for row in revealed.itertuples():
        if np.isfinite(row.naive):
            rows.append((f"{row.quantity}: naive", row.naive, None, None, "naive"))
        found = (row.estimate, row.lower, row.upper)
        rows.append((f"{row.quantity}: estimate", *found, "right"))
        rows.append((f"{row.quantity}: truth", row.truth, None, None, "truth"))
    return pd.DataFrame(rows, columns=["label", "value", "lower", "upper", "kind"])


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
