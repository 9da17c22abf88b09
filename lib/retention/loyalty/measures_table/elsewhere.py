"""Sales that the programme only moved from elsewhere."""

from dataclasses import dataclass

import pandas as pd

from retention.intervals import Check, Estimate
from retention.loyalty.additive import estimated, ratio, totals, wide


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """What the programme changed in sales beside those it rewards.

    Attributes
    ----------
    estimate : Estimate
        Change for one enrolled customer; negative where sales only moved.
    checks : list of Check
    summary : str
    """

    estimate: Estimate
    checks: list[Check]
    summary: str


def moved_from_elsewhere(money: pd.DataFrame, *, currency: str = "EUR") -> Elsewhere:
    """Cannibalisation: the programme's effect on a customer's other orders.

    Parameters
    ----------
    money : DataFrame
        From `retention.counts.programme_money`.
    currency : str

    Returns
    -------
    Elsewhere

    Raises
    ------
    ValueError
        Without a holdout, or without other orders.

    Examples
    --------
    Those who enrolled bought 4 less elsewhere than they would have:

    >>> money = pd.DataFrame({"arm": ["programme", "holdout"] * 2, "taker": [1, 0] * 2,
    ...     "bucket": ["00", "00", "01", "01"], "n": 50,
    ...     "elsewhere": [800.0, 1000.0] * 2})
    >>> moved_from_elsewhere(money).estimate.value
    -4.0
    """
    drawn = money[money["arm"] != ""]
    if drawn["arm"].nunique() < 2:
        raise ValueError(
            "Without a holdout, sales moved from elsewhere cannot be told."
        )
    if not drawn["elsewhere"].any():
        raise ValueError("No orders beside those that the programme rewards are known.")
    drawn = drawn.assign(took=drawn["taker"] * drawn["n"])
    known = totals(wide(drawn, ["n", "took", "elsewhere"], ["arm"]))
    gap, took = (
        ratio(known, f"{c} programme", "n programme")
        - ratio(known, f"{c} holdout", "n holdout")
        for c in ("elsewhere", "took")
    )
    unit = f"{currency} per enrolled customer".strip()
    found = estimated(gap / took, n=int(drawn["n"].sum()), unit=unit)
    what = (
        "moved from there" if found.upper < 0 else "is shown to have moved from there"
    )
    negated = "Some of the gain" if found.upper < 0 else "Nothing"
    told = (
        f"Other orders of those who enrolled changed by {found.text}: {negated} {what}."
    )
    return Elsewhere(found, [], told)
