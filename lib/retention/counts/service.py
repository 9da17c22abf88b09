"""What serving customers cost: each contact at its own cost or at a rate."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import day_after, instant
from retention.counts.engine import collect


def contact_costs(company, window) -> nw.LazyFrame:
    """Contacts of a window with their cost. Lazy.

    Parameters
    ----------
    company : Company
        Its contacts bring `cost`; or `minutes`, with a rate minute_CHANNEL in
        [costs]; or [costs] holds contact_CHANNEL, an amount for each contact. Where
        several apply, the first in this order counts.
    window : Window

    Returns
    -------
    LazyFrame
        customer_id, day, channel, minutes, cost. A contact for which there is no
        cost at all counts 0.
    """
    rows = company.table("contacts").filter(
        nw.col("occurred_on") >= instant(window.first),
        nw.col("occurred_on") < instant(day_after(window.last)),
    )
    minutes = nw.lit(None, nw.Float64)
    if company.has("contacts", "minutes"):
        minutes = nw.col("minutes").cast(nw.Float64)
    rows = rows.with_columns(minutes=minutes)
    return rows.select(
        "customer_id",
        nw.col("occurred_on").alias("day"),
        "channel",
        "minutes",
        cost=nw.coalesce(*_prices(company), nw.lit(0.0)),
    )


def service_channels(company, window) -> pd.DataFrame:
    """Contacts of a window by channel: how many, how long, at what cost.

    Parameters
    ----------
    company : Company
    window : Window

    Returns
    -------
    DataFrame
        channel, contacts, minutes, cost (total), cost_per_contact and, where
        minutes are recorded, cost_per_minute: the rate that time-driven costing
        multiplies by the time taken.
    """
    counted = contact_costs(company, window).group_by("channel")
    counted = counted.agg(
        nw.len().alias("contacts"), nw.col("minutes").sum(), nw.col("cost").sum()
    )
    table = collect(counted).sort_values("cost", ascending=False, ignore_index=True)
    table["cost_per_contact"] = table["cost"] / table["contacts"]
    table["cost_per_minute"] = table["cost"] / table["minutes"].where(
        table["minutes"] > 0
    )
    return table


def _prices(company) -> list[nw.Expr]:
    """Cost of a contact by each rule that applies, the preferred one first."""
    found = [nw.col("cost").cast(nw.Float64)] if company.has("contacts", "cost") else []
    for kind, amount in (("minute_", nw.col("minutes")), ("contact_", nw.lit(1.0))):
        rates = {
            name.removeprefix(kind): float(rate)
            for name, rate in company.settings.costs.items()
            if name.startswith(kind)
        }
        for channel, rate in rates.items():
            match = nw.col("channel") == channel
            found.append(nw.when(match).then(amount * rate))
    return found
