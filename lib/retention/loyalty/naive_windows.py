"""A campaign that was not randomised: during it, before it, and earlier still."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.additive import estimated, ratio, totals, wide


@dataclass(frozen=True, eq=False)
class CampaignEffect:
    """Spend of those who were sent a campaign against all others.

    Attributes
    ----------
    naive : Estimate
        Difference in spend during the campaign.
    estimate : Estimate
        Difference-in-differences: how much more the gap is than in as many days
        before.
    placebo : Estimate
        The same comparison one window earlier, when there was no campaign to see.
    table : DataFrame
        `window`, `sent`, `others`, `gap`.
    checks : list of Check
    summary : str
    """

    naive: Estimate
    estimate: Estimate
    placebo: Estimate
    table: pd.DataFrame
    checks: list[Check]
    summary: str


def campaign_effect(
    windows: pd.DataFrame, *, name: str = "the campaign", currency: str = "EUR"
) -> CampaignEffect:
    """Naive lift of a campaign and its difference-in-differences.

    Parameters
    ----------
    windows : DataFrame
        From `retention.counts.campaign_windows`.
    name, currency : str

    Returns
    -------
    CampaignEffect
        Intervals: jackknife over buckets of customers.

    Examples
    --------
    >>> rows = [(w, m, b, 10, 10.0 * paid) for b in "ab" for w, m, paid in [
    ...     ("during", 1, 90), ("during", 0, 50), ("before", 1, 84), ("before", 0, 48),
    ...     ("earlier", 1, 80), ("earlier", 0, 44)]]
    >>> names = ["window", "member", "bucket", "n", "revenue"]
    >>> found = campaign_effect(pd.DataFrame(rows, columns=names))
    >>> found.naive.value, found.estimate.value, found.placebo.value
    (40.0, 4.0, 0.0)
    """
    unit = f"{currency} per customer".strip()
    known = totals(wide(windows, ["n", "revenue"], ["window", "member"]))
    level = {
        (w, m): ratio(known, f"revenue {w} {m}", f"n {w} {m}")
        for w in ("during", "before", "earlier")
        for m in (1, 0)
    }
    gap = {w: level[w, 1] - level[w, 0] for w in ("during", "before", "earlier")}
    n = int(known["n during 1"][0] + known["n during 0"][0])
    naive, effect, placebo = (
        estimated(values, n=n, unit=unit)
        for values in (
            gap["during"],
            gap["during"] - gap["before"],
            gap["before"] - gap["earlier"],
        )
    )
    rows = [(w, level[w, 1][0], level[w, 0][0], gap[w][0]) for w in gap]
    return CampaignEffect(
        naive,
        effect,
        placebo,
        pd.DataFrame(rows, columns=["window", "sent", "others", "gap"]),
        [_placebo_check(placebo, effect)],
        f"During {name} those who were sent it spent {naive.text} more than others; "
        f"against the same customers' own past the difference is {effect.text}.",
    )


def _placebo_check(placebo: Estimate, effect: Estimate) -> Check:
    name = "No change before the campaign"
    told = f"One window earlier the same comparison gives {placebo.text}."
    if not np.isfinite(placebo.lower):
        return Check(name, "REVIEW", told, "Bring more customers.")
    inside = placebo.lower <= 0 <= placebo.upper
    small = (placebo.upper - placebo.lower) / 2 <= max(abs(effect.value) / 2, 1e-12)
    if inside and small:
        return Check(name, "PASS", told)
    if inside:
        remedy = "It is too wide to vouch for the result: randomise the next campaign."
        return Check(name, "REVIEW", told, remedy)
    remedy = (
        "The groups drift apart without a campaign: do not read the difference as one."
    )
    return Check(name, "FAIL", told, remedy)
