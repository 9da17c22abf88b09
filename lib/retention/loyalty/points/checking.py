"""Checks of the redemption curve: expiry reached, no drift, foretold rightly."""

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.loyalty.additive import standard_error
from retention.loyalty.points.triangle import incidence, triangle


def backtest(batches: pd.DataFrame, *, horizon: int, back: int = 6) -> pd.DataFrame:
    """Points redeemed in the last months, as foretold from what was known before.

    Parameters
    ----------
    batches : DataFrame
        As in `redemption`.
    horizon : int
        Months after which points expire.
    back : int
        Months that are foretold.

    Returns
    -------
    DataFrame
        `batch`, `open` (points at hand then), `foretold`, `redeemed`. Where no batch
        was old enough for a lag, the last known share goes on. Empty if there are
        fewer than three months before.

    Examples
    --------
    Half of what is at hand is redeemed a month later, then and now:

    >>> rows = [(b, lag, kind, points) for b in range(6) for lag, kind, points in
    ...     ((0, "earn", 100), (1, "redeem", 50)) if b + lag <= 5]
    >>> batches = pd.DataFrame(rows, columns=["batch", "lag", "kind", "points"])
    >>> backtest(batches, horizon=2, back=1).tail(2)
       batch   open  foretold  redeemed
    3      3   50.0       0.0         0
    4      4  100.0      50.0        50
    """
    last = int((batches["batch"] + batches["lag"]).max())
    cut = last - back
    known = batches[batches["batch"] + batches["lag"] <= cut]
    if known.empty or cut - known["batch"].min() < 3:
        return pd.DataFrame(columns=["batch", "open", "foretold", "redeemed"])
    rates = _rates(known.assign(bucket="all"), cut, horizon)
    rows = []
    for batch, own in batches[batches["batch"] <= cut].groupby("batch"):
        at_hand = _open(own, cut - batch)
        foretold = _ahead(at_hand, cut - batch, rates, back)
        later = own[(own["lag"] > cut - batch) & (own["kind"] == "redeem")]
        rows.append((batch, at_hand, foretold, later["points"].sum()))
    return pd.DataFrame(rows, columns=["batch", "open", "foretold", "redeemed"])


def _rates(table: pd.DataFrame, last: int, horizon: int) -> np.ndarray:
    """Share of points at hand that is redeemed at each lag, the last one held."""
    seen = min(horizon, last - int(table["batch"].min()))
    sums = triangle(table, seen, last)
    known = sums["redeem"][0] / np.maximum(sums["at_risk"][0], 1e-12)
    return np.append(known, np.repeat(known[-1], horizon - seen))


def _open(own: pd.DataFrame, age: int) -> float:
    seen = own[own["lag"] <= age]
    return float(seen["points"].where(seen["kind"] == "earn", -seen["points"]).sum())


def _ahead(at_hand: float, age: int, rates: np.ndarray, months: int) -> float:
    """Points of a batch redeemed in so many months to come."""
    kept = np.prod(1 - rates[age + 1 : age + 1 + months])
    return at_hand * (1 - kept)


def horizon_check(horizon: int, expire_after: int | None) -> Check:
    """Whether the oldest batches reached the age at which points expire."""
    name = "Points were followed until they expire"
    if expire_after is None:
        return Check(
            name,
            "REVIEW",
            f"It is not said when points expire; they were followed {horizon} months.",
            "Say so with points_expire_after under [loyalty]; until then the ultimate "
            "share is that of the oldest batch's age.",
        )
    if horizon < expire_after:
        return Check(
            name,
            "REVIEW",
            f"The oldest batch is {horizon} months old and points expire after "
            f"{expire_after}: what is redeemed later is not in the share.",
            "Read the share as a lower bound until a batch has expired.",
        )
    return Check(
        name, "PASS", f"The oldest batches passed their expiry at {horizon} months."
    )


def drift_check(table: pd.DataFrame, last: int, horizon: int) -> Check:
    """Old and young halves of the batches at the greatest lag that both reached."""
    name = "Young batches are redeemed like old ones"
    batches = np.unique(table["batch"])
    if len(batches) < 4:
        return Check(
            name,
            "REVIEW",
            f"There are {len(batches)} batches.",
            "Look again in a year.",
        )
    middle = batches[len(batches) // 2]
    lag = int(min(horizon, max((last - middle) // 2, 1)))
    young = (table["batch"] >= middle).to_numpy()
    halves = [_padded(table[part], table, lag, last) for part in (~young, young)]
    old, new = (incidence(sums)[:, -1] for sums in halves)
    gap, se = float(new[0] - old[0]), standard_error(new - old)
    finding = (
        f"After {lag} months {old[0]:.1%} of the points of the older half and "
        f"{new[0]:.1%} of the younger half were redeemed."
    )
    if abs(gap) < 0.02 or not abs(gap) > 2 * se:
        return Check(name, "PASS", finding)
    return Check(
        name, "REVIEW", finding, "Estimate from the younger batches alone too."
    )


def _padded(part, table, lag: int, last: int):
    """Triangle of some batches with every bucket in it, so that halves line up."""
    buckets = sorted(set(table["bucket"]))
    first = int(part["batch"].min())
    empty = pd.DataFrame({"bucket": buckets, "batch": first, "lag": 0, "points": 0.0})
    return triangle(pd.concat([part, empty.assign(kind="earn")]), lag, last)


def backtest_check(told: pd.DataFrame) -> Check:
    """Whether the last months' redemption was what the months before foretold."""
    name = "Redemption was foretold"
    if told.empty or told["redeemed"].sum() == 0:
        return Check(name, "REVIEW", "The records are too short to test it.", "Wait.")
    found = told["foretold"].sum() / told["redeemed"].sum()
    finding = (
        f"From what was known months earlier, {found:.1%} of what was then redeemed."
    )
    if abs(found - 1) <= 0.05:
        return Check(name, "PASS", finding)
    return Check(
        name, "REVIEW", finding, "Find out what changed: rewards, rules, season."
    )
