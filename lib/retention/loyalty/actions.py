"""Any randomised retention action: responses, money, and what to try next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.randomised import all_arms, sample_size

WORTH_KNOWING = 0.02  # share that stays


@dataclass(frozen=True, eq=False)
class RetentionActions:
    """Each arm of an experiment against its control, in staying and in money.

    Attributes
    ----------
    table : DataFrame
        `arm`, `measure` ("stayed", "revenue", "margin", "net margin"), `value`,
        `lower`, `upper`, `p`, `p_adjusted` (Holm over the arms), `n`, `unit`.
    estimates : dict of (str, str) to Estimate
        By arm and measure; "net margin" is missing where the cost is not known.
    costs : Series
        Cost per customer assigned, index arm.
    next_size : DataFrame
        `arm`, `outcome`, `effect` (a margin that would pay for the action; two points
        more staying), `customers` (in two arms of one size, for 80 % power).
    checks : list of Check
    summary : str
        Tells more responses from more money.
    """

    table: pd.DataFrame
    estimates: dict[tuple[str, str], Estimate]
    costs: pd.Series
    next_size: pd.DataFrame
    checks: list[Check]
    summary: str

    @property
    def estimate(self) -> Estimate:
        """Net margin (margin where no cost is known) of the best arm."""
        kind = (
            "net margin"
            if ("net margin" in {m for _, m in self.estimates})
            else "margin"
        )
        own = [e for (_, m), e in self.estimates.items() if m == kind]
        return max(own, key=lambda e: e.value)


def retention_actions(
    arms: pd.DataFrame,
    costs: pd.Series | None = None,
    *,
    control: str = "control",
    planned: dict[str, float] | None = None,
    currency: str = "EUR",
) -> RetentionActions:
    """What each arm of an experiment brought, and what is left after its cost.

    Parameters
    ----------
    arms : DataFrame
        From `retention.counts.action_arms`.
    costs : Series, optional
        Cost per customer assigned over the same months, index arm; taken as known.
        An arm that is not in it has no net margin.
    control : str
    planned : mapping of str to float, optional
        Planned shares of the arms; equal ones by default.
    currency : str

    Returns
    -------
    RetentionActions

    Examples
    --------
    The call brought 20 of margin more than the control, and cost 15:

    >>> def sums(arm, y):
    ...     y = np.array(y, float)
    ...     took = float(arm == "call")
    ...     return dict(arm=arm, outcome="margin", n=4, d=4 * took, y=y.sum(), x=0,
    ...                 yy=y @ y, xy=0, xx=0, dy=y.sum() * took, dx=0)
    >>> arms = pd.DataFrame([sums("call", [70, 72, 68, 70]),
    ...                      sums("control", [50, 49, 51, 50])])
    >>> found = retention_actions(arms, pd.Series({"call": 15.0}))
    >>> found.table[["arm", "measure", "value", "unit"]].round(2)
        arm     measure  value              unit
    0  call      margin   20.0  EUR per customer
    1  call  net margin    5.0  EUR per customer
    """
    costs = pd.Series(dtype=float) if costs is None else costs
    unit = f"{currency} per customer".strip()
    units = {"stayed": "percentage points", "revenue": unit, "margin": unit}
    found = {
        name: all_arms(arms, outcome=name, control=control, planned=planned, unit=u)
        for name, u in units.items()
        if name in set(arms["outcome"])
    }
    if "margin" in found and len(costs):
        found["net margin"] = found["margin"]
    estimates, rows = {}, []
    for measure, answer in found.items():
        for row in answer.table.itertuples():
            e = _net(answer.estimates[row.arm], measure, row.arm, costs, control)
            if e is None:
                continue
            estimates[row.arm, measure] = e
            rows.append((row.arm, measure, e.value, e.lower, e.upper, e.n, e.unit))
    names = ["arm", "measure", "value", "lower", "upper", "n", "unit"]
    table = _adjusted(pd.DataFrame(rows, columns=names), estimates)
    first = next(iter(found.values()))
    return RetentionActions(
        table,
        estimates,
        costs,
        _next_size(arms, costs, control),
        [*first.checks, _cost_check(first.table["arm"], costs)],
        _summary(estimates),
    )


def _net(e: Estimate, measure: str, arm: str, costs, control: str) -> Estimate | None:
    """Net of the arm's cost beyond that of the control; other measures unchanged."""
    if measure != "net margin":
        return e
    if arm not in costs:
        return None
    cost = costs[arm] - costs.get(control, 0.0)
    bounds = (e.lower - cost, e.upper - cost)
    return Estimate(
        e.value - cost, *bounds, e.n, f"{e.method}, less cost", e.unit, e.se
    )


def _adjusted(table: pd.DataFrame, estimates) -> pd.DataFrame:
    from retention.loyalty.randomised import adjusted, p_value

    keys = list(zip(table["arm"], table["measure"], strict=True))
    table = table.assign(p=[p_value(estimates[key]) for key in keys])
    held = table.groupby("measure", sort=False)["p"].transform(adjusted)
    return table.assign(p_adjusted=held)


def _next_size(arms, costs, control: str) -> pd.DataFrame:
    rows = []
    for arm in sorted(set(arms["arm"]) - {control}):
        wanted = {"margin": float(costs.get(arm, np.nan)), "stayed": WORTH_KNOWING}
        for outcome, effect in wanted.items():
            if effect > 0 and outcome in set(arms["outcome"]):
                words = {"outcome": outcome, "arm": arm, "control": control}
                size = sample_size(arms, effect=effect, **words)
                rows.append((arm, outcome, effect, size))
    return pd.DataFrame(rows, columns=["arm", "outcome", "effect", "customers"])


def _cost_check(names, costs) -> Check:
    unknown = [name for name in names if name not in costs]
    if not unknown:
        return Check("Cost of the action", "PASS", "Each arm's booked cost is counted.")
    return Check(
        "Cost of the action",
        "REVIEW",
        f"No cost is booked for {', '.join(unknown)}, so its net margin is not known.",
        "Book it in costs with kind experiment and the arm as channel.",
    )


def _summary(estimates) -> str:
    parts = []
    for arm in dict.fromkeys(a for a, _ in estimates):
        told = [f"{arm}:"]
        if (arm, "stayed") in estimates:
            told.append(_stayed(estimates[arm, "stayed"]))
        kind = "net margin" if (arm, "net margin") in estimates else "margin"
        if (arm, kind) in estimates:
            told.append(_money(estimates[arm, kind], kind))
        parts.append(" ".join(told))
    return " ".join(parts)


def _stayed(e: Estimate) -> str:
    surely = "more customers stayed" if e.lower > 0 else "no surely larger share stayed"
    if e.upper < 0:
        surely = "fewer customers stayed"
    return f"{surely}, {e.text};"


def _money(e: Estimate, kind: str) -> str:
    after = "after its cost " if kind == "net margin" else "before any cost "
    if e.lower > 0:
        return f"{after}it earned {e.text}."
    if e.upper < 0:
        return f"{after}it lost money, {e.text}."
    return f"{after}it is not shown to earn or lose money, {e.text}."
