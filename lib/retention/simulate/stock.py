"""The customers of the core business: what each one is, and what it has become."""

from dataclasses import dataclass, fields

import numpy as np

from retention.simulate.clock import NEVER

SOURCES = np.array(["rep", "ads", "organic", "referral"], object)
REFERRAL = 3
PLANS = np.array(["basic", "plus", "premium"], object)
PREMIUM = 2

PLANTED = {
    "engagement_if_referred": 0.20,
    "young": 0.30,
    "young_if_referred": 0.50,
    "sme": 0.15,
    "plan": {"basic": 0.50, "plus": 0.35, "premium": 0.15},
    "annual": 0.30,
    "card": 0.60,
    "trait_sd": 0.60,
}


@dataclass(eq=False)
class Stock:
    """Arrays with one entry a customer; `traits` and `held` have a column more each."""

    number: np.ndarray
    joined: np.ndarray
    source: np.ndarray
    referrer: np.ndarray
    engagement: np.ndarray
    taste: np.ndarray
    young: np.ndarray
    sme: np.ndarray
    plan: np.ndarray
    annual: np.ndarray
    card: np.ndarray
    traits: np.ndarray
    score: np.ndarray
    member_from: np.ndarray
    holdout: np.ndarray
    arm: np.ndarray
    tier: np.ndarray
    spent: np.ndarray
    qualifying: np.ndarray
    held: np.ndarray

    def __len__(self):
        """Number of customers."""
        return len(self.number)

    @property
    def referred(self):
        """Whether a customer of ours sent them."""
        return self.source == REFERRAL

    @property
    def premium(self):
        """Whether they are on the premium plan."""
        return self.plan == PREMIUM

    def tenure(self, month):
        """Period of tenure that `month` is: 1 in the month of joining."""
        return month - self.joined + 1

    def member(self, month):
        """Whether membership has taken effect."""
        return self.member_from <= month

    def select(self, rows):
        """The customers of a mask, an index or a slice, as a copy."""
        return Stock(*(np.array(getattr(self, f.name)[rows]) for f in fields(self)))


def joined_up(parts):
    """One stock out of several, in their order."""
    names = [f.name for f in fields(Stock)]
    return Stock(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))


def newcomers(month, first, source, referrer, rng):
    """Customers who join in `month`, numbered from `first`, with fresh attributes."""
    n, referred = len(source), source == REFERRAL
    normal, uniform = rng.standard_normal((2, n)), rng.random((5, n))
    shift = PLANTED["engagement_if_referred"] * referred
    young = np.where(referred, PLANTED["young_if_referred"], PLANTED["young"])
    plans = np.cumsum(list(PLANTED["plan"].values()))[:-1]
    return Stock(
        number=np.arange(first, first + n),
        joined=np.full(n, month),
        source=source,
        referrer=referrer,
        engagement=np.round(normal[0] + shift, 3),
        taste=normal[1],
        young=uniform[0] < young,
        sme=uniform[1] < PLANTED["sme"],
        plan=np.searchsorted(plans, uniform[2], side="right"),
        annual=uniform[3] < PLANTED["annual"],
        card=uniform[4] < PLANTED["card"],
        traits=PLANTED["trait_sd"] * rng.standard_normal((n, 5)),
        score=np.zeros(n, np.int8),
        member_from=np.full(n, NEVER),
        holdout=np.zeros(n, bool),
        arm=np.zeros(n, np.int8),
        tier=np.zeros(n, np.int8),
        spent=np.zeros(n),
        qualifying=np.full(n, np.nan),
        held=np.zeros((n, 3), bool),
    )
