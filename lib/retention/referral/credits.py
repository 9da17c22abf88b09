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

    Examples
    --------
    >>> from retention.counts import paths_of
    >>> paths = paths_of([("ad > shop", 10, 4), ("shop", 10, 4), ("ad", 20, 0)])
    >>> found = journey_credits(paths)
    >>> found[["channel", "first", "last", "linear", "shapley", "markov"]].round(2)
      channel  first  last  linear  shapley  markov
    0      ad    0.5   0.0    0.25     0.25    0.33
    1    shop    0.5   1.0    0.75     0.75    0.67
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

    Returns
    -------
    Estimate
        The share of the purchases that the model loses without the channel.

    Raises
    ------
    KeyError
        If there is no such channel.

    Examples
    --------
    >>> credits = pd.DataFrame({"channel": ["ad", "shop"], "removal_effect": [0.4, 1.0],
    ...     "lower": [0.3, 0.9], "upper": [0.5, 1.0], "se": [0.05, 0.02]})
    >>> removal_estimate(credits, "ad", 800).text
    '40 % (95 % CI 30 to 50 %)'
    """
    row = credits.set_index("channel").loc[channel]
    ends = float(row["lower"]), float(row["upper"])
    method = "Markov removal effect, delete-a-group jackknife"
    value, se = float(row["removal_effect"]), float(row["se"])
    return Estimate(value, *ends, journeys, method, "%", se)
