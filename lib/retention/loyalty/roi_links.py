"""The links of the money chain, as arrays that a jackknife or draws can fill."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from retention.intervals import Check


@dataclass(frozen=True, eq=False)
class Links:
    """Each link of all customers, then without each bucket (or one a draw).

    Money is per enrolled customer over the months counted.
    """

    values: dict[str, np.ndarray]

    MONEY: ClassVar = ("incremental", "rewards", "running", "cost", "net", "naive")
    SHARES: ClassVar = ("roi", "lift", "break_even_lift", "already", "naive_roi")
    NAMES: ClassVar = {
        "naive": "naive: margin of enrolled minus others",
        "incremental": "incremental margin",
        "rewards": "rewards, at ultimate redemption",
        "running": "running cost of the programme",
        "cost": "both costs",
        "net": "margin less cost",
        "roi": "return on the programme (ROI)",
        "naive_roi": "naive ROI",
        "lift": "lift in margin",
        "break_even_lift": "lift needed to break even",
        "already": "rewards on sales that would have happened",
    }

    def of(self, name: str) -> np.ndarray:
        """One link."""
        return self.values[name]


def chained(
    incremental: np.ndarray,
    revenue: np.ndarray,
    taken: dict[str, np.ndarray],
    cost_of_a_point: np.ndarray | float,
    cost_per_member_month: float,
) -> Links:
    """The whole chain from its first links.

    Parameters
    ----------
    incremental, revenue : ndarray
        Incremental margin and revenue of an enrolled customer.
    taken : dict of str to ndarray
        Totals of `n`, `margin`, `revenue`, `points`, `member_months`, of those who
        enrolled ("n 1") and the others ("n 0").
    cost_of_a_point : ndarray or float
        Value of a point times its chance of being redeemed.
    cost_per_member_month : float
        Not a number counts as nil.

    Returns
    -------
    Links

    Examples
    --------
    >>> one = {"n 1": 10, "margin 1": 900, "revenue 1": 2000, "points 1": 4000,
    ...        "member_months 1": 100, "n 0": 10, "margin 0": 500}
    >>> links = chained(np.array([12.0]), np.array([30.0]),
    ...                 {k: np.array([float(v)]) for k, v in one.items()}, 0.0075, 0.5)
    >>> [round(float(links.of(k)[0]), 3) for k in ("rewards", "running", "net", "roi")]
    [3.0, 5.0, 4.0, 0.5]
    """
    monthly = 0.0 if np.isnan(cost_per_member_month) else cost_per_member_month
    with np.errstate(divide="ignore", invalid="ignore"):
        own = {name: taken[f"{name} 1"] / taken["n 1"] for name in _OWN}
        rewards = own["points"] * cost_of_a_point
        running = own["member_months"] * monthly
        naive = own["margin"] - taken["margin 0"] / taken["n 0"]
        cost, without = rewards + running, own["margin"] - incremental
        values = {
            "incremental": incremental,
            "rewards": rewards,
            "running": running,
            "cost": cost,
            "net": incremental - cost,
            "naive": naive,
            "roi": (incremental - cost) / cost,
            "naive_roi": (naive - cost) / cost,
            "lift": incremental / without,
            "break_even_lift": cost / without,
            "already": np.clip(1 - revenue / own["revenue"], 0, 1),
        }
    return Links({k: np.where(np.isfinite(v), v, np.nan) for k, v in values.items()})


_OWN = ("margin", "revenue", "points", "member_months")


def adjusted_contrast(
    known: dict[str, np.ndarray], kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Difference of the two arms in an outcome and in take-up, own past taken out.

    Parameters
    ----------
    known : dict of str to ndarray
        Totals `n`, `y`, `d`, `x`, `xy`, `xx`, `dx` of "{kind} programme" and
        "{kind} holdout".
    kind : str

    Returns
    -------
    (ndarray, ndarray)
        Programme minus holdout, both at the mean past of all customers.

    References
    ----------
    Lin (2013), "Agnostic notes on regression adjustments to experimental data",
    Annals of Applied Statistics 7, 295-318.
    """
    own = {
        arm: {
            s: known[f"{s} {kind} {arm}"]
            for s in ("n", "y", "d", "x", "xy", "xx", "dx")
        }
        for arm in ("programme", "holdout")
    }
    n = own["programme"]["n"] + own["holdout"]["n"]
    centre = (own["programme"]["x"] + own["holdout"]["x"]) / n
    given, without = (_at(own[arm], centre) for arm in ("programme", "holdout"))
    return given[0] - without[0], given[1] - without[1]


def _at(s: dict[str, np.ndarray], centre: np.ndarray) -> list[np.ndarray]:
    past = s["x"] / s["n"]
    spread = s["xx"] - s["n"] * past**2
    flat = spread <= 1e-9 * np.maximum(s["xx"], 1.0)
    found = []
    for value in ("y", "d"):
        mean = s[value] / s["n"]
        cross = s["xy" if value == "y" else "dx"] - s["n"] * mean * past
        slope = np.where(flat, 0.0, cross / np.where(flat, 1.0, spread))
        found.append(mean - slope * (past - centre))
    return found


def cost_checks(rewards_known: bool, cost_per_member_month: float) -> list[Check]:
    """Whether both costs are in the chain."""
    known = Check(
        "Cost of rewards", "PASS", "Points are costed at ultimate redemption."
    )
    if not rewards_known:
        known = Check(
            "Cost of rewards",
            "REVIEW",
            "There are no points to cost, so no reward is counted.",
            "Bring the table points and value_of_a_point under [loyalty].",
        )
    if np.isnan(cost_per_member_month):
        running = Check(
            "Running cost",
            "REVIEW",
            "No cost of running the programme is known, so none is counted.",
            "Book it in costs with kind programme, or set programme_per_member_year.",
        )
    else:
        running = Check(
            "Running cost", "PASS", "It is booked, or declared, and counted."
        )
    return [known, running]
