"""Return on the programme: from what it really brought to what it really cost."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, number
from retention.loyalty.additive import estimated, totals, wide
from retention.loyalty.naive import dashboard_factor
from retention.loyalty.points.redemption import Redemption
from retention.loyalty.roi_links import Links, adjusted_contrast, chained, cost_checks

SIMULATED = "simulation of the chain, each link independent"


@dataclass(frozen=True, eq=False)
class ReturnOnProgramme:
    """The money chain, each link for one enrolled customer.

    Attributes
    ----------
    estimate : Estimate
        ROI: (incremental margin - rewards - programme cost) / (rewards + programme
        cost), a share; 0 is break-even.
    incremental, rewards, running, cost, net : Estimate
        Incremental margin; cost of rewards at ultimate redemption; running cost of
        the programme; both costs; margin less cost.
    probability : float
        Probability that ROI > 0, given the interval of `net`.
    lift, break_even_lift : Estimate
        By how much the programme raised the margin of those who enrolled, and by
        how much it must raise it to pay for itself.
    already : Estimate
        Share of the rewards that was paid on sales that would have happened anyway.
    naive, naive_roi, factor : Estimate
        Margin of enrolled minus others; the ROI that a dashboard makes of it; and
        how many times the naive margin is too large.
    table : DataFrame
        The chain link by link: `link`, `value`, `lower`, `upper`, `unit` (money, or
        share where 1 is all of it).
    moves : DataFrame
        `link`, `low`, `high`: ROI at the bounds of each link, the others unchanged.
    checks : list of Check
    summary : str
    """

    estimate: Estimate
    incremental: Estimate
    rewards: Estimate
    running: Estimate
    cost: Estimate
    net: Estimate
    probability: float
    lift: Estimate
    break_even_lift: Estimate
    already: Estimate
    naive: Estimate
    naive_roi: Estimate
    factor: Estimate
    table: pd.DataFrame
    moves: pd.DataFrame
    checks: list[Check]
    summary: str


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
    read = _Jackknife(n)
    return _answer(links, read, redeemed, cost_per_member_month, currency, _RANDOMISED)


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
    read = _Draws(effect.n)
    return _answer(links, read, redeemed, cost_per_member_month, currency, _ASSUMED)


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


@dataclass(frozen=True)
class _Jackknife:
    n: int

    def estimate(self, values: np.ndarray, unit: str) -> Estimate:
        return estimated(values, n=self.n, unit=unit)

    def probability(self, net: np.ndarray) -> float:
        """Of a positive value, by Student's t."""
        from scipy.special import stdtr

        found = self.estimate(net, "")
        return float(stdtr(len(net) - 2, found.value / found.se))


@dataclass(frozen=True)
class _Draws:
    n: int

    def estimate(self, values: np.ndarray, unit: str) -> Estimate:
        lower, upper = np.quantile(values[1:], [0.025, 0.975])
        spread = float(np.std(values[1:]))
        value = float(values[0])
        return Estimate(value, lower, upper, self.n, SIMULATED, unit, spread)

    def probability(self, net: np.ndarray) -> float:
        """Share of draws above nil."""
        return float(np.mean(net[1:] > 0))


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


def _answer(
    links: Links, read, redeemed, monthly, currency, design
) -> ReturnOnProgramme:
    unit = f"{currency} per enrolled customer".strip()
    money = {name: read.estimate(links.of(name), unit) for name in Links.MONEY}
    shares = {name: read.estimate(links.of(name), "%") for name in Links.SHARES}
    probability = read.probability(links.of("net"))
    factor = dashboard_factor(
        money["naive"],
        money["incremental"],
        covariance=_covariance(read, links, money),
    )
    return ReturnOnProgramme(
        estimate=shares["roi"],
        probability=probability,
        factor=factor,
        table=_table({**money, **shares}),
        moves=_moves(money),
        checks=[design, *cost_checks(redeemed is not None, monthly)],
        summary=_summary(money, shares["roi"], probability),
        **{name: money[name] for name in _OWN},
        **{name: shares[name] for name in _RATES},
    )


_OWN = ("incremental", "rewards", "running", "cost", "net", "naive")
_RATES = ("lift", "break_even_lift", "already", "naive_roi")


def _covariance(read, links: Links, money) -> float:
    both = read.estimate(links.of("naive") + links.of("incremental"), "").se
    parts = money["naive"].se ** 2 + money["incremental"].se ** 2
    return float((both**2 - parts) / 2) if np.isfinite(both) else 0.0


def _table(found: dict[str, Estimate]) -> pd.DataFrame:
    rows = [
        (text, e.value, e.lower, e.upper, "share" if e.unit == "%" else e.unit)
        for name, text in Links.NAMES.items()
        for e in [found[name]]
    ]
    return pd.DataFrame(rows, columns=["link", "value", "lower", "upper", "unit"])


def _moves(money: dict[str, Estimate]) -> pd.DataFrame:
    """ROI with one link at a time at its bounds."""
    gain, cost = money["incremental"].value, money["cost"].value
    if not cost > 0:
        return pd.DataFrame(columns=["link", "low", "high"])
    rows = [
        (
            Links.NAMES["incremental"],
            *((bound - cost) / cost for bound in _bounds(money["incremental"])),
        )
    ]
    for name in ("rewards", "running"):
        ends = [
            cost - money[name].value + bound for bound in _bounds(money[name])[::-1]
        ]
        rows.append((Links.NAMES[name], *((gain - end) / end for end in ends)))
    return pd.DataFrame(rows, columns=["link", "low", "high"])


def _bounds(e: Estimate) -> tuple[float, float]:
    return (e.lower, e.upper) if np.isfinite(e.lower + e.upper) else (e.value, e.value)


def _summary(money: dict[str, Estimate], roi: Estimate, probability: float) -> str:
    told = (
        f"The programme brought {money['incremental'].text} of additional margin, at a "
        f"cost of {money['cost'].value_text}"
    )
    if not np.isfinite(roi.value):
        return f"{told}; without a known cost there is no return to compute."
    return (
        f"{told}: a return of {roi.text}, and a probability of "
        f"{number(100 * probability)} % that the programme pays."
    )
