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

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> year = counts.value_windows(company, counts.value_basis(company))[-1]
    >>> served = counts.service_channels(company, year)
    >>> served[["channel", "contacts", "cost_per_contact", "cost_per_minute"]].round(2)
      channel  contacts  cost_per_contact  cost_per_minute
    0   phone     24352               6.0             0.75
    1   visit      2248              40.0             0.67
    2    chat     34422               2.5             0.50
    3    mail     18787               1.5             0.37
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
