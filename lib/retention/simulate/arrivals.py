"""Who joins each month: through sales, advertising or on their own, or referred."""

import numpy as np

from retention.simulate.clock import RECORDS
from retention.simulate.stock import REFERRAL, newcomers

PLANTED = {
    "unreferred_per_month": 160.0,
    "source": {"rep": 0.45, "ads": 0.35, "organic": 0.20},
    "referred_share_before_records": 0.40,
    "referrals_per_month": 0.0085,
    "delighted": 0.80,
    "dissatisfied": -0.50,
    "engagement": 0.20,
}


def referral_rate(stock):
    """Expected referrals of each customer in a month."""
    exponent = (
        PLANTED["delighted"] * (stock.score == 5)
        + PLANTED["dissatisfied"] * (stock.score <= 2)
        + PLANTED["engagement"] * stock.engagement
    )
    return PLANTED["referrals_per_month"] * np.exp(exponent)


def arrivals(stock, month, first, scale, rng):
    """The month's newcomers; their referrers come from the customers already here."""
    outside = scale * PLANTED["unreferred_per_month"]
    share = PLANTED["referred_share_before_records"]
    rate = referral_rate(stock)
    inside = outside * share / (1 - share) if month < RECORDS else rate.sum()
    n_outside, n_referred = rng.poisson(outside), rng.poisson(inside)
    weights = list(PLANTED["source"].values())
    source = np.full(n_outside + n_referred, REFERRAL)
    source[:n_outside] = rng.choice(len(weights), n_outside, p=weights)
    referrer = np.full(len(source), -1)
    referrer[n_outside:] = drawn_referrers(stock, rate, n_referred, rng)
    order = rng.permutation(len(source))
    return newcomers(month, first, source[order], referrer[order], rng)


def drawn_referrers(stock, rate, n, rng):
    """Numbers of the referrers, in proportion to their rates; -1 if nobody is here."""
    if not len(stock):
        return np.full(n, -1)
    edges = np.cumsum(rate)
    position = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
    return stock.number[np.minimum(position, len(stock) - 1)]
