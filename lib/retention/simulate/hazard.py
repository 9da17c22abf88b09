"""When customers leave, and why: two competing causes in continuous time."""

import numpy as np

from retention.simulate.clock import EXPERIMENT, LAUNCH

ARMS = np.array(["", "control", "card", "call"], object)

PLANTED = {
    "voluntary": {
        "floor": 0.013,
        "early": 0.050,
        "early_months": 6.0,
        "engagement": -0.30,
        "sme": -0.25,
        "premium": 0.20,
        "annual_first_year": -1.20,
        "annual_later": -0.20,
        "referred": float(np.log(0.82)),
        "member": float(np.log(0.80)),
        "score": {"1": 0.90, "2": 0.60, "3": 0.15, "4": 0.0, "5": -0.90},
        "arm": {
            "control": 0.0,
            "card": float(np.log(0.95)),
            "call": float(np.log(0.85)),
        },
    },
    "involuntary": {"rate": 0.0035, "card": 0.90},
    "annual_contract_months": 12,
}
ARM = np.array([0.0, *PLANTED["voluntary"]["arm"].values()])


def voluntary_rate(stock, month):
    """Cumulative hazard of leaving of one's own will over the month."""
    v, tenure = PLANTED["voluntary"], stock.tenure(month)
    bound = tenure <= PLANTED["annual_contract_months"]
    contract = np.where(bound, v["annual_first_year"], v["annual_later"])
    of_score = np.array([0.0, *v["score"].values()])
    early = v["early"] * np.exp(-(tenure - 1) / v["early_months"])
    exponent = (
        v["engagement"] * stock.engagement
        + v["sme"] * stock.sme
        + v["premium"] * stock.premium
        + contract * stock.annual
        + v["referred"] * stock.referred
        + v["member"] * stock.member(month)
        + of_score[stock.score]
    )
    if EXPERIMENT <= month < LAUNCH:
        exponent = exponent + ARM[stock.arm]
    return (v["floor"] + early) * np.exp(exponent)


def involuntary_rate(stock):
    """Cumulative hazard of being ended over a month: cards fail."""
    i = PLANTED["involuntary"]
    return i["rate"] * np.exp(i["card"] * stock.card)


def leaving(stock, month, uniform):
    """Time of leaving in months from the first (1 or more: stays), and whether at will.

    `uniform` has two rows: one for the time, one for the cause.
    """
    at_will = voluntary_rate(stock, month)
    total = at_will + involuntary_rate(stock)
    return -np.log1p(-uniform[0]) / total, uniform[1] * total < at_will


def assigned_arms(n, rng):
    """Arms of the experiment: a fifth of those present, in thirds; 0 is not in it."""
    arms = np.zeros(n, np.int8)
    chosen = rng.permutation(n)[: n // 5]
    arms[chosen] = 1 + np.arange(len(chosen)) % 3
    return arms
