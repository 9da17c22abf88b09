"""Value tiers by what customers of the same standing went on to bring."""

import math

import numpy as np
import pandas as pd

from retention.intervals import Estimate
from retention.value.unevenness import estimated, share_of, with_codes

MOST_VALUABLE, MOST_GROWABLE = "most valuable", "most growable"
BELOW_ZERO, STEADY = "below zero", "in between"


def outlook(history: pd.DataFrame) -> pd.DataFrame:
    """What customers of each class went on to bring in the next window.

    Parameters
    ----------
    history : DataFrame
        From `retention.counts.value_crossed`: `now` (class of net per month, low to
        high), `then` (-1 gone, 0 at most zero, 1 up to the threshold of the most
        valuable, 2 above it), `n`, `net_now`, `net_then`, `net_then_squared`.

    Returns
    -------
    DataFrame
        By `now`: `n`, per customer `now_net`, `expected` (net in the next window,
        those gone at 0) with `lower` and `upper` (95 %), and the shares `reach`
        (above the threshold), `below` (below zero), `gone`.

    Examples
    --------
    >>> history = pd.DataFrame({"now": [0, 1, 1], "then": [1, 2, -1], "n": [50, 30, 20],
    ...     "net_now": [500.0, 3000.0, 2000.0], "net_then": [600.0, 4500.0, 0.0],
    ...     "net_then_squared": [7200.0, 675000.0, 0.0], "below_then": 0})
    >>> outlook(history)[["now", "n", "now_net", "expected", "reach", "gone"]]
       now   n  now_net  expected  reach  gone
    0    0  50     10.0      12.0    0.0   0.0
    1    1  50    100.0      90.0    0.6   0.4
    """
    parts = history.assign(
        reach=history["n"].where(history["then"] == 2, 0),
        gone=history["n"].where(history["then"] == -1, 0),
    )
    sums = ["n", "net_now", "net_then", "net_then_squared", "below_then"]
    sums = parts.groupby("now")[[*sums, "reach", "gone"]].sum()
    mean = sums["net_then"] / sums["n"]
    variance = sums["net_then_squared"] / sums["n"] - mean**2
    reach = 1.96 * np.sqrt(variance.clip(lower=0) / sums["n"])
    out = pd.DataFrame(
        {
            "n": sums["n"],
            "now_net": sums["net_now"] / sums["n"],
            "expected": mean,
            "lower": mean - reach,
            "upper": mean + reach,
            "reach": sums["reach"] / sums["n"],
            "below": sums["below_then"] / sums["n"],
            "gone": sums["gone"] / sums["n"],
        }
    )
    return out.reset_index()


def value_tiers(
    outlook: pd.DataFrame,
    today: pd.DataFrame,
    *,
    top: float = 0.1,
    growable: float = 0.1,
    surely_below: float = 0.8,
) -> pd.DataFrame:
    """Today's customers by tier, with the probability of belonging there next year.

    Parameters
    ----------
    outlook : DataFrame
        From `outlook`, of an earlier pair of windows.
    today : DataFrame
        From `value_crossed`: today's customers by the same classes, `now`, `n` and
        `net_now`.
    top : float
        Share of customers called most valuable: those with the highest expected net.
    growable : float
        Share called most growable: of the others, those likeliest to rise above the
        threshold of the most valuable.
    surely_below : float
        A class is below zero where more than this share of it was so again.

    Returns
    -------
    DataFrame
        By class, low to high: `tier`, `now`, `customers`, `now_net` and `expected`
        per customer, and `membership`: the share of the class that went on to be what
        the tier says (above the threshold, or below zero).

    Examples
    --------
    >>> before = pd.DataFrame({"now": [0, 1, 2], "n": 100,
    ...     "now_net": [-5.0, 20.0, 90.0], "expected": [-4.0, 22.0, 80.0],
    ...     "reach": [0.0, 0.1, 0.7],
    ...     "below": [0.9, 0.0, 0.0]})
    >>> today = pd.DataFrame({"now": [0, 1, 2], "n": [10, 80, 10],
    ...                       "net_now": [-50.0, 1600.0, 1000.0]})
    >>> value_tiers(before, today)[["now", "tier", "customers", "membership"]]
       now           tier  customers  membership
    0    0     below zero         10         0.9
    1    1     in between         80         0.1
    2    2  most valuable         10         0.7
    """
    sums = today.groupby("now")[["n", "net_now"]].sum()
    table = outlook.set_index("now").join(sums, rsuffix="_today", how="inner")
    table = table.assign(customers=table["n_today"])
    table["now_net"] = table["net_now"] / table["n_today"]
    table["tier"] = _assigned(table, top, growable, surely_below)
    low = table["tier"] == BELOW_ZERO
    table["membership"] = table["reach"].where(~low, table["below"])
    names = ["tier", "customers", "now_net", "expected", "membership"]
    return table[names].reset_index()


