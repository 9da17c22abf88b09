"""Whether surveys and follow-up can bear the answers that are asked of them."""

import numpy as np
import pandas as pd

from retention.counts import periods
from retention.counts.satisfaction import Products
from retention.intervals import Check
from retention.satisfaction.drivers import inflation
from retention.satisfaction.response import ResponseModel
from retention.satisfaction.weighted import WeightedLosses

MOST_GAP = 0.10  # standard deviations
LEAST_WORTH = 0.10  # of the answers
MOST_WEIGHT = 0.05  # of all weight, on one answer
FEWEST_LOST = 20


def satisfaction_checks(
    found: WeightedLosses,
    tenure: pd.DataFrame,
    *,
    horizon: int,
    unit: str = "month",
    outcome: str = "left",
) -> list[Check]:
    """Assumptions of the study, each with its diagnostic and remedy.

    Parameters
    ----------
    found : WeightedLosses
        Sorted by score.
    tenure : DataFrame
        From `counts.survey_tenure`.
    horizon : int
    unit : str
    outcome : str
        "left" or "bought"; who buys at once has not decided to go.

    Returns
    -------
    list of Check
        Response rate, balance and overlap of the weights, follow-up, losses, scores
        without a loss, scores used, and leaving just after an answer.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> from retention.satisfaction import weighted_losses
    >>> company = open_company("data/lakeshore")
    >>> found = weighted_losses(counts.survey_losses(company, horizon=12))
    >>> tenure = counts.survey_tenure(company, horizon=12)
    >>> checks = satisfaction_checks(found, tenure, horizon=12)
    >>> for check in checks[-3:]:
    ...     print(check.status, check.name)
    PASS scores that differ
    PASS a loss at every score
    PASS leaving just after an answer
    """
    model = found.response
    checks = [
        _response(model),
        _balance(model),
        _overlap(model),
        _follow_up(found, horizon, unit),
        _losses(found),
        _scores(found),
        _separation(found),
        _at_once(tenure, unit) if outcome == "left" else None,
    ]
    return [check for check in checks if check is not None]


def driver_check(products: Products) -> Check:
    """Check that the drivers' ratings do not repeat one another.

    Parameters
    ----------
    products : counts.satisfaction.Products

    Returns
    -------
    Check
        PASS up to a variance inflation of 5, REVIEW up to 10.

    Examples
    --------
    Two ratings that agree for three customers in four:

    >>> table = pd.DataFrame({"low_a": 0, "low_b": 0,
    ...     "a": [1, 1, 5, 5], "b": [1, 1, 5, 1]})
    >>> check = driver_check(Products.of(table))
    >>> print(check.status, check.finding, sep=": ")
    PASS: The largest variance inflation of a rating is 1.5, of b (5 is allowed).
    """
    vif = inflation(products)
    worst = float(vif.max())
    return _check(
        "drivers that go their own way",
        _graded(-worst, -5, -10),
        f"The largest variance inflation of a rating is {worst:.1f}, of {vif.idxmax()} "
        "(5 is allowed).",
        "Customers rate these drivers as one (halo): put them together.",
    )


def _check(name: str, status: str, finding: str, remedy: str) -> Check:
    return Check(name, status, finding, "" if status == "PASS" else remedy)


def _graded(grade: float, good: float, poor: float) -> str:
    return "PASS" if grade >= good else "REVIEW" if grade >= poor else "FAIL"


def _response(model: ResponseModel) -> Check:
    name = "response rate"
    if model.asked == model.answered:
        return Check(
            name,
            "REVIEW",
            "Only answers are in the table; how many were asked is not known.",
            "Bring a row for each customer who was asked, with responded = 0.",
        )
    finding = (
        f"{model.answered:,} of {model.asked:,} asked answered ({model.rate:.0%}); "
        "half and more need no second look."
    )
    remedy = (
        "Read the shares with the table of silent customers; ask a sample of them "
        "again by another channel."
    )
    return _check(name, _graded(model.rate, 0.5, 0.05), finding, remedy)


