"""What has no closed form: regressions on a company far larger than the shipped one.

`python -m retention.simulate.truths` prints what `known.REFERENCE` keeps; it takes
about a minute and 3 GB.
"""

import json

import numpy as np

from retention.simulate import hazard
from retention.simulate.clock import LAUNCH, RECORDS, streams
from retention.simulate.known import rounded
from retention.simulate.process import history
from retention.simulate.realised import survival_before_launch

REFERENCE_SEED = 2026
REFERENCE_SCALE = 20


def window_months(past, *, voluntary=True):
    """Customer-months from the records' start to the launch, for a regression.

    Returns
    -------
    period : ndarray of int
        Period of tenure.
    left : ndarray of bool
        Whether the customer left in it (at will only, unless `voluntary` is False).
    columns : dict of str to ndarray
        Engagement, segment, plan, annual contract in and after the first year,
        referred (true), and the score in steps from 4.
    """
    months, customers = past.months, past.customers
    rows = (months["month"] >= RECORDS) & (months["month"] < LAUNCH)
    number, month, score = (months[name][rows] for name in ("number", "month", "score"))
    period = month - customers.joined[number] + 1
    left = past.left_month[number] == month
    first_year = period <= hazard.PLANTED["annual_contract_months"]
    annual = customers.annual[number]
    columns = {
        "engagement": customers.engagement[number],
        "sme": customers.sme[number],
        "plus": customers.plan[number] == 1,
        "premium": customers.premium[number],
        "annual_first_year": annual & first_year,
        "annual_later": annual & ~first_year,
        "referred": customers.referred[number],
        **{f"score_{k}": score == k for k in (1, 2, 3, 5)},
    }
    return period, left & past.voluntary[number] if voluntary else left, columns


def hazard_regression(period, left, columns):
    """Complementary log-log regression with a baseline for every period of tenure.

    Parameters
    ----------
    period : ndarray of int
        Period of tenure of each customer-month.
    left : ndarray of bool
        1 if the customer left in it.
    columns : dict of str to ndarray
        Covariates by name.

    Returns
    -------
    coefficients, standard_errors : dict of str to float

    Notes
    -----
    Fisher scoring with the baseline profiled out: the weighted mean of a period is
    taken from the covariates before each step. Periods in which nobody or everybody
    leaves say nothing of the coefficients and are left out.
    """
    share = np.bincount(period, left) / np.maximum(np.bincount(period), 1)
    useful = np.flatnonzero(((share > 0) & (share < 1))[period])
    useful = useful[np.argsort(period[useful], kind="stable")]
    y, names = left[useful].astype(float), list(columns)
    x = np.column_stack([columns[name][useful] for name in names]).astype(float)
    start = np.flatnonzero(np.diff(period[useful], prepend=-1))
    size = np.diff(start, append=len(y))
    linear = np.log(-np.log1p(-share[period[useful]]))
    beta, change = np.zeros(len(names)), np.inf
    while np.abs(change).max() > 1e-9:
        step, variance, linear = scoring_step(x, y, start, size, linear)
        beta, change = step, step - beta
    errors = np.sqrt(np.diag(variance))
    return tuple(dict(zip(names, v.tolist(), strict=True)) for v in (beta, errors))


def scoring_step(x, y, start, size, linear):
    """One step: coefficients, their covariance and the new linear predictor.

    Rows are sorted by period; `start` and `size` say where each period lies.
    """
    cumulative = np.exp(linear)
    chance, slope = -np.expm1(-cumulative), cumulative * np.exp(-cumulative)
    weight = slope**2 / (chance * (1 - chance))
    target = linear + (y - chance) / slope
    both = np.column_stack([x, target])
    total = np.add.reduceat(weight, start)
    mean = np.add.reduceat(weight[:, None] * both, start, axis=0) / total[:, None]
    both -= np.repeat(mean, size, axis=0)
    inner, outer = both[:, :-1], both[:, -1]
    variance = np.linalg.inv((inner * weight[:, None]).T @ inner)
    beta = variance @ (inner.T @ (weight * outer))
    return beta, variance, target - outer + inner @ beta


def reference(*, seed=REFERENCE_SEED, scale=REFERENCE_SCALE):
    """Survival and hazard regressions of a company far larger than the shipped one.

    What the regression finds without the score has no closed form: it is the planted
    effect and what works through satisfaction. With the score the planted effects are
    the truth, so the chance error of that regression on the same customers is known;
    most of it is in both, and `total_effects` has it taken off.

    Returns
    -------
    dict
        `seed`, `scale`, `survival`; of leaving at will `total_effects`, these
        `without_source`, as a company sees them that does not know who was referred;
        `total_effects` `unadjusted`, its `standard_errors`, and `given_score`;
        `all_causes`, the regression without the score for every reason of leaving.
    """
    past = history(streams(seed), scale, months=LAUNCH)
    period, left, columns = window_months(past)
    total = {k: v for k, v in columns.items() if not k.startswith("score")}
    effects, errors = hazard_regression(period, left, total)
    given, truth = hazard_regression(period, left, columns)[0], planted_effects()
    unsourced = hazard_regression(period, left, without(total, "referred"))[0]
    any_cause = window_months(past, voluntary=False)[1]
    return {
        "seed": seed,
        "scale": scale,
        "survival": survival_before_launch(past),
        "total_effects": {k: effects[k] - (given[k] - truth[k]) for k in effects},
        "without_source": {k: v - (given[k] - truth[k]) for k, v in unsourced.items()},
        "unadjusted": effects,
        "standard_errors": errors,
        "given_score": given,
        "all_causes": hazard_regression(period, any_cause, total)[0],
    }


def without(columns, name):
    """Columns but one."""
    return {key: value for key, value in columns.items() if key != name}


def planted_effects():
    """Log hazard ratios of leaving at will as planted; there is none of plan plus."""
    v = hazard.PLANTED["voluntary"]
    named = ("engagement", "sme", "premium", "referred", "annual_first_year")
    return {k: v[k] for k in (*named, "annual_later")} | {"plus": 0.0}


if __name__ == "__main__":
    print(json.dumps(rounded(reference(), 4), indent=4))
