"""The money chain as an answer: each link, its interval, and what moves it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, number
from retention.loyalty.additive import estimated
from retention.loyalty.naive import dashboard_factor
from retention.loyalty.roi_links import Links, cost_checks

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


@dataclass(frozen=True)
class Jackknife:
    """Reads replicates that leave out one bucket of customers at a time."""

    n: int

    def estimate(self, values: np.ndarray, unit: str) -> Estimate:
        """Estimate from the replicates of a link."""
        return estimated(values, n=self.n, unit=unit)

    def probability(self, net: np.ndarray) -> float:
        """Of a positive value, by Student's t."""
        from scipy.special import stdtr

        found = self.estimate(net, "")
        return float(stdtr(len(net) - 2, found.value / found.se))


@dataclass(frozen=True)
class Draws:
    """Reads replicates that were drawn at random, the first of them as found."""

    n: int

    def estimate(self, values: np.ndarray, unit: str) -> Estimate:
        """Estimate from the replicates of a link."""
        lower, upper = np.quantile(values[1:], [0.025, 0.975])
        spread = float(np.std(values[1:]))
        value = float(values[0])
        return Estimate(value, lower, upper, self.n, SIMULATED, unit, spread)

    def probability(self, net: np.ndarray) -> float:
        """Share of draws above nil."""
        return float(np.mean(net[1:] > 0))


def returned(
    links: Links, read, redeemed, monthly, currency, design
) -> ReturnOnProgramme:
    """The whole answer from the replicates of its links."""
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