def _balance(model: ResponseModel) -> Check | None:
    if model.asked == model.answered:
        return None
    before, after = model.worst_gap
    finding = (
        f"Those who answered differ from all asked by up to {before:.2f} standard "
        f"deviations in what is known of both, after weighting by {after:.2f} "
        f"({MOST_GAP:.2f} is allowed)."
    )
    remedy = "Weight by more columns, or report those who answered as what they are."
    if model.note:
        return Check("balance after weighting", "REVIEW", f"{model.note}.", remedy)
    status = "PASS" if after <= MOST_GAP else "FAIL"
    return _check("balance after weighting", status, finding, remedy)


def _overlap(model: ResponseModel) -> Check | None:
    if model.asked == model.answered or model.note:
        return None
    worth = model.effective / max(model.answered, 1)
    status = "PASS" if overlaps(model) else "FAIL"
    return _check(
        "overlap of those who answer with those who do not",
        status,
        f"The weighted answers are worth {worth:.0%} of as many equal ones, and the "
        f"heaviest carries {model.largest:.1%} of all weight ({LEAST_WORTH:.0%} at "
        f"least and {MOST_WEIGHT:.0%} at most are asked for).",
        "Some kinds of customers hardly ever answer: leave them out and say so.",
    )


def overlaps(model: ResponseModel) -> bool:
    """Whether weights rest on enough answers and not on single ones."""
    if model.asked == model.answered or model.note:
        return True
    worth = model.effective / max(model.answered, 1)
    return worth >= LEAST_WORTH and model.largest < MOST_WEIGHT


def _follow_up(found: WeightedLosses, horizon: int, unit: str) -> Check:
    answers, followed = (int(found.counted[c].sum()) for c in ("answers", "followed"))
    share = followed / max(answers, 1)
    span = f"{horizon} {unit}{'' if horizon == 1 else 's'}"
    return _check(
        "follow-up long enough",
        _graded(share, 0.5, 0.1),
        f"{followed:,} of {answers:,} answers ({share:.0%}) could be followed for "
        f"{span}.",
        "Choose a shorter horizon; hazards by score use the answers not followed as "
        "far as they go.",
    )


def _losses(found: WeightedLosses) -> Check:
    lost, levels = int(found.counted["lost"].sum()), len(found.groups)
    each = lost / max(levels, 1)
    return _check(
        "losses per score",
        _graded(each, FEWEST_LOST, 5),
        f"{lost:,} losses for {levels} scores: {each:,.1f} for each ({FEWEST_LOST} are "
        "asked for).",
        "Put scores together, lengthen the horizon, or wait for more answers.",
    )


def _scores(found: WeightedLosses) -> Check:
    given = int((found.counted["answers"] > 0).sum())
    most = found.counted["answers"].max() / max(found.counted["answers"].sum(), 1)
    status = "FAIL" if given < 2 else "REVIEW" if most > 0.9 else "PASS"
    return _check(
        "scores that differ",
        status,
        f"{given} of {len(found.groups)} scores were given; the commonest has "
        f"{most:.0%} of the answers.",
        "A question that all answer alike cannot tell customers apart: ask another.",
    )


def _separation(found: WeightedLosses) -> Check:
    counted = found.counted
    none = (counted["followed"] > 0) & (counted["lost"] == 0)
    every = (counted["followed"] > 0) & (counted["lost"] == counted["followed"])
    levels = [f"{found.groups[i]:g}" for i in np.flatnonzero(none | every)]
    if not levels:
        return Check("a loss at every score", "PASS", "Some left at every score given.")
    return Check(
        "a loss at every score",
        "REVIEW",
        f"At score {', '.join(levels)} nobody, or everybody, was lost (separation).",
        "Quote the share with its interval; there is no hazard ratio to print.",
    )


def _at_once(tenure: pd.DataFrame, unit: str) -> Check | None:
    """A wave of leaving right after the answer: it was decided before."""
    if not len(tenure) or not tenure["event"].any():
        return None
    table = periods(tenure.drop(columns="bucket", errors="ignore"), by=[])
    first, later = table[table["period"] == 1], table[table["period"] > 1]
    if later["events"].sum() < FEWEST_LOST:
        return None
    rates = [part["events"].sum() / part["at_risk"].sum() for part in (first, later)]
    return _check(
        "leaving just after an answer",
        "PASS" if rates[0] <= 2 * rates[1] else "REVIEW",
        f"{rates[0]:.1%} leave in the first {unit} after an answer, {rates[1]:.1%} a "
        f"{unit} later on.",
        f"Many had decided before they were asked: start the clock some {unit}s later.",
    )
