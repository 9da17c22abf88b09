"""How many customers there will be: today's who stay and those still to join."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.survival.curves.risk_sets import (
    RiskSets,
    risk_sets,
    supported_period,
)

METHOD = (
    "stock by age through its own survival, inflow as in the last periods; 95 % "
    "prediction interval: who leaves and joins, both rates estimated, inflow moving"
)
_NORMAL = 1.959964
# A stratum with fewer losses has no survival of its own.
FEWEST_LOSSES = 20


@dataclass(frozen=True, eq=False)
class StockForecast:
    """Customers at the end of each of the coming periods.

    Attributes
    ----------
    table : DataFrame
        The strata, `step` (1, 2, ...), `customers` (expected at its end), `lower`,
        `upper` (95 % prediction interval), and `of_today` (those of them who are
        customers today).
    inflow : DataFrame
        The strata and `joined`, the customers expected to join in each period.
    """

    table: pd.DataFrame = field(repr=False)
    inflow: pd.DataFrame = field(repr=False)


def stock_forecast(
    tenure: pd.DataFrame,
    ages: pd.DataFrame,
    history: pd.DataFrame,
    *,
    horizon: int = 12,
    by: Sequence[str] = (),
) -> StockForecast:
    """Customers over the next periods, from survival and inflow, with intervals.

    Parameters
    ----------
    tenure : DataFrame
        Tenure table with the strata: how customers stay.
    ages : DataFrame
        Today's customers: the strata, `age` (completed periods) and `n`.
    history : DataFrame
        The strata, `step` (0 is the period that ends today), `joined` and `lived`,
        from `retention.counts.stock_history`. Inflow is the mean of the last
        `horizon` periods; earlier ones show how far such a mean has moved.
    horizon : int
        Periods ahead.
    by : sequence of str
        Strata; each is forecast by its own survival and inflow.

    Returns
    -------
    StockForecast
        The interval allows for chance in who leaves and who joins (as much as the
        inflow moved between the periods, and never less than a Poisson number), and
        for the error in the estimated survival (Greenwood) and mean inflow. It does
        not allow for a change of either.

        A stratum in which fewer than 20 left takes the survival of all strata.

    Examples
    --------
    A hundred new customers of whom a tenth leaves in each period, nobody joins:

    >>> tenure = pd.DataFrame({
    ...     "entry": 0, "duration": [1, 2, 2], "event": [1, 1, 0], "n": [10, 9, 81]})
    >>> ages = pd.DataFrame({"age": [0], "n": [100]})
    >>> none = pd.DataFrame({"step": [-1, 0], "joined": [0, 0], "lived": [1.0, 1.0]})
    >>> found = stock_forecast(tenure, ages, none, horizon=2).table
    >>> found["customers"].round(6).tolist()
    [90.0, 81.0]
    """
    tables, inflows = [], []
    for name, here in _strata(ages, by):
        stayed = _chosen(tenure, by, name)
        past = _chosen(history, by, name)
        past = past[past["step"] <= 0]
        if stayed.loc[stayed["event"] == 1, "n"].sum() < FEWEST_LOSSES:
            stayed = tenure
        table = _forecast(stayed, here, past, horizon)
        joined = pd.DataFrame({"joined": [past["joined"].iloc[-horizon:].mean()]})
        for place, (column, value) in enumerate(zip(by, name, strict=True)):
            table.insert(place, column, value)
            joined.insert(place, column, value)
        tables.append(table)
        inflows.append(joined)
    return StockForecast(
        pd.concat(tables, ignore_index=True), pd.concat(inflows, ignore_index=True)
    )


def against_outcome(
    forecast: StockForecast, history: pd.DataFrame, *, by: Sequence[str] = ()
) -> pd.DataFrame:
    """A forecast made earlier beside what came.

    Parameters
    ----------
    forecast : StockForecast
        Made with nothing known after its day.
    history : DataFrame
        From `retention.counts.stock_history` around the same day.
    by : sequence of str

    Returns
    -------
    DataFrame
        The forecast's table with `came` (customers then), `error` (expected less
        came, as a share of what came) and `inside` (whether the interval held it).

    Examples
    --------
    >>> import pandas as pd
    >>> from retention.economics import StockForecast
    >>> table = pd.DataFrame({"step": [1, 2], "customers": [90.0, 80.0],
    ...                       "lower": [85.0, 70.0], "upper": [95.0, 90.0]})
    >>> forecast = StockForecast(table, pd.DataFrame({"joined": [0.0]}))
    >>> history = pd.DataFrame({"step": [0, 1, 2], "customers": [100, 93, 100]})
    >>> against_outcome(forecast, history)[["step", "came", "error", "inside"]]
       step  came     error  inside
    0     1    93 -0.032258    True
    1     2   100 -0.200000   False
    """
    came = history.loc[history["step"] > 0, [*by, "step", "customers"]]
    both = forecast.table.merge(
        came.rename(columns={"customers": "came"}), on=[*by, "step"], how="inner"
    )
    error = both["customers"] / both["came"].where(both["came"] > 0) - 1
    inside = (both["lower"] <= both["came"]) & (both["came"] <= both["upper"])
    return both.assign(error=error, inside=inside)


def forecast_check(outcome: pd.DataFrame | None) -> Check:
    """Whether the last forecast held what came.

    Parameters
    ----------
    outcome : DataFrame or None
        From :func:`against_outcome`, all strata that were forecast; None where the
        records are too short for one.

    Returns
    -------
    Check
        PASS if at least four fifths of the last period's intervals held what came.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import economics
    >>> outcome = pd.DataFrame({"step": [1, 2], "customers": [90.0, 80.0],
    ...                         "lower": [85.0, 70.0], "upper": [95.0, 90.0],
    ...                         "came": [93, 84], "error": [-0.032, -0.048],
    ...                         "inside": [True, True]})
    >>> check = economics.forecast_check(outcome)
    >>> check.status, check.finding.split("; ")[1]
    ('PASS', 'the largest error was 4.8 %.')
    """
    name = "Last year's forecast held what came"
    if outcome is None or outcome.empty:
        return Check(
            name,
            "REVIEW",
            "The records are too short to forecast a period that is over.",
            "Read the forecast's interval as a lower bound of what is not known.",
        )
    last = outcome[outcome["step"] == outcome["step"].max()]
    held, worst = int(last["inside"].sum()), last["error"].abs().max()
    finding = (
        f"{held} of {len(last)} intervals for the last period held what came; the "
        f"largest error was {100 * worst:.1f} %."
    )
    if held >= 0.8 * len(last):
        return Check(name, "PASS", finding)
    return Check(
        name,
        "REVIEW",
        finding,
        "Joining or leaving has changed since: forecast from a shorter past, or plan "
        "with the range of the errors instead of the interval.",
    )


def _strata(ages: pd.DataFrame, by: Sequence[str]):
    if not by:
        return [((), ages)]
    return list(ages.groupby(list(by), sort=True))


def _chosen(table: pd.DataFrame, by: Sequence[str], name: tuple) -> pd.DataFrame:
    for column, value in zip(by, name, strict=True):
        table = table[table[column] == value]
    return table


def _forecast(tenure, ages, past, horizon: int) -> pd.DataFrame:
    sets = risk_sets(tenure)
    tail = supported_period(sets) or int(sets.last[0])
    pooled = slice(max(tail - horizon, 0) + 1, tail + 1)
    stay = _stay(sets, tail, pooled, int(ages["age"].max()) + horizon + 1)
    inflow, spread, moved = _inflow(past["joined"], horizon)
    lived = _lived(past)
    rows = []
    for step in range(1, horizon + 1):
        kept = _kept(stay, ages["age"].to_numpy(int), step)
        new = _new(stay, step, lived)
        of_today = float(kept @ ages["n"].to_numpy(float))
        expected = of_today + inflow * new.sum()
        chance = float((kept * (1 - kept)) @ ages["n"].to_numpy(float))
        chance += float(np.sum(new**2 * spread + inflow * new * (1 - new)))
        mean_inflow = moved * new.sum() ** 2
        slopes = _slopes(stay, ages, inflow, step, lived)
        error = _survival_variance(sets, slopes, pooled)
        reach = _NORMAL * math.sqrt(chance + mean_inflow + error)
        rows.append(
            (step, expected, max(expected - reach, 0.0), expected + reach, of_today)
        )
    names = ["step", "customers", "lower", "upper", "of_today"]
    return pd.DataFrame(rows, columns=names)


def _inflow(joined: pd.Series, horizon: int) -> tuple[float, float, float]:
    """Mean inflow, its variance between periods, and that of the coming mean."""
    recent, before = joined.iloc[-horizon:], joined.iloc[:-horizon]
    mean = float(recent.mean())
    spread = max(float(recent.var(ddof=1)) if len(recent) > 1 else 0.0, mean)
    move = mean - float(before.mean()) if len(before) >= horizon / 2 else 0.0
    return mean, spread, spread / len(recent) + move**2


def _stay(sets: RiskSets, tail: int, pooled: slice, last: int) -> np.ndarray:
    """Share staying through each period, beyond the tail the pooled one."""
    at_risk, events = sets.at_risk[0, pooled].sum(), sets.events[0, pooled].sum()
    stay = np.full(last + 1, 1 - events / max(at_risk, 1))
    observed = min(tail + 1, len(stay))
    stay[:observed] = 1 - sets.hazard[0, :observed]
    stay[0] = 1.0
    return stay


def _kept(stay: np.ndarray, ages: np.ndarray, step: int) -> np.ndarray:
    return np.array([stay[age + 1 : age + step + 1].prod() for age in ages])


def _lived(past: pd.DataFrame) -> float:
    """Mean share of the joining period that is over when it ends."""
    joined = past["joined"].sum()
    return float((past["joined"] * past["lived"]).sum() / joined) if joined else 1.0


def _new(stay: np.ndarray, step: int, lived: float) -> np.ndarray:
    """Share of those joining in periods 1 ... step who are here at its end."""
    survival = np.cumprod(stay)
    whole = np.arange(step - 1, -1, -1)
    return survival[whole] ** (1 - lived) * survival[whole + 1] ** lived


def _slopes(stay, ages, inflow: float, step: int, lived: float) -> np.ndarray:
    """Derivative of the expected customers by the log of each share staying."""
    slopes = np.zeros(len(stay))
    kept = _kept(stay, ages["age"].to_numpy(int), step) * ages["n"].to_numpy(float)
    for age, weight in zip(ages["age"].to_numpy(int), kept, strict=True):
        slopes[age + 1 : age + step + 1] += weight
    for whole, share in zip(
        range(step - 1, -1, -1), inflow * _new(stay, step, lived), strict=True
    ):
        slopes[1 : whole + 1] += share
        slopes[whole + 1] += lived * share
    return slopes


def _survival_variance(sets: RiskSets, slopes: np.ndarray, pooled: slice) -> float:
    """Greenwood's terms by squared slopes; beyond the tail the pooled periods'."""
    terms = np.where(np.isfinite(sets.log_survival_variance[0]), 1.0, 0.0)
    terms = np.nan_to_num(sets.log_survival_variance[0] * terms, posinf=0.0)
    tail = pooled.stop - 1
    own = np.zeros(len(terms))
    own[: len(slopes[: tail + 1])] = slopes[: tail + 1]
    # The pooled share staying is itself a function of the pooled periods' shares.
    here = (sets.at_risk - sets.events)[0, pooled].astype(float)
    own[pooled] += slopes[tail + 1 :].sum() * here / max(here.sum(), 1)
    return float(np.sum(own**2 * terms))
