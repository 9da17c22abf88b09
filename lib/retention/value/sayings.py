"""Every measure that the sayings about customer value name, from the company alone."""

import math
from functools import partial

import numpy as np
import pandas as pd

from retention import counts
from retention.intervals import Estimate
from retention.value import (
    early_warning,
    migration,
    products,
    score,
    service,
    tiers,
    unevenness,
)
from retention.value.ground import Ground, commonest_reason, ground

WEIGHTS = "50 20 10 10 10"
COMPLAINT_MONTHS = 3
NEEDS_MARGIN = "No margin is recorded, or none is left: there is no profit to share."
NEEDS_COST = "No cost of contacts is recorded, so net margin is not known."
NEEDS_NEXT = "The records hold no two windows, so there is no next one to test on."
NEEDS_THREE = "The records hold fewer than three windows."
NEEDS_DATES = "The customers bring no joining and leaving dates."
NEEDS_ACTIVITY = "There is no monthly activity, so customers have no age in months."
NOT_ORDERED = "Nothing says how the tiers are ordered, or there is no tiers table."


def measures(company, *, on: Ground | None = None) -> dict[str, Estimate | str]:
    """Every measure that the sayings name; a text says why one is not identifiable.

    Parameters
    ----------
    company : Company
    on : Ground, optional
        What was counted already; the company's own windows of a year by default.

    Returns
    -------
    dict of str to Estimate or str
        Keys as in `data/claims/customer_value.toml`.

    Examples
    --------
    >>> from retention.company import open_company
    >>> activity = pd.DataFrame({"customer_id": ["a", "b", "c", "d", "e"] * 24,
    ...     "month": pd.date_range("2024-01-01", freq="MS", periods=24).repeat(5),
    ...     "revenue": [60.0, 10.0, 10.0, 10.0, 10.0] * 24})
    >>> company = open_company({"activity": activity},
    ...     settings={"company": {"observed_to": "2025-12-31"}})
    >>> found = measures(company)
    >>> found["top_fifth_of_revenue"].value_text
    '60 %'
    >>> print(found["without_profit"])
    No cost of contacts is recorded, so net margin is not known.
    """
    try:
        base = on or ground(company)
    except ValueError as error:
        return dict.fromkeys(MEASURES, str(error))
    return {name: _measured(partial(make, base)) for name, make in MEASURES.items()}


def _measured(make) -> Estimate | str:
    try:
        found = make()
    except (ValueError, ZeroDivisionError) as error:
        return str(error)
    if isinstance(found, Estimate) and not math.isfinite(found.value):
        return f"It cannot be computed here ({found.method})."
    return found


def _top_net(base: Ground):
    if base.kind != "net":
        return NEEDS_MARGIN
    return unevenness.concentration(base.cells("net"), of="net")["top"]


def _top_revenue(base: Ground):
    return unevenness.concentration(base.cells("revenue"))["top"]


def _old_margin(base: Ground):
    if not base.dated:
        return NEEDS_ACTIVITY
    return service.margin_after_first_year(base.ages)


def _cost_old(base: Ground):
    if not base.dated:
        return NEEDS_ACTIVITY
    return service.cost_old_to_new(base.ages) if base.basis.contacts else NEEDS_COST


def _without_profit(base: Ground):
    if not base.basis.contacts:
        return NEEDS_COST
    return service.without_profit(base.cells("revenue"))


def _revenue_rank(base: Ground):
    if not base.basis.contacts:
        return NEEDS_COST
    last = base.windows[-1]
    sides = [(last, m, counts.value_cuts(base.cells(m), 50, of=m)) for m in _RANKED]
    return service.rank_correlation(base.crossed(*sides))


_RANKED = ("revenue", "net")


def _below_again(base: Ground):
    if not base.basis.contacts:
        return NEEDS_COST
    if len(base.windows) < 2:
        return NEEDS_NEXT
    sides = [(w, "net", [-0.005]) for w in base.windows[-2:]]
    return tiers.below_zero_again(base.crossed(*sides))


def _score(base: Ground):
    if len(base.windows) < 2:
        return NEEDS_NEXT
    if not base.basis.margin:
        return NEEDS_MARGIN
    rows = base.score_rows[-1]
    weights = score.weights_of(WEIGHTS, list(rows.columns))
    return score.score_minus(score.rivals(rows, weights), "last_year")


def _classes(base: Ground):
    return (
        tiers.variance_between(base.life_cycle)
        if len(base.windows) > 2
        else NEEDS_THREE
    )


def _lower_given_top(base: Ground):
    if not base.tiers:
        return NOT_ORDERED
    return migration.lower_given_top(base.tier_spans, base.tiers)


