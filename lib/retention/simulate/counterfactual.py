"""Potential outcomes: the first programme year twice, with the same random numbers."""

import numpy as np
import pandas as pd

from retention.simulate import hazard, loyalty, spend
from retention.simulate.process import spend_in_programme
from retention.simulate.satisfaction import opinions


def potential_outcomes(history, ids, rng):
    """Margin and months of the first programme year, without and with the programme.

    A held-out customer lived the first of the two, every other one the second.

    Returns
    -------
    pandas.DataFrame
        One row for each customer present at the launch: `customer_id`, `holdout`,
        `margin_off`, `margin_on` (EUR in twelve months, nothing after leaving),
        `months_off`, `months_on` (months begun), `would_enrol` (0/1, with the
        programme).
    """
    cohort = history.at_launch
    draws = list(full_draws(history, rng))
    margin_off, months_off, _ = world(cohort, draws, programme=False)
    margin_on, months_on, enrolled = world(cohort, draws, programme=True)
    return pd.DataFrame(
        {
            "customer_id": ids[cohort.number],
            "holdout": cohort.holdout.astype("int8"),
            "margin_off": np.round(margin_off, 2),
            "margin_on": np.round(margin_on, 2),
            "months_off": months_off.astype("int8"),
            "months_on": months_on.astype("int8"),
            "would_enrol": enrolled.astype("int8"),
        }
    )


def full_draws(history, rng):
    """Month, score, spend, stretch, leave and enrol draws for the whole cohort.

    Those who had left in what happened get fresh ones.
    """
    cohort, n = history.at_launch, len(history.at_launch)
    score = cohort.score
    for real in history.draws:
        if real.month % 3 == 0:
            score = opinions(cohort, rng).score
        known = np.isin(real.number, cohort.number, assume_unique=True)
        place = np.searchsorted(cohort.number, real.number[known])
        fresh = score, rng.standard_normal(n), *(rng.random((k, n)) for k in (2, 2, 1))
        filled = [np.array(values) for values in fresh]
        lived = real.score, real.spend, real.stretch, real.leave, real.enrol
        for values, happened in zip(filled, lived, strict=True):
            values[..., place] = happened[..., known]
        score = filled[0]
        yield real.month, *filled


def world(cohort, draws, *, programme):
    """Margin, months begun and enrolment of each customer, programme on or off."""
    stock, here = cohort.select(slice(None)), np.ones(len(cohort), bool)
    stock.holdout = np.full(len(cohort), not programme)
    margin, months = np.zeros((2, len(cohort)))
    for month, score, noise, uniform, leave, enrol in draws:
        stock.score = score
        amount = spend.revenue(stock, month, noise)
        amount = spend_in_programme(stock, month, amount, uniform)
        margin += here * np.round(spend.PLANTED["margin_share"] * amount, 2)
        months += here
        here &= hazard.leaving(stock, month, leave)[0] >= 1
        joins = here & loyalty.enrols(stock, month, enrol[0])
        stock.member_from[joins] = month + 1
    return margin, months, stock.member_from <= draws[-1][0]
