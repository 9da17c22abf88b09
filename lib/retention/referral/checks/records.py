"""What journeys, referrals and memories stand on."""

import math

import numpy as np
import pandas as pd

from retention.intervals import Check


def order_check(orders: pd.DataFrame) -> Check:
    """Whether the next step of a journey depends on the last touch alone.

    Parameters
    ----------
    orders : DataFrame
        From `markov_orders`.

    Returns
    -------
    Check
        REVIEW where the longest memory tried was chosen.

    Examples
    --------
    >>> orders = pd.DataFrame({"order": [1, 2, 3], "chosen": [False, True, False]})
    >>> check = order_check(orders)
    >>> print(check.status, check.finding, sep=": ")
    PASS: The next step depends on the last 2 touches (smallest BIC).
    """
    order = int(orders.loc[orders["chosen"], "order"].iloc[0])
    touches = "touch" if order == 1 else f"{order} touches"
    finding = f"The next step depends on the last {touches} (smallest BIC)."
    if order < int(orders["order"].max()):
        return Check("Memory of the journeys", "PASS", finding)
    return Check(
        "Memory of the journeys",
        "REVIEW",
        finding + " No higher order was tried.",
        "Read removal effects beside the share of purchases that each channel "
        "touched; with a long memory the two draw together.",
    )


def journey_size_check(paths) -> Check:
    """Whether each channel has purchases enough, and which journeys were left out.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.

    Returns
    -------
    Check
        REVIEW where a channel was touched on the way to fewer than 20 purchases.

    Examples
    --------
    >>> from retention.counts import paths_of
    >>> check = journey_size_check(paths_of([("ad > shop", 100, 30), ("shop", 50, 20)]))
    >>> print(check.status, check.finding.split(", ", 1)[1], sep=": ")
    PASS: ad, was touched on the way to 30 of 50.
    """
    bought = paths.totals()["converted"].to_numpy()
    touched = [
        int(bought[(paths.touches == c).any(axis=1)].sum())
        for c in range(len(paths.channels))
    ]
    least = int(np.argmin(touched))
    finding = (
        f"The channel with the fewest purchases, {paths.channels[least]}, was touched "
        f"on the way to {touched[least]:,} of {int(bought.sum()):,}."
    )
    if paths.too_long:
        finding += f" {paths.too_long:,} journeys of over 120 touches were left out."
    if touched[least] >= 20:
        return Check("Purchases by channel", "PASS", finding)
    return Check(
        "Purchases by channel",
        "REVIEW",
        finding,
        "Join small channels, or count a longer time.",
    )


def flow_check(rules: pd.DataFrame) -> Check:
    """Referrals and journeys that were set aside for what cannot be.

    Parameters
    ----------
    rules : DataFrame
        From `Company.rule_counts`: `table`, `rule`, `rows`.

    Returns
    -------
    Check
        REVIEW where any row of referrals, touchpoints or the checked sample was set
        aside; the finding names the rules.

    Examples
    --------
    >>> import pandas as pd
    >>> rules = pd.DataFrame({"table": ["referrals", "orders"], "rows": [3, 9],
    ...                       "rule": ["referred itself", "negative amount"]})
    >>> flow_check(rules).finding
    '3 rows were set aside: referred itself 3.'
    """
    mine = rules[rules["table"].isin(["referrals", "touchpoints", "referral_audit"])]
    total = int(mine["rows"].sum())
    if not total:
        return Check(
            "Circles, impossible dates, holes",
            "PASS",
            "No referral and no touch had to be set aside.",
        )
    named = mine.groupby("rule")["rows"].sum().sort_values(ascending=False)
    listed = ", ".join(f"{rule} {n:,}" for rule, n in named.items())
    return Check(
        "Circles, impossible dates, holes",
        "REVIEW",
        f"{total:,} rows were set aside: {listed}.",
        "The quarantine file lists them with the rule; repair them and run again.",
    )


def chain_check(told_a_period: float, seen_a_period: float, unit: str) -> Check:
    """Whether customers remember as many referrals as the books can hold.

    Parameters
    ----------
    told_a_period : float
        Joined, per customer asked.
    seen_a_period : float
        Referrals of a customer per period at risk, missed ones added.
    unit : str
        The company's time unit.

    Returns
    -------
    Check
        PASS where what is remembered is half to twice what the records hold for one
        period.

    Examples
    --------
    >>> check = chain_check(0.30, 0.025, "month")
    >>> print(check.status, check.finding.split(". ")[-1])
    REVIEW That is 12 months' worth.
    """
    times = told_a_period / seen_a_period if seen_a_period > 0 else math.inf
    finding = (
        f"Customers remember {told_a_period:.3f} friends who joined; in the records a "
        f"customer sends {seen_a_period:.4f} a {unit}."
    )
    if 0.5 <= times <= 2:
        return Check("What customers remember", "PASS", finding)
    return Check(
        "What customers remember",
        "REVIEW",
        f"{finding} That is {times:.0f} {unit}s' worth.",
        "Find out what time the survey asked about, and ask for names: people move "
        "old events into the time they are asked about.",
    )