def _top_given_lower(base: Ground):
    if not base.tiers:
        return NOT_ORDERED
    return migration.top_given_lower(base.tier_spans, base.tiers)


def _upgrades(base: Ground):
    if not base.tiers:
        return NOT_ORDERED
    return products.upgrade_ratio(counts.tier_upgrades(base.company, base.tiers))


def _cross_buy(base: Ground):
    if not base.dated or not base.company.has("orders", "product"):
        return "Further products need joining dates and orders with a product."
    return products.old_to_new(base.cross_buy)


def _complaint(base: Ground):
    """Hazard ratio of leaving within three months of a complaint."""
    company = base.company
    if not base.dated:
        return NEEDS_DATES
    if not company.has("contacts", "reason"):
        return "No reason of contacts is recorded."
    names = counts.warning_features(company)
    behaviour = {"score", "contacts", "money", "member", "complaint"}
    chosen = ["complaint", *[n for n in names if n not in behaviour][:3]]
    days, test, _ = counts.warning_days(company, horizon=COMPLAINT_MONTHS, most=5)
    cells = counts.warning_cells(
        company,
        [*days, test],
        horizon=COMPLAINT_MONTHS,
        features=chosen,
        basis=base.basis,
        reason=commonest_reason(company),
        bucket=False,
    )
    warning = early_warning.fit_early_warning(cells, horizon=COMPLAINT_MONTHS)
    return products.hazard_ratio(warning.fit, "complaint", "yes")


def _frequency(base: Ground):
    company = base.company
    if not company.has("orders"):
        return "There is no table of orders."
    orders = counts.value_basis(company, table="orders")
    windows = counts.value_windows(company, orders, months=base.months)
    if len(windows) < 2:
        return NEEDS_NEXT
    return partial_correlation(counts.order_moments(company, *windows[-2:]))


def partial_correlation(moments: pd.DataFrame) -> Estimate:
    """Correlation of next spend with orders, given the mean order, all in logarithms.

    Parameters
    ----------
    moments : DataFrame
        From `retention.counts.order_moments`.

    Returns
    -------
    Estimate
        Jackknife; -1 to 1.

    Raises
    ------
    ValueError
        With fewer than 20 buyers, or where nothing varies.

    Examples
    --------
    Logs of orders x, of the mean order m and of the next spend y: it rises with x, and
    m has no part in it.

    >>> x, m = np.meshgrid([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0])
    >>> x, m = x.ravel(), m.ravel()
    >>> y = x + 0.5 * (x * x - 2 / 3)
    >>> sums = pd.DataFrame({"bucket": [f"{k:02x}" for k in range(9)], "n": 10,
    ...     "x": 10 * x, "m": 10 * m, "y": 10 * y, "xx": 10 * x * x, "mm": 10 * m * m,
    ...     "yy": 10 * y * y, "xm": 10 * x * m, "xy": 10 * x * y, "my": 10 * m * y})
    >>> round(partial_correlation(sums).value, 2)
    0.96
    """
    if moments["n"].sum() < 20:
        raise ValueError("Fewer than 20 customers order without a contract.")
    coded = unevenness.with_codes(moments)
    return unevenness.estimated(coded, _partial)


def _partial(moments: pd.DataFrame) -> float:
    s = moments.sum(numeric_only=True)
    means = np.array([s["x"], s["m"], s["y"]]) / s["n"]
    squares = np.array(
        [
            [s["xx"], s["xm"], s["xy"]],
            [s["xm"], s["mm"], s["my"]],
            [s["xy"], s["my"], s["yy"]],
        ]
    )
    covariance = squares / s["n"] - np.outer(means, means)
    if np.linalg.cond(covariance) > 1e12:
        raise ValueError("Orders, their mean and the next spend do not vary enough.")
    precision = np.linalg.inv(covariance)
    return float(-precision[0, 2] / math.sqrt(precision[0, 0] * precision[2, 2]))


MEASURES = {
    "top_fifth_of_net_margin": _top_net,
    "top_fifth_of_revenue": _top_revenue,
    "margin_after_first_year": _old_margin,
    "cost_to_serve_old_to_new": _cost_old,
    "cross_buy_old_to_new": _cross_buy,
    "upgrade_per_five_years": _upgrades,
    "without_profit": _without_profit,
    "revenue_rank_against_net_margin": _revenue_rank,
    "frequency_given_order_value": _frequency,
    "lower_given_top": _lower_given_top,
    "top_given_lower": _top_given_lower,
    "score_minus_last_year": _score,
    "variance_between_classes": _classes,
    "below_zero_again": _below_again,
    "leaving_after_complaint": _complaint,
}
