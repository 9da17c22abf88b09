"""Ultimate redemption of points, from batches of which the young are open."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from retention.counts.points import month_name
from retention.intervals import Check, Estimate
from retention.loyalty.additive import estimated
from retention.loyalty.points.checking import (
    backtest,
    backtest_check,
    drift_check,
    horizon_check,
)
from retention.loyalty.points.triangle import KINDS, incidence, triangle

_METHOD = "Aalen-Johansen over batches, jackknife over buckets of customers"


@dataclass(frozen=True, eq=False)
class Redemption:
    """Ultimate redemption of points.

    Attributes
    ----------
    estimate : Estimate
        Share of points ever redeemed, with a jackknife interval over customers; its
        n is the number of points earned.
    breakage : Estimate
        One minus it: points that will never be asked for.
    to_date : Estimate
        Redeemed over earned so far: the naive share, too low while batches are open.
    curve : DataFrame
        `lag`, `at_risk`, `redeemed`, `expired` (points), `share` redeemed by then,
        `lower`, `upper`.
    by_batch : DataFrame
        `batch`, `age`, `earned`, `redeemed`, `expired`, `open`, `to_date` (share),
        `ultimate` (share expected in the end).
    horizon : int
        Months after which points expire, or the longest lag observed.
    checks : list of Check
    summary : str
    replicates : Series
        Index "" for all customers, then each bucket left out: the estimate.
    """

    estimate: Estimate
    breakage: Estimate
    to_date: Estimate
    curve: pd.DataFrame
    by_batch: pd.DataFrame
    horizon: int
    checks: list[Check]
    summary: str
    replicates: pd.Series


def redemption(
    batches: pd.DataFrame, *, expire_after: int | None = None, back: int = 6
) -> Redemption:
    """Share of points that will ever be redeemed, from open and closed batches.

    At each lag the points still at hand of all batches old enough to be seen there
    are at risk; the shares multiply up as in the Aalen-Johansen estimator, redemption
    and expiry competing. With expiry only at the end this is Kaplan-Meier and the
    chain ladder of an actuary.

    Parameters
    ----------
    batches : DataFrame
        From `retention.counts.point_batches`, with buckets.
    expire_after : int, optional
        Months after which points expire.
    back : int
        Months by which the backtest goes back.

    Returns
    -------
    Redemption

    Raises
    ------
    ValueError
        If no points were earned, or more were taken out than came in.

    Examples
    --------
    Two batches of 100 points. The old one lost 50 and then 20 to redemption, the
    young one 40 so far; points die after two months.

    >>> rows = [(0, 0, "earn", 100), (0, 1, "redeem", 50), (0, 2, "redeem", 20),
    ...         (0, 2, "expire", 30), (1, 0, "earn", 100), (1, 1, "redeem", 40)]
    >>> table = pd.DataFrame(rows, columns=["batch", "lag", "kind", "points"])
    >>> round(redemption(table, expire_after=2).estimate.value, 4)
    0.67
    """
    table = batches if "bucket" in batches else batches.assign(bucket="all")
    _consistent(table)
    last = int((table["batch"] + table["lag"]).max())
    oldest = last - int(table["batch"].min())
    horizon = min(expire_after or oldest, oldest)
    sums = triangle(table, horizon, last)
    share = incidence(sums)
    n = int(table.loc[table["kind"] == "earn", "points"].sum())
    ultimate = estimated(share[:, -1], n=n, unit="%", method=_METHOD)
    to_date = _to_date(table, n)
    checks = [
        horizon_check(horizon, expire_after),
        drift_check(table, last, horizon),
        backtest_check(backtest(table, horizon=horizon, back=back)),
    ]
    return Redemption(
        ultimate,
        _rest(ultimate),
        to_date,
        _curve(sums, share, n),
        _by_batch(table, share[0], last, horizon),
        horizon,
        checks,
        f"{ultimate.text} of points will be redeemed in the end; redeemed over earned "
        f"to date is {to_date.value_text}, because young batches are still open.",
        pd.Series(share[:, -1], ["", *sorted(set(table["bucket"]))]),
    )


def _to_date(table: pd.DataFrame, n: int) -> Estimate:
    wide = table.pivot_table(
        index="bucket", columns="kind", values="points", aggfunc="sum", fill_value=0.0
    ).reindex(columns=list(KINDS), fill_value=0.0)
    whole = wide.sum()
    spent = np.append(whole["redeem"], whole["redeem"] - wide["redeem"])
    earned = np.append(whole["earn"], whole["earn"] - wide["earn"])
    with np.errstate(invalid="ignore"):
        return estimated(spent / earned, n=n, unit="%")


def _consistent(table: pd.DataFrame) -> None:
    total = table.groupby("kind")["points"].sum().reindex(KINDS, fill_value=0.0)
    if total["earn"] <= 0:
        raise ValueError("No points were earned: there is nothing to redeem.")
    if total["redeem"] + total["expire"] > total["earn"]:
        raise ValueError(
            f"{total['redeem'] + total['expire']:,.0f} points were taken out and "
            f"{total['earn']:,.0f} earned: bring all earn rows."
        )


def _curve(sums: dict[str, np.ndarray], share: np.ndarray, n: int) -> pd.DataFrame:
    found = [estimated(column, n=n) for column in share.T]
    return pd.DataFrame(
        {
            "lag": np.arange(share.shape[1]),
            "at_risk": sums["at_risk"][0],
            "redeemed": sums["redeem"][0],
            "expired": sums["expire"][0],
            "share": [e.value for e in found],
            "lower": [e.lower for e in found],
            "upper": [e.upper for e in found],
        }
    )


def _by_batch(table, share: np.ndarray, last: int, horizon: int) -> pd.DataFrame:
    points = table.pivot_table(
        index="batch", columns="kind", values="points", aggfunc="sum", fill_value=0.0
    ).reindex(columns=list(KINDS), fill_value=0.0)
    points = points[points["earn"] > 0]
    earn, redeem, expire = (points[kind].to_numpy() for kind in KINDS)
    age = last - points.index.to_numpy()
    at = share[np.minimum(age, horizon)]
    at_hand = earn - redeem - expire
    to_come = np.where(
        age >= horizon, 0.0, (share[-1] - at) / np.maximum(1 - at, 1e-12)
    )
    return pd.DataFrame(
        {
            "batch": [month_name(b) for b in points.index],
            "age": age,
            "earned": earn,
            "redeemed": redeem,
            "expired": expire,
            "open": at_hand,
            "to_date": redeem / earn,
            "ultimate": (redeem + at_hand * to_come) / earn,
        }
    )


def _rest(share: Estimate) -> Estimate:
    bounds = (1 - share.upper, 1 - share.lower)
    return Estimate(
        1 - share.value, *bounds, share.n, share.method, "%", share.se, share.confidence
    )
