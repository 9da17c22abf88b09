"""How referrals are recorded: codes, answers, households, links, audit, invitations."""

import numpy as np
import pandas as pd

from retention.simulate.clock import MONTHS, NEVER, RECORDS, first_day, nanoseconds
from retention.simulate.stock import REFERRAL, SOURCES

PLANTED = {
    "uses_code": {"old": 0.22, "young": 0.45},
    "booked_without_code": {"rep": 0.65, "ads": 0.20, "organic": 0.15},
    "answers": {"old": 0.35, "young": 0.60},
    "told_sensitivity": 0.92,
    "told_specificity": 1.00,
    "household_with_referrer": 0.03,
    "reps": 40,
    "audited": 300,
    "invitations": {
        "customers": 1500,
        "told_mean": 6.0,
        "told_size": 0.7,
        "interested": 0.25,
        "joined": 0.12,
    },
}


def recorded(stock, ids, rng):
    """Columns of the customers table that say where a customer came from.

    Returns a dict: `recorded_source`, `referral_code` (the referrer's code that was
    used), `told_us`, `rep_id`, `household_id`.
    """
    n, referred = len(stock), stock.referred
    uniform = rng.random((4, n))
    code = referred & (uniform[0] < by_age(stock, "uses_code"))
    booked = np.where(referred, booked_at_random(n, rng), stock.source)
    source = np.where(code, REFERRAL, booked)
    says_so = np.where(
        referred,
        uniform[2] < PLANTED["told_sensitivity"],
        uniform[2] >= PLANTED["told_specificity"],
    )
    otherwise = np.where(referred, booked_at_random(n, rng), stock.source)
    told = np.where(says_so, REFERRAL, otherwise)
    answered = uniform[1] < by_age(stock, "answers")
    reps = np.array([f"R{i:02d}" for i in range(PLANTED["reps"])], object)
    rep = reps[rng.integers(PLANTED["reps"], size=n)]
    coded = code & (stock.referrer >= 0)
    return {
        "recorded_source": SOURCES[source],
        "referral_code": np.where(coded, "F-" + ids[stock.referrer], None),
        "told_us": np.where(answered, SOURCES[told], None),
        "rep_id": np.where(source == 0, rep, None),
        "household_id": households(stock, uniform[3]),
    }


def by_age(stock, name):
    """A probability that differs between old and young."""
    return np.where(stock.young, PLANTED[name]["young"], PLANTED[name]["old"])


def booked_at_random(n, rng):
    """Source numbers as they are booked when nobody knows of the referral."""
    weights = list(PLANTED["booked_without_code"].values())
    return rng.choice(len(weights), n, p=weights)


def households(stock, uniform):
    """Household ids; a few referred customers live with their referrer."""
    number = stock.number
    shares = (stock.referrer >= 0) & (uniform < PLANTED["household_with_referrer"])
    head = np.where(shares, stock.referrer, number)
    while (head != head[head]).any():
        head = head[head]
    return text_ids("H", number)[head]


def text_ids(prefix, numbers):
    """Ids as text with leading zeros, such as P-00012; without a prefix, 0000012."""
    width, start = (5, prefix + "-") if prefix else (7, "")
    return np.array([f"{start}{i + 1:0{width}d}" for i in numbers], object)


def referrals(history, ids, code):
    """The links that codes show since the records began."""
    stock = history.customers
    rows = (stock.joined >= RECORDS) & np.not_equal(code, None)
    return pd.DataFrame(
        {
            "referrer_id": ids[stock.referrer[rows]],
            "referee_id": ids[rows],
            "referred_on": nanoseconds(first_day(stock.joined[rows])),
            "evidence": "code",
        }
    )


def audit(history, ids, rng):
    """The true source of acquisitions drawn at random from the records."""
    stock = history.customers
    window = np.flatnonzero(stock.joined >= RECORDS)
    size = min(PLANTED["audited"], len(window))
    rows = np.sort(rng.choice(window, size, replace=False))
    return pd.DataFrame(
        {"customer_id": ids[rows], "true_source": SOURCES[stock.source[rows]]}
    )


def invitations(history, ids, scale, rng):
    """What current customers say of the last 30 days: told, interested, joined."""
    p, here = PLANTED["invitations"], np.flatnonzero(history.left_month == NEVER)
    size = min(max(1, round(p["customers"] * scale)), len(here))
    rows = np.sort(rng.choice(here, size, replace=False))
    odds = p["told_size"] / (p["told_size"] + p["told_mean"])
    told = rng.negative_binomial(p["told_size"], odds, size)
    interested = rng.binomial(told, p["interested"])
    joined = rng.binomial(interested, p["joined"])
    return pd.DataFrame(
        {
            "referrer_id": ids[rows],
            "told": told,
            "interested": interested,
            "joined": joined,
        }
    ).astype(dict.fromkeys(["told", "interested", "joined"], "int16"))


def true_referrals_within(history, months, *, until=MONTHS):
    """Mean true referrals of a customer in its first `months` periods of tenure.

    Over those who joined since the records began early enough to be seen that long.
    """
    stock = history.customers
    whole = (stock.joined >= RECORDS) & (stock.joined <= until - months)
    referee = np.flatnonzero(stock.referrer >= 0)
    referrer = stock.referrer[referee]
    period = stock.joined[referee] - stock.joined[referrer] + 1
    counted = whole[referrer] & (period <= months)
    return counted.sum() / max(whole.sum(), 1)
