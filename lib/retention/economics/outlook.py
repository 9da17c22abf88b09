"""A company's stock over the next periods, and last year's forecast of today's."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from retention import counts
from retention.economics.forecast import (
    METHOD,
    StockForecast,
    against_outcome,
    stock_forecast,
)
from retention.intervals import Estimate

_SHOWN = 24  # past periods in the history


@dataclass(frozen=True, eq=False)
class Outlook:
    """Customers so far, the coming periods, and how the last forecast did.

    Attributes
    ----------
    on : date
        Last day that the forecast knows.
    history : DataFrame
        The strata, `step` (0 ends on that day), `customers`, `joined`, `left`.
    forecast : DataFrame
        As `StockForecast.table`.
    outcome : DataFrame
        The forecast made one horizon earlier beside what came; empty where the
        records are too short. Its steps count from its own day.
    horizon : int
    """

    on: dt.date
    history: pd.DataFrame = field(repr=False)
    forecast: pd.DataFrame = field(repr=False)
    outcome: pd.DataFrame = field(repr=False)
    horizon: int

    @property
    def earlier(self) -> pd.DataFrame | None:
        """The earlier forecast with its steps counted from `on`; None without one."""
        if self.outcome.empty:
            return None
        return self.outcome.assign(step=self.outcome["step"] - self.horizon)

    @property
    def at_horizon(self) -> Estimate:
        """All customers expected at the end of the horizon; of an outlook of all."""
        row = self.forecast.iloc[-1]
        today = int(self.history.loc[self.history["step"] == 0, "customers"].sum())
        ends = (row["customers"], row["lower"], row["upper"])
        return Estimate(*map(float, ends), today, METHOD, "customers")

    def changes(self, by: str = "") -> pd.DataFrame:
        """Change within the horizon: as forecast then, as it came, as forecast now.

        Parameters
        ----------
        by : str
            The stratum column of the outlook; "" for none.

        Returns
        -------
        DataFrame
            `label`, `value`, `lower`, `upper` (shares of the customers at the start)
            and `kind` ("right", or "truth" for what came), ready for
            `retention.plots.answers`.
        """
        rows = []
        for name, now in self._groups(by):
            label = f"{by.replace('_', ' ')} {name}" if by else "all customers"
            start = self._customers(by, name, 0)
            rows += self._then(by, name, label)
            if start:
                change = now[["customers", "lower", "upper"]].iloc[-1] / start - 1
                rows.append((f"{label}: forecast made now", *change, "right"))
        names = ["label", "value", "lower", "upper", "kind"]
        return pd.DataFrame(rows, columns=names)

    def scored(self, by: str = "") -> pd.DataFrame:
        """Earlier forecast of the last period beside what came, by group.

        Returns
        -------
        DataFrame
            `group`, `forecast`, `lower`, `upper`, `came`, `error` (share of what
            came) and `inside` (whether the interval held it).
        """
        last = self.outcome[self.outcome["step"] == self.outcome["step"].max()]
        group = last[by].astype(str) if by else "all customers"
        shown = last.assign(group=group).rename(columns={"customers": "forecast"})
        names = ["group", "forecast", "lower", "upper", "came", "error", "inside"]
        whole = dict.fromkeys(["forecast", "lower", "upper"], "int64")
        shown = shown[names].round({"forecast": 0, "lower": 0, "upper": 0})
        return shown.astype(whole).reset_index(drop=True)

    def _groups(self, by: str):
        if not by:
            return [("", self.forecast)]
        return list(self.forecast.groupby(by, sort=True))

    def _customers(self, by: str, name, step: int) -> int:
        past = self.history[self.history["step"] == step]
        past = past[past[by] == name] if by else past
        return int(past["customers"].sum())

    def _then(self, by: str, name, label: str) -> list[tuple]:
        made = self.outcome
        if len(made) and by:
            made = made[made[by] == name]
        start = self._customers(by, name, -self.horizon)
        if made.empty or not start:
            return []
        last = made.iloc[-1]
        told = last[["customers", "lower", "upper"]].astype(float) / start - 1
        no = float("nan")
        return [
            (f"{label}: forecast made then", *told, "right"),
            (f"{label}: what came", last["came"] / start - 1, no, no, "truth"),
        ]


def outlook(
    company,
    *,
    horizon: int = 12,
    look_back: int = 24,
    by: Sequence[str] = (),
    study: str = "leaky_bucket",
) -> Outlook | None:
    """Forecast of a company's customers, and the forecast of one horizon ago.

    Parameters
    ----------
    company : Company
        One that brings dates.
    horizon : int
        Periods ahead.
    look_back : int
        Months whose staying is taken for the future; inflow is that of the last
        `horizon` periods.
    by : sequence of str
        Columns of the customers table; each group is forecast by itself.
    study : str
        Whose population is counted.

    Returns
    -------
    Outlook or None
        None where nobody is a customer any more or nobody was observed for a whole
        period. Forecasts begin at the end of the last whole month on record.

    Examples
    --------
    >>> from retention import economics
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> ahead = economics.outlook(company, horizon=3).forecast
    >>> ahead[["step", "customers", "lower", "upper"]].round()
       step  customers    lower    upper
    0     1    12281.0  12232.0  12329.0
    1     2    12331.0  12259.0  12404.0
    2     3    12381.0  12287.0  12474.0
    """
    on = counts.last_month_end(company.tenure_to)
    made = _made(company, on, horizon, look_back, by, study)
    if made is None:
        return None
    before = counts.period_ends(on, company.time_unit, [-horizon])[0]
    before = counts.last_month_end(before)
    history = _history(company, on, range(1 - _SHOWN, 1), by, study)
    old = None
    if _early_enough(company, before):
        old = _made(company, before, horizon, look_back, by, study)
    outcome = pd.DataFrame()
    if old is not None:
        came = counts.stock_history(
            company, before, steps=range(1, horizon + 1), by=by, study=study
        )
        outcome = against_outcome(old, came, by=by)
    return Outlook(on, history, made.table, outcome, horizon)


def _made(company, on, horizon, look_back, by, study) -> StockForecast | None:
    ages = counts.stock_ages(company, on, by=by, study=study)
    stayed = counts.recent_tenure(company, on, months=look_back, by=by, study=study)
    if ages.empty or stayed.empty:
        return None
    history = _history(company, on, range(1 - 2 * horizon, 1), by, study)
    return stock_forecast(stayed, ages, history, horizon=horizon, by=by)


def _history(company, on, steps, by, study) -> pd.DataFrame:
    """History of the periods that were on record from their first day."""
    history = counts.stock_history(company, on, steps=steps, by=by, study=study)
    seen = pd.Series(True, history.index)
    if company.observed_from is not None:
        days = counts.period_ends(on, company.time_unit, [s - 1 for s in steps])
        whole = {s for s, d in zip(steps, days, strict=True) if _after(company, d)}
        seen = history["step"].isin(whole | {0})
    return history[seen].reset_index(drop=True)


def _after(company, day: dt.date) -> bool:
    return day + dt.timedelta(days=1) >= company.observed_from


def _early_enough(company, before: dt.date) -> bool:
    """Whether half a year was on record before the earlier forecast's day."""
    first = company.observed_from
    return first is None or (before - first).days >= 180
