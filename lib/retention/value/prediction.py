"""How good a predicted risk was: Brier score, calibration, lift."""

import math

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, measured
from retention.survival import hazard_regression
from retention.value.unevenness import estimated, with_codes


def brier(cells: pd.DataFrame, *, horizon: int) -> float:
    """Mean squared error of predicted risks, allowing for ends of follow-up.

    Parameters
    ----------
    cells : DataFrame
        `time` (periods after the landmark of the event or of the end of follow-up),
        `event` (1 = the event), `risk` (predicted at the horizon) and `n`.
    horizon : int

    Returns
    -------
    float
        Weighted by the inverse of the chance of being followed so long: events by
        the horizon by G(time-), those without one beyond it by G(horizon).

    References
    ----------
    Graf, Schmoor, Sauerbrei & Schumacher (1999), "Assessment and comparison of
    prognostic classification schemes for survival data", Statistics in Medicine 18,
    2529-2545.

    Examples
    --------
    >>> two = pd.DataFrame({"time": [1, 3], "event": [1, 0], "risk": [0.5, 0.5],
    ...                     "n": [1, 1]})
    >>> brier(two, horizon=2)
    0.25
    """
    time, event = cells["time"].to_numpy(float), cells["event"].to_numpy()
    n, risk = cells["n"].to_numpy(float), cells["risk"].to_numpy(float)
    followed = followed_at(cells)
    by_then = (time <= horizon) & (event == 1)
    beyond = time > horizon
    loss = n * by_then * (1 - risk) ** 2 / followed(time, before=True)
    loss = loss + n * beyond * risk**2 / followed(np.full(len(time), horizon))
    return float(loss.sum() / n.sum())


def followed_at(cells: pd.DataFrame):
    """Kaplan-Meier chance of still being followed, as a function of time.

    Events at a time come before the ends of follow-up at the same time.
    """
    time, n = cells["time"].to_numpy(int), cells["n"].to_numpy(float)
    event = cells["event"].to_numpy(float)
    gone = np.bincount(time, n * event)
    ended = np.bincount(time, n * (1 - event))
    at_risk = (gone + ended)[::-1].cumsum()[::-1] - gone
    stay = np.cumprod(1 - ended / np.where(at_risk > 0, at_risk, 1))
    times, curve = np.arange(len(stay)), np.append(1.0, stay)

    def at(when: np.ndarray, *, before: bool = False) -> np.ndarray:
        place = np.searchsorted(times, when, side="left" if before else "right")
        return np.maximum(curve[place], 1e-12)

    return at


def scaled_brier(cells: pd.DataFrame, *, horizon: int) -> Estimate:
    """One minus the Brier score over that of one risk for all; 0 = learnt nothing.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`, with `bucket`.
    horizon : int

    Returns
    -------
    Estimate
        "%", jackknife.
    """

    def gain(part: pd.DataFrame) -> float:
        same = part.assign(risk=observed_risk(part, horizon=horizon))
        return 1 - brier(part, horizon=horizon) / brier(same, horizon=horizon)

    names = ["time", "event", "risk", "n", "bucket"]
    return estimated(with_codes(cells[names]), gain, unit="%")


def observed_risk(cells: pd.DataFrame, *, horizon: int) -> float:
    """Share with the event by the horizon (Kaplan-Meier: others may drop out)."""
    time, n = cells["time"].to_numpy(int), cells["n"].to_numpy(float)
    gone = np.bincount(time, n * cells["event"].to_numpy())
    at_risk = np.bincount(time, n)[::-1].cumsum()[::-1]
    kept = 1 - gone / np.maximum(at_risk, 1e-12)
    return float(1 - kept[: horizon + 1].prod())


def calibration(cells: pd.DataFrame, *, horizon: int, groups: int = 10) -> pd.DataFrame:
    """Predicted and observed risk in groups of rising predicted risk.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`.
    horizon, groups : int

    Returns
    -------
    DataFrame
        `group` (1 = lowest), `customers`, `predicted` (mean), `observed`
        (Kaplan-Meier) with `lower`, `upper` (Wilson's at the effective number).
    """
    from retention.intervals import wilson

    ranked = cells.sort_values("risk", kind="stable", ignore_index=True)
    middle = ranked["n"].cumsum() - ranked["n"] / 2
    group = np.minimum((middle / ranked["n"].sum() * groups).astype(int) + 1, groups)
    rows = []
    for number, part in ranked.groupby(group):
        n = int(part["n"].sum())
        observed = observed_risk(part, horizon=horizon)
        bounds = wilson(observed * n, n)
        predicted = float(np.average(part["risk"], weights=part["n"]))
        rows.append((number, n, predicted, observed, bounds.lower, bounds.upper))
    names = ["group", "customers", "predicted", "observed", "lower", "upper"]
    return pd.DataFrame(rows, columns=names)


