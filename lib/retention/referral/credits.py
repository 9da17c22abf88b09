"""All rules of credit side by side."""

import pandas as pd

from retention.intervals import Estimate
from retention.referral.markov import markov_orders, removal_effects
from retention.referral.shapley import shapley_values
from retention.referral.touch import touch_credits


def journey_credits(paths, *, order: int = 0) -> pd.DataFrame:
    """Share of the purchases that each rule credits to each channel.

    Parameters
    ----------
    paths : Paths
        From `retention.counts.journeys`.
    order : int
        Memory of the Markov model; 0 takes the order with the smallest BIC, at
        most 2.

    Returns
    -------
    DataFrame
        `channel`; the touch rules `first`, `last`, `linear`, `position`; `shapley`
        and `markov` (shares that sum to 1) with `shapley_lower`, `markov_lower` and
        so on; and `removal_effect` with `lower`, `upper`, `se`. None of them is causal:
        each describes the journeys that were seen. What a channel causes is shown by
        taking it away at random, in some regions or for some people.
    """
    if order == 0:
        orders = markov_orders(paths, most=2)
        order = int(orders.loc[orders["chosen"], "order"].iloc[0])
    out = touch_credits(paths)
    fair = shapley_values(paths)
    model = removal_effects(paths, order=order)
    for rule, table in (("shapley", fair), ("markov", model)):
        out[rule] = table["share"]
        out[f"{rule}_lower"] = table["share_lower"]
        out[f"{rule}_upper"] = table["share_upper"]
    return out.assign(
        **{c: model[c] for c in ("removal_effect", "lower", "upper", "se")}
    )


def removal_estimate(credits: pd.DataFrame, channel: str, journeys: int) -> Estimate:
    """Removal effect of one channel, as an estimate.

    Parameters
    ----------
    credits : DataFrame
        From `journey_credits`.
    channel : str
    journeys : int
        Journeys behind it.
    """
    row = credits.set_index("channel").loc[channel]
    ends = float(row["lower"]), float(row["upper"])
    method = "Markov removal effect, delete-a-group jackknife"
    value, se = float(row["removal_effect"]), float(row["se"])
    return Estimate(value, *ends, journeys, method, "%", se)
