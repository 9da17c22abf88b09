"""What the worth of a customer rests on, and whether it bears the weight."""

import pandas as pd

from retention.economics.worth import Worth
from retention.intervals import Check

_FEW, _ENOUGH = 50, 200
_BEYOND = (0.25, 0.50)
_DRIFT = (0.10, 0.25)


def worth_checks(
    found: Worth, payments: pd.DataFrame, halves: list[Worth] = ()
) -> list[Check]:
    """Checks of the assumptions behind a worth.

    Parameters
    ----------
    found : Worth
    payments : DataFrame
        What it was made of.
    halves : list of Worth
        The same for two halves of the customers' time on record, if there are any.

    Returns
    -------
    list of Check

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import Terms, worth, worth_checks
    >>> years = pd.DataFrame({
    ...     "period": [1, 2], "at_risk": [100, 80], "events": [20, 16], "n": [100, 0],
    ...     "revenue": [500.0, 400.0], "margin": [500.0, 400.0]})
    >>> found = worth(years, Terms(annual_discount_rate=0.0, time_unit="year"))
    >>> [(check.status, check.name) for check in worth_checks(found, years)][0]
    ('FAIL', 'Enough customers left to know how they stay')
    """
    checks = [_losses(payments), _horizon(found), _money(found, payments)]
    if len(halves) == 2:
        checks.append(_stable(*halves))
    return checks


def _losses(payments: pd.DataFrame) -> Check:
    events = int(payments["events"].sum())
    name = "Enough customers left to know how they stay"
    finding = f"{events:,} customers left while money was on record."
    if events >= _ENOUGH:
        return Check(name, "PASS", finding)
    status = "REVIEW" if events >= _FEW else "FAIL"
    return Check(name, status, finding, "Quote the interval, or wait for more losses.")


def _horizon(found: Worth) -> Check:
    name = "The worth was observed and not extrapolated"
    finding = (
        f"{100 * found.beyond:.0f} % of a new customer's worth lies beyond the "
        f"{found.table['age'].max()} periods that were observed."
    )
    if found.beyond <= _BEYOND[0]:
        return Check(name, "PASS", finding)
    status = "REVIEW" if found.beyond <= _BEYOND[1] else "FAIL"
    return Check(
        name,
        status,
        finding,
        "Quote the worth up to the observed periods, or raise the discount rate.",
    )


def _money(found: Worth, payments: pd.DataFrame) -> Check:
    name = "Customers bring money"
    money = found.terms.money
    paid = payments.groupby("period")["margin"].sum()
    below = int((paid < 0).sum())
    finding = (
        f"The {money} is below zero in {below} of {len(paid)} periods of tenure; a new "
        f"customer is worth {found.net.value_text}, {found.terms.net_words}."
    )
    if found.net.value > 0 and not below:
        return Check(name, "PASS", finding)
    status = "REVIEW" if found.net.value > 0 else "FAIL"
    return Check(
        name,
        status,
        finding,
        "Keeping a customer who brings less than nothing costs money: look at the "
        "margin by group before spending on retention.",
    )


def _stable(first: Worth, second: Worth) -> Check:
    name = "The worth did not drift"
    if first.new.value <= 0 or second.new.value <= 0:
        return Check(name, "REVIEW", "It is not above zero in both halves.", _AGAIN)
    drift = second.new.value / first.new.value - 1
    finding = (
        f"A new customer is worth {first.new.value_text} by the first half of the "
        f"record and {second.new.value_text} by the second ({100 * drift:+.0f} %)."
    )
    if abs(drift) <= _DRIFT[0]:
        return Check(name, "PASS", finding)
    status = "REVIEW" if abs(drift) <= _DRIFT[1] else "FAIL"
    return Check(name, status, finding, _AGAIN)


_AGAIN = "Use the later half for decisions, and say which months it is from."
