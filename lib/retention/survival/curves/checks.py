"""Whether a tenure table can bear the answers that are asked of it."""

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.survival.curves.ahead import stock_by_age
from retention.survival.curves.naive import kaplan_meier_ignoring_entry
from retention.survival.curves.product_limit import kaplan_meier
from retention.survival.curves.risk_sets import (
    RiskSets,
    checked_tenure,
    earliest_start,
    risk_sets,
    supported_period,
)

PRINTED_AT_RISK = 50
NEEDED_EVENTS = 20


def tenure_checks(
    tenure: pd.DataFrame, *, horizon: int = 12, unit: str = "month"
) -> list[Check]:
    """Assumptions of a tenure curve, each with its diagnostic and remedy.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table.
    horizon : int
        Periods for the shares that will be quoted.
    unit : str
        What one period is called, in the singular.

    Returns
    -------
    list of Check
        Customers at risk at the horizon and in the first periods, customers who
        left, late entry, the median within reach, leaving in the first period,
        leaving in yearly waves, and today's customers older than the curve.

    Examples
    --------
    >>> tenure = pd.DataFrame(
    ...     {"duration": [6, 18, 30], "event": [1, 1, 0], "n": [310, 230, 460]}
    ... )
    >>> for check in tenure_checks(tenure):
    ...     print(check.status, check.name)
    PASS enough customers at the horizon
    PASS enough customers in the first periods
    PASS enough customers who left
    PASS late entry
    PASS median within reach
    PASS leaving in the first period
    PASS leaving in yearly waves
    REVIEW today's customers within the curve
    """
    sets = risk_sets(tenure)
    checks = [
        _at_horizon(sets, horizon, unit),
        _early(tenure, sets, unit),
        _events(sets),
        _late_entry(tenure, horizon, unit),
        _median(tenure, unit),
        _first_period(sets, unit),
        _waves(sets, unit),
        _stock(tenure, sets, horizon, unit),
    ]
    return [check for check in checks if check is not None]


def _graded(
    name: str, grade: float, limits: tuple[float, float], finding: str, remedy: str
) -> Check:
    """PASS from the first limit on, REVIEW from the second, FAIL below it."""
    status = (
        "PASS" if grade >= limits[0] else "REVIEW" if grade >= limits[1] else "FAIL"
    )
    return Check(name, status, finding, "" if status == "PASS" else remedy)


def _at_horizon(sets: RiskSets, horizon: int, unit: str) -> Check:
    observed = horizon < sets.at_risk.shape[1]
    n = int(sets.at_risk[0, horizon]) if observed else 0
    reach = supported_period(sets)
    return _graded(
        "enough customers at the horizon",
        n,
        (PRINTED_AT_RISK, 10),
        f"{n:,} customers are at risk in {unit} {horizon}; {PRINTED_AT_RISK} are "
        "needed to print a curve's tail.",
        f"Quote shares up to {unit} {reach}." if reach else "Observe more customers.",
    )


def _early(tenure: pd.DataFrame, sets: RiskSets, unit: str) -> Check:
    # Without late entry the risk set is largest at once and only shrinks.
    rising = sets.at_risk[0, 1 : 2 + int(sets.at_risk[0, 1:].argmax())]
    start = earliest_start(tenure)
    n, where = (0, start) if start else (int(rising.min()), int(rising.argmin()) + 1)
    later = start or 1 + int(np.flatnonzero(rising < PRINTED_AT_RISK).max(initial=-1))
    return _graded(
        "enough customers in the first periods",
        n,
        (PRINTED_AT_RISK, 10),
        f"Before the risk set is at its largest it holds as few as {n:,} customers, "
        f"{'after' if start else 'in'} {unit} {where}.",
        f"Condition on customers who had stayed {later} {unit}s (start={later})."
        if later < sets.last[0]
        else "Observe more customers.",
    )


def _events(sets: RiskSets) -> Check:
    left, n = int(sets.events.sum()), int(sets.events.sum() + sets.censored.sum())
    return _graded(
        "enough customers who left",
        left,
        (5 * NEEDED_EVENTS, NEEDED_EVENTS),
        f"{left:,} of {n:,} customers left; {NEEDED_EVENTS} are needed for each "
        "quantity that is estimated.",
        "Pool strata, lengthen the window, or quote the interval and no more.",
    )