def calibration_slope(cells: pd.DataFrame) -> Estimate:
    """How much observed risk moves with predicted risk; 1 = just as much.

    Parameters
    ----------
    cells : DataFrame
        `time`, `event`, `risk`, `n`.

    Returns
    -------
    Estimate
        Coefficient of log(-log(1 - risk)) in a complementary log-log regression of
        the outcome by period. Below 1 the predictions are too extreme.
    """
    risk = cells["risk"].clip(1e-9, 1 - 1e-9)
    # A hundred steps of the predictor keep the table small and the slope the same.
    predictor = np.log(-np.log1p(-risk)).round(2)
    tenure = pd.DataFrame(
        {
            "predictor": predictor,
            "entry": 0,
            "duration": cells["time"].astype(int),
            "event": cells["event"],
            "n": cells["n"],
        }
    )
    from retention.counts import periods

    keys = ["predictor", "entry", "duration", "event"]
    summed = tenure.groupby(keys, as_index=False)["n"].sum()
    fit = hazard_regression(periods(summed, by=["predictor"]), ["predictor"])
    row = fit.table.iloc[0]
    n = int(cells["n"].sum())
    return measured(row["coef"], row["se"], n, method="calibration regression")


def lift(cells: pd.DataFrame, *, capacity: int, horizon: int) -> dict[str, Estimate]:
    """What calling the riskiest would have met, had so many been called.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`, with `bucket`.
    capacity : int
        Customers who can be called; all of them where there are fewer.
    horizon : int

    Returns
    -------
    dict
        "precision" (share of those called who left), "captured" (share of all leavers
        who were among them) and "lift" (precision over the risk of all), each with a
        jackknife interval. Cells of equal risk at the edge are called in part.
    """
    share = min(capacity / cells["n"].sum(), 1.0)
    names = ["time", "event", "risk", "n", "bucket"]
    ordered = cells[names].sort_values("risk", ascending=False, kind="stable")
    coded = with_codes(ordered)
    coded["gone"] = coded["n"] * coded["event"] * (coded["time"] <= horizon)

    def called(part: pd.DataFrame) -> tuple[float, float, float]:
        n, gone = part["n"].to_numpy(float), part["gone"].to_numpy(float)
        before = n.cumsum() - n
        taken = np.clip((share * n.sum() - before) / n, 0, 1)
        return (taken * gone).sum(), (taken * n).sum(), gone.sum()

    def precision(part: pd.DataFrame) -> float:
        hit, many, _ = called(part)
        return hit / many

    def captured(part: pd.DataFrame) -> float:
        hit, _, all_gone = called(part)
        return hit / all_gone if all_gone else math.nan

    def gain(part: pd.DataFrame) -> float:
        hit, many, all_gone = called(part)
        return (hit / many) / (all_gone / part["n"].sum()) if all_gone else math.nan

    return {
        "precision": estimated(coded, precision, unit="%"),
        "captured": estimated(coded, captured, unit="%"),
        "lift": estimated(coded, gain, unit="times"),
    }


def gains(cells: pd.DataFrame, *, horizon: int) -> pd.DataFrame:
    """Share of leavers found by the share of customers called, riskiest first.

    Parameters
    ----------
    cells : DataFrame
        As in `brier`.
    horizon : int

    Returns
    -------
    DataFrame
        `called` and `found`, both 0 to 1.
    """
    ranked = cells.sort_values("risk", ascending=False, kind="stable")
    gone = ranked["n"] * ranked["event"] * (ranked["time"] <= horizon)
    sums = pd.DataFrame({"n": ranked["n"], "gone": gone})
    sums = sums.groupby(ranked["risk"].round(4), sort=False).sum().cumsum()
    called = np.append(0.0, sums["n"] / sums["n"].iloc[-1])
    found = np.append(0.0, sums["gone"] / max(sums["gone"].iloc[-1], 1))
    return pd.DataFrame({"called": called, "found": found})


def prediction_checks(cells: pd.DataFrame, *, horizon: int) -> list[Check]:
    """Whether risks learnt on earlier landmarks held at a later one.

    Parameters
    ----------
    cells : DataFrame
        The test landmark, as in `brier`.
    horizon : int

    Returns
    -------
    list of Check
        Calibration in the large (within 10 % PASS, within 25 % REVIEW) and the slope
        (interval meets 0.9 to 1.1 PASS, 0.7 to 1.3 REVIEW).
    """
    predicted = float(np.average(cells["risk"], weights=cells["n"]))
    seen = observed_risk(cells, horizon=horizon)
    ratio = predicted / seen if seen else math.inf
    slope = calibration_slope(cells)
    return [
        Check(
            "Predicted risk is right on average",
            _graded(abs(math.log(ratio)) if ratio > 0 else math.inf, 0.095, 0.223),
            f"Predicted {100 * predicted:.1f} %, observed {100 * seen:.1f} % at the "
            "test landmark.",
            ""
            if abs(ratio - 1) <= 0.1
            else "Times have changed: learn on later months.",
        ),
        Check(
            "Risk moves as much as predicted",
            _slope_status(slope),
            f"Calibration slope {slope.text}.",
            ""
            if _slope_status(slope) == "PASS"
            else "Use the order of the customers, not the size of their risk.",
        ),
    ]


def _graded(distance: float, passes: float, review: float) -> str:
    return "PASS" if distance <= passes else "REVIEW" if distance <= review else "FAIL"


def _slope_status(slope: Estimate) -> str:
    for status, low, high in (("PASS", 0.9, 1.1), ("REVIEW", 0.7, 1.3)):
        if slope.lower <= high and slope.upper >= low and slope.value >= low - 0.2:
            return status
    return "FAIL"