def tier_summary(tiers: pd.DataFrame) -> pd.DataFrame:
    """Tiers with their customers, net now and expected, and mean membership.

    Parameters
    ----------
    tiers : DataFrame
        From `value_tiers`.

    Returns
    -------
    DataFrame
        One row a tier: `tier`, `customers`, `share`, per customer `now_net` and
        `expected`, `membership`.

    Examples
    --------
    >>> tiers = pd.DataFrame({"tier": ["most valuable", "in between", "in between"],
    ...     "customers": [10, 60, 30], "now_net": [90.0, 20.0, 50.0],
    ...     "expected": [80.0, 22.0, 40.0], "membership": [0.7, 0.1, 0.4]})
    >>> tier_summary(tiers)
                tier  customers  share  now_net  expected  membership
    0  most valuable         10    0.1     90.0      80.0         0.7
    1     in between         90    0.9     30.0      28.0         0.2
    """
    order = [MOST_VALUABLE, MOST_GROWABLE, STEADY, BELOW_ZERO]
    means = ["now_net", "expected", "membership"]
    weighted = tiers[means].mul(tiers["customers"], axis=0).assign(tier=tiers["tier"])
    count = tiers.groupby("tier")["customers"].sum()
    out = weighted.groupby("tier")[means].sum().div(count, axis=0)
    out.insert(0, "customers", count)
    out.insert(1, "share", count / count.sum())
    return out.reindex([t for t in order if t in out.index]).reset_index()


def below_zero_again(crossed: pd.DataFrame) -> Estimate:
    """Share of customers below zero who are so in the next window, if still here.

    Parameters
    ----------
    crossed : DataFrame
        From `value_crossed` with ``cuts=[0]`` or finer: `then` (-1 = gone), `n`,
        `below_now`, `below_then`. Classes must not mix both signs of the first
        window's net.

    Returns
    -------
    Estimate
        Wilson's interval; "%".

    Examples
    --------
    Of 50 below zero 10 left; 30 of the other 40 are below zero again:

    >>> crossed = pd.DataFrame({"then": [-1, 0, 1], "n": [10, 30, 10],
    ...     "below_now": [10, 30, 10], "below_then": [0, 30, 0]})
    >>> below_zero_again(crossed).value
    0.75
    """
    was = crossed[(crossed["below_now"] > 0) & (crossed["then"] >= 0)]
    total = int(was["n"].sum())
    if not total:
        return share_of(was, was["n"] > 0, "nobody was below zero")
    from retention.intervals import wilson

    return wilson(float(was["below_then"].sum()), total)


def regression_to_the_mean(crossed: pd.DataFrame) -> pd.DataFrame:
    """Net of this window's classes, in it and in the next.

    Parameters
    ----------
    crossed : DataFrame
        From `value_crossed`; those without money in the next window are left out.

    Returns
    -------
    DataFrame
        `now` (class), `customers`, `this_window` and `next_window`: net per customer,
        and `lower`, `upper` of the next.

    Examples
    --------
    >>> crossed = pd.DataFrame({"now": [0, 1], "then": [0, 1], "n": [100, 100],
    ...     "net_now": [1000.0, 9000.0], "net_then": [3000.0, 7000.0],
    ...     "net_then_squared": [100_000.0, 500_000.0]})
    >>> found = regression_to_the_mean(crossed)
    >>> found[["now", "customers", "this_window", "next_window"]]
       now  customers  this_window  next_window
    0    0        100         10.0         30.0
    1    1        100         90.0         70.0
    """
    kept = crossed[crossed["then"] >= 0]
    sums = kept.groupby("now")[["n", "net_now", "net_then", "net_then_squared"]].sum()
    mean = sums["net_then"] / sums["n"]
    variance = (sums["net_then_squared"] / sums["n"] - mean**2).clip(lower=0)
    reach = 1.96 * np.sqrt(variance / sums["n"])
    out = pd.DataFrame(
        {
            "customers": sums["n"],
            "this_window": sums["net_now"] / sums["n"],
            "next_window": mean,
            "lower": mean - reach,
            "upper": mean + reach,
        }
    )
    return out.reset_index()