def _late_entry(tenure: pd.DataFrame, horizon: int, unit: str) -> Check:
    table = checked_tenure(tenure)
    table = table[table["duration"] > table["entry"]]
    late = float(table.loc[table["entry"] > 0, "n"].sum() / table["n"].sum())
    name = "late entry"
    if late == 0:
        return Check(name, "PASS", "All customers were seen from the start.")
    finding = f"{late:.0%} of customers came under observation late"
    horizon = min(horizon, int(table["duration"].max()))
    if not earliest_start(tenure):
        shares = [
            curve.loc[curve["time"] <= horizon, "survival"].iloc[-1]
            for curve in (kaplan_meier_ignoring_entry(tenure), kaplan_meier(tenure))
        ]
        finding += (
            f"; ignoring it would put the share still here after {horizon} {unit}s "
            f"at {shares[0]:.0%} instead of {shares[1]:.0%}"
        )
    return _graded(
        name,
        1 - late,
        (0.5, 0.0),
        f"{finding}.",
        "Most of what is known comes from survivors: compare customers who joined "
        "before and after observation began at the same tenure.",
    )


def _median(tenure: pd.DataFrame, unit: str) -> Check:
    curve = kaplan_meier(tenure, start=earliest_start(tenure))
    last, share = int(curve["time"].iloc[-1]), float(curve["survival"].iloc[-1])
    return _graded(
        "median within reach",
        -share,
        (-0.5, -1.0),
        f"{share:.0%} are still here at the end of the curve, after {last} {unit}s.",
        "Quote the share still here or the restricted mean; a median would be a "
        "projection.",
    )


def _first_period(sets: RiskSets, unit: str) -> Check | None:
    hazard, n = sets.hazard[0], sets.at_risk[0]
    if len(hazard) < 3 or n[1] < PRINTED_AT_RISK:
        return None
    later = sets.events[0, 2:13].sum() / max(n[2:13].sum(), 1)
    return _graded(
        "leaving in the first period",
        3 * later - hazard[1],
        (0.0, -np.inf),
        f"{hazard[1]:.1%} leave in the first {unit}, {later:.1%} a {unit} in the rest "
        "of the first twelve.",
        "Look for trials, cancelled orders and joining dates that are booking dates; "
        f"quote tenure also for those who passed the first {unit}.",
    )


def _waves(sets: RiskSets, unit: str) -> Check | None:
    periods = np.arange(sets.at_risk.shape[1])
    yearly = {"month": 12, "quarter": 4, "week": 52}.get(unit, 0)
    if not yearly or sets.last[0] < yearly:
        return None
    wave = (periods % yearly == 0) & (periods > 0)
    rates = [
        sets.events[0, chosen].sum() / max(sets.at_risk[0, chosen].sum(), 1)
        for chosen in (wave, ~wave & (periods > 0))
    ]
    return _graded(
        "leaving in yearly waves",
        rates[1] * 3 - rates[0],
        (0.0, -np.inf),
        f"{rates[0]:.1%} leave in {unit}s that complete a year, {rates[1]:.1%} in the "
        "others.",
        "Yearly contracts shape the curve: draw it by contract.",
    )


def _stock(
    tenure: pd.DataFrame, sets: RiskSets, horizon: int, unit: str
) -> Check | None:
    if not sets.censored.any():
        return None
    ages, reach = stock_by_age(tenure), supported_period(sets) or int(sets.last[0])
    beyond = float(ages[ages.index + horizon > reach].sum() / ages.sum())
    return _graded(
        "today's customers within the curve",
        1 - beyond,
        (0.9, 0.0),
        f"For {beyond:.0%} of today's customers the next {horizon} {unit}s lie beyond "
        f"{unit} {reach}, the last with enough customers at risk.",
        "Their loss rests on the hazard held at its last observed level: say so "
        "beside the expected loss, or observe longer.",
    )
