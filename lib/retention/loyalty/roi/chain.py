"""The return from a randomised holdout, or from another design's effect."""

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.additive import totals, wide
from retention.loyalty.points.redemption import Redemption
from retention.loyalty.roi.answer import Draws, Jackknife, ReturnOnProgramme, returned
from retention.loyalty.roi_links import Links, adjusted_contrast, chained


def programme_roi(
    arms: pd.DataFrame,
    money: pd.DataFrame,
    redeemed: Redemption | None = None,
    *,
    value_of_a_point: float = 0.0,
    cost_per_member_month: float = float("nan"),
    currency: str = "EUR",
) -> ReturnOnProgramme:
    """Return on the programme from a randomised holdout.

    Parameters
    ----------
    arms : DataFrame
        From `retention.counts.holdout_arms`, with buckets.
    money : DataFrame
        From `retention.counts.programme_money`, over the same months.
    redeemed : Redemption, optional
        Without it no reward is counted, and a check says so.
    value_of_a_point : float
        What a redeemed point costs.
    cost_per_member_month : float
        Running cost; not a number where it is not known.
    currency : str

    Returns
    -------
    ReturnOnProgramme
        Every interval from one jackknife through the whole chain: a bucket of
        customers is left out of the holdout, the costs and the points together.

    Raises
    ------
    ValueError
        If nobody enrolled in the programme arm.

    Notes
    -----
    The incremental margin is the difference between the arms, each customer's own
    past taken out separately in each arm (Lin 2013), over the difference in take-up.
    It rests on the draw, and on the offer working through enrolment only.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> found = programme_roi(counts.holdout_arms(company, months=12),
    ...     counts.programme_money(company, months=12), cost_per_member_month=0.4)
    >>> found.running.text
    'EUR 2.68 per enrolled customer (95 % CI 2.63 to 2.73)'
    >>> [check.status for check in found.checks]
    ['PASS', 'REVIEW', 'PASS']
    """
    drawn = arms[arms["outcome"] == "margin"].assign(kind="margin")
    paid = arms[arms["outcome"] == "revenue"].assign(kind="revenue")
    sums = wide(pd.concat([drawn, paid]), _ARM_SUMS, ["kind", "arm"])
    taken = wide(_without_crossovers(money), _MONEY_SUMS, ["taker"])
    both = sums.join(taken, how="left").fillna(0.0)
    known = totals(both)
    if not known.get("n 1", np.zeros(1))[0]:
        raise ValueError("Nobody enrolled, so there is no return to speak of.")
    links = _links(known, both.index, redeemed, value_of_a_point, cost_per_member_month)
    n = int(known["n margin programme"][0] + known["n margin holdout"][0])
    read = Jackknife(n)
    return returned(links, read, redeemed, cost_per_member_month, currency, _RANDOMISED)


def effect_roi(
    effect: Estimate,
    money: pd.DataFrame,
    redeemed: Redemption | None = None,
    *,
    value_of_a_point: float = 0.0,
    cost_per_member_month: float = float("nan"),
    currency: str = "EUR",
    draws: int = 10_000,
    rng: np.random.Generator | int = 1,
) -> ReturnOnProgramme:
    """Return on the programme from an effect that another design estimated.

    Parameters
    ----------
    effect : Estimate
        Incremental margin of one enrolled customer over the months of `money`.
    money, redeemed, value_of_a_point, cost_per_member_month, currency
        As in `programme_roi`.
    draws : int
    rng : Generator or int

    Returns
    -------
    ReturnOnProgramme
        Intervals from normal draws of effect and redemption, carried through.

    Examples
    --------
    12 of margin for 8 of running cost: a return of one half.

    >>> money = pd.DataFrame({"bucket": ["00", "00", "01", "01"], "taker": [1, 0] * 2,
    ...     "n": 50, "revenue": 5000.0, "margin": [2500.0, 1500.0] * 2, "points": 0.0,
    ...     "member_months": [600.0, 0.0] * 2})
    >>> gain = Estimate(12.0, 8.0, 16.0, 100, "difference-in-differences", "EUR", 2.0)
    >>> found = effect_roi(gain, money, cost_per_member_month=8 / 12)
    >>> round(found.estimate.value, 2), round(found.naive.value, 2)
    (0.5, 20.0)
    """
    taken = totals(wide(money, _MONEY_SUMS, ["taker"]))
    random = np.random.default_rng(rng).standard_normal((2, draws))
    random = np.column_stack([np.zeros(2), random])
    one = {name: np.full(draws + 1, values[0]) for name, values in taken.items()}
    share = 0.0
    if redeemed is not None:
        spread = redeemed.estimate.se if redeemed.estimate.se >= 0 else 0.0
        share = redeemed.estimate.value + spread * random[1]
    links = chained(
        effect.value + effect.se * random[0],
        np.full(draws + 1, np.nan),
        one,
        share * value_of_a_point,
        cost_per_member_month,
    )
    read = Draws(effect.n)
    return returned(links, read, redeemed, cost_per_member_month, currency, _ASSUMED)


_ARM_SUMS = ["n", "d", "y", "x", "xy", "xx", "dx"]


_MONEY_SUMS = ["n", "revenue", "margin", "points", "member_months"]


_RANDOMISED = Check(
    "Incremental margin", "PASS", "It is the difference between randomised arms."
)


_ASSUMED = Check(
    "Incremental margin",
    "REVIEW",
    "No holdout was drawn; the effect comes from a design that rests on its checks.",
    "Hold out a random share of customers from the next offer.",
)


def _without_crossovers(money: pd.DataFrame) -> pd.DataFrame:
    """Leave out those who enrolled although they were held out."""
    return money[(money["arm"] != "holdout") | (money["taker"] == 0)]


def _links(known, buckets, redeemed, value_of_a_point, monthly) -> Links:
    margin, take_up = adjusted_contrast(known, "margin")
    revenue, _ = adjusted_contrast(known, "revenue")
    share = np.zeros(len(buckets) + 1)
    if redeemed is not None:
        own = redeemed.replicates
        share = own.reindex(["", *buckets]).fillna(own.iloc[0]).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        per_taker, paid = margin / take_up, revenue / take_up
    return chained(per_taker, paid, known, share * value_of_a_point, monthly)