def variance_between(classes: pd.DataFrame) -> Estimate:
    """Share of the variance of the next window's net that lies between classes.

    Parameters
    ----------
    classes : DataFrame
        From `retention.counts.class_sums`.

    Returns
    -------
    Estimate
        Eta squared, "%", jackknife.

    References
    ----------
    Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, 2nd edition:
    0.01, 0.06 and 0.14 are small, medium and large.

    Examples
    --------
    Two classes of ten, all 4 in one and all 6 in the other: everything lies between.

    >>> classes = pd.DataFrame({"class": ["cash", "growth"] * 2, "n": 5,
    ...     "bucket": ["00", "00", "01", "01"], "net_then": [20.0, 30.0] * 2,
    ...     "net_then_squared": [80.0, 180.0] * 2})
    >>> round(variance_between(classes).value, 3)
    1.0
    """
    return estimated(with_codes(classes), _eta_squared, unit="%")


def class_table(classes: pd.DataFrame) -> pd.DataFrame:
    """Life-cycle classes: `class`, `customers`, `share`, `next_net` with its interval.

    Parameters
    ----------
    classes : DataFrame
        From `retention.counts.class_sums`.

    Returns
    -------
    DataFrame
        One row a class: `class`, `customers`, `share`, `next_net` per customer with
        `lower`, `upper` (95 %).

    Examples
    --------
    >>> classes = pd.DataFrame({"class": ["cash", "value"], "n": [30, 10],
    ...     "net_then": [120.0, 90.0], "net_then_squared": [540.0, 900.0]})
    >>> class_table(classes)[["class", "customers", "share", "next_net"]]
       class  customers  share  next_net
    0  value         10   0.25       9.0
    1   cash         30   0.75       4.0
    """
    sums = classes.groupby("class")[["n", "net_then", "net_then_squared"]].sum()
    mean = sums["net_then"] / sums["n"]
    variance = (sums["net_then_squared"] / sums["n"] - mean**2).clip(lower=0)
    reach = 1.96 * np.sqrt(variance / sums["n"])
    out = pd.DataFrame({"customers": sums["n"], "share": sums["n"] / sums["n"].sum()})
    out = out.assign(next_net=mean, lower=mean - reach, upper=mean + reach)
    order = [c for c in ("value", "cash", "growth", "relationship") if c in out.index]
    return out.loc[order].reset_index()


def _assigned(table: pd.DataFrame, top: float, growable: float, surely: float):
    """Tier of each class: whole classes, so that shares are met as far as they go."""
    tier = pd.Series(STEADY, index=table.index)
    low = table["below"] > surely
    tier[low] = BELOW_ZERO
    best = _first(table[~low], "expected", top * table["customers"].sum())
    tier[best] = MOST_VALUABLE
    rest = table[tier == STEADY]
    tier[_first(rest, "reach", growable * table["customers"].sum())] = MOST_GROWABLE
    return tier


def _first(table: pd.DataFrame, by: str, customers: float):
    """Classes with the highest `by` until so many customers are in them."""
    ranked = table[table[by] > 0].sort_values(by, ascending=False, kind="stable")
    before = ranked["customers"].cumsum() - ranked["customers"]
    return ranked.index[before + ranked["customers"] / 2 <= customers]


def _eta_squared(classes: pd.DataFrame) -> float:
    sums = classes.groupby("class")[["n", "net_then", "net_then_squared"]].sum()
    n, total = sums["n"].sum(), sums["net_then"].sum()
    between = (sums["net_then"] ** 2 / sums["n"]).sum() - total**2 / n
    spread = sums["net_then_squared"].sum() - total**2 / n
    return float(between / spread) if spread > 0 else math.nan
