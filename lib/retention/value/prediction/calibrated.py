"""Whether predicted risks are as large as those that were seen."""

import math

import numpy as np
import pandas as pd

from retention.intervals import Check, Estimate, measured
from retention.survival import hazard_regression
from retention.value.prediction.error import observed_risk


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

    Examples
    --------
    >>> cells = pd.DataFrame({"time": [1, 2, 1, 2], "event": [1, 0] * 2,
    ...     "risk": [0.1, 0.1, 0.3, 0.3], "n": [12, 88, 28, 72]})
    >>> calibration(cells, horizon=1, groups=2).round(2)
       group  customers  predicted  observed  lower  upper
    0      1        100        0.1      0.12   0.07   0.20
    1      2        100        0.3      0.28   0.20   0.37
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

    Examples
    --------
    Predicted were 5 % and 40 %, and so it came:

    >>> cells = pd.DataFrame({"time": 1, "event": [1, 0] * 2,
    ...     "risk": [0.05, 0.05, 0.40, 0.40], "n": [50, 950, 400, 600]})
    >>> round(calibration_slope(cells).value, 2)
    1.0
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

    Examples
    --------
    >>> cells = pd.DataFrame({"time": 1, "event": [1, 0] * 2,
    ...     "risk": [0.05, 0.05, 0.40, 0.40], "n": [50, 950, 400, 600]})
    >>> for check in prediction_checks(cells, horizon=1):
    ...     print(check.status, check.finding)
    PASS Predicted 22.5 %, observed 22.5 % at the test landmark.
    PASS Calibration slope 1.00 (95 % CI 0.87 to 1.13).
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
