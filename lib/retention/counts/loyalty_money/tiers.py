"""Spend from which on a tier was granted."""

import math

import narwhals as nw
import pandas as pd

from retention.counts.engine import collect
from retention.counts.loyalty_money import of_study


def tier_thresholds(company, *, study: str = "loyalty") -> pd.DataFrame:
    """Thresholds between tiers, read off the spend of the members below and above.

    Parameters
    ----------
    company : Company
    study : str

    Returns
    -------
    DataFrame
        `tier` (the upper one), `threshold` (the roundest number that parts the two),
        `below` and `above` (members on either side), in order of spend. Empty where
        no tier or qualifying spend is recorded, or tiers overlap in spend.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.tier_thresholds(company)
         tier  threshold  below  above
    0  silver      700.0    443   1148
    1    gold      900.0   1148    744
    """
    names = ["tier", "threshold", "below", "above"]
    if not company.has("memberships", "tier", "qualifying_spend"):
        return pd.DataFrame(columns=names)
    spend = nw.col("qualifying_spend")
    frame = of_study(company, company.table("memberships"), study)
    frame = frame.filter(~spend.is_null(), ~nw.col("tier").is_null())
    found = collect(
        frame.group_by("tier").agg(
            spend.min().alias("low"), spend.max().alias("high"), nw.len().alias("n")
        )
    ).sort_values("low", ignore_index=True)
    pairs = zip(found[:-1].itertuples(), found[1:].itertuples(), strict=True)
    rows = [
        (above.tier, roundest(below.high, above.low), below.n, above.n)
        for below, above in pairs
        if below.high < above.low
    ]
    return pd.DataFrame(rows, columns=names)


def roundest(low: float, high: float) -> float:
    """Roundest number above `low` and not above `high`.

    Examples
    --------
    >>> roundest(699.4, 700.2), roundest(1.234, 1.238)
    (700.0, 1.235)
    """
    for digits in range(-9, 9):
        for step in (10.0**-digits, 5 * 10.0 ** -(digits + 1)):
            value = math.floor(high / step + 1e-9) * step
            if low < value <= high + 1e-9:
                return round(value, max(digits + 1, 0))
    return high
