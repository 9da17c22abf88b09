"""Known truths: planted values, what follows from them, and a far larger company's."""

import copy

import numpy as np

from retention.simulate import (
    addons,
    arrivals,
    hazard,
    journeys,
    leads,
    loyalty,
    plans,
    referral,
    satisfaction,
    service,
    shop,
    spend,
    stock,
    wealth,
)

# Printed by `python -m retention.simulate.truths`; a slow test computes it again.
REFERENCE = {
    "seed": 2026,
    "scale": 20,
    "survival": {
        "S12": 0.6915,
        "S24": 0.5503,
        "S48": 0.3742,
        "restricted_mean_60": 32.4624,
        "median": 30,
    },
    "total_effects": {
        "engagement": -0.3801,
        "sme": -0.2471,
        "plus": -0.0002,
        "premium": 0.3244,
        "annual_first_year": -1.1904,
        "annual_later": -0.197,
        "referred": -0.1955,
    },
    "without_source": {
        "engagement": -0.388,
        "sme": -0.246,
        "plus": -0.0007,
        "premium": 0.3227,
        "annual_first_year": -1.1893,
        "annual_later": -0.1944,
    },
    "unadjusted": {
        "engagement": -0.3876,
        "sme": -0.2542,
        "plus": -0.0078,
        "premium": 0.3503,
        "annual_first_year": -1.1846,
        "annual_later": -0.1875,
        "referred": -0.2034,
    },
    "standard_errors": {
        "engagement": 0.004,
        "sme": 0.0115,
        "plus": 0.0087,
        "premium": 0.0107,
        "annual_first_year": 0.0166,
        "annual_later": 0.0114,
        "referred": 0.0081,
    },
    "given_score": {
        "engagement": -0.3075,
        "sme": -0.2571,
        "plus": -0.0076,
        "premium": 0.2259,
        "annual_first_year": -1.1942,
        "annual_later": -0.1905,
        "referred": -0.2063,
        "score_1": 0.9282,
        "score_2": 0.5898,
        "score_3": 0.1469,
        "score_5": -0.8949,
    },
    "all_causes": {
        "engagement": -0.2707,
        "sme": -0.1737,
        "plus": -0.0061,
        "premium": 0.2575,
        "annual_first_year": -0.8706,
        "annual_later": -0.1323,
        "referred": -0.1413,
    },
}


PARTS = {
    "arrivals": arrivals,
    "customers": stock,
    "satisfaction": satisfaction,
    "hazard": hazard,
    "spend": spend,
    "loyalty": loyalty,
    "referral": referral,
    "add_ons": addons,
    "service": service,
    "leads": leads,
    "plans": plans,
    "shop": shop,
    "tiers": wealth,
    "journeys": journeys,
}


def planted():
    """Every value that was put into the company, by process."""
    values = {name: copy.deepcopy(part.PLANTED) for name, part in PARTS.items()}
    return values | {"region": {"effect": 0.0}}


def analytic():
    """What follows from the planted values without chance."""
    won, abandoned = (leads.PLANTED[k] for k in ("won", "abandoned"))
    closed = 1 - (1 - won - abandoned) ** 12
    chain = referral.PLANTED["invitations"]
    return {
        "ultimate_redemption": ultimate_redemption(),
        "conversion": conversion(),
        "removal_effects": removal_effects(),
        "tiers_16_quarters": tiers_after_16_quarters(),
        "leads_12_months": {
            "won": closed * won / (won + abandoned),
            "abandoned": closed * abandoned / (won + abandoned),
        },
        "joined_per_asked": chain["told_mean"] * chain["interested"] * chain["joined"],
        "plans_survival": plan_survival(6),
    }


def ultimate_redemption():
    """Share of points that are ever redeemed."""
    p = loyalty.PLANTED["points"]
    return p["redeemed"] * (1 - (1 - p["lag"]) ** p["expiry_months"])


def conversion(without=None):
    """Share of journeys that convert; with a channel gone, its visitors are lost."""
    chain = np.array(journeys.PLANTED["next"])
    start = np.array(journeys.PLANTED["start"])
    between, won = chain[:, : journeys.CONVERTED], chain[:, journeys.CONVERTED]
    if without is not None:
        keep = np.delete(np.arange(len(start)), without)
        start, won, between = start[keep], won[keep], between[np.ix_(keep, keep)]
    return float(start @ np.linalg.solve(np.eye(len(start)) - between, won))


def removal_effects():
    """Share of conversions that would be lost without each channel."""
    whole = conversion()
    names = enumerate(journeys.CHANNELS)
    return {name: 1 - conversion(without=i) / whole for i, name in names}


def tiers_after_16_quarters():
    """P(was lower | private) and P(private | lower at the start)."""
    p = wealth.PLANTED
    start, step = np.array(p["start"]), np.array(p["quarterly"])
    top = np.linalg.matrix_power(step, p["quarters"])[:, 2]
    never_lower = start[2] * step[2, 2] ** p["quarters"]
    return {
        "upgraded_given_private": 1 - never_lower / (start @ top),
        "private_given_lower": start[:2] @ top[:2] / start[:2].sum(),
    }


def plan_survival(years):
    """Shifted-beta-geometric survival of the annual plans, year by year."""
    k = np.arange(years)
    p = plans.PLANTED
    steps = (p["b"] + k) / (p["a"] + p["b"] + k)
    return {str(year + 1): value for year, value in enumerate(np.cumprod(steps))}


def rounded(value, digits=6):
    """The same nest of numbers as plain Python ones, fractions to a few digits."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    whole = isinstance(value, int | np.integer)
    return int(value) if whole else round(float(value), digits)
