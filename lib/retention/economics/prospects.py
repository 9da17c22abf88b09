"""Prospects worked on: how many are won, given up or open, and what a win costs."""

import math
from dataclasses import dataclass, field

import pandas as pd

from retention.intervals import Estimate, measured
from retention.survival import aalen_johansen, naive_cause_curve


@dataclass(frozen=True, eq=False)
class Prospects:
    """What became of the leads.

    Attributes
    ----------
    table : DataFrame
        `cause` (won, abandoned), `time`, `incidence`, `lower`, `upper`, ... as
        `retention.survival.aalen_johansen` gives them.
    abandoned, won : Estimate or str
        Share by the horizon; a text says why there is none.
    abandoned_in_the_end : Estimate or str
        Share by the last period with 50 leads still open.
    naive : DataFrame
        `quoted`, `share` and `why`: numbers that a sales report shows.
    horizon, last : int
    time_unit : str
    n : int
        Leads.
    cost_per_win : float
        All that the leads cost, over those won so far; missing without costs.
    """

    table: pd.DataFrame = field(repr=False)
    abandoned: Estimate | str
    won: Estimate | str
    abandoned_in_the_end: Estimate | str
    naive: pd.DataFrame = field(repr=False)
    horizon: int
    last: int
    time_unit: str
    n: int
    cost_per_win: float

    @property
    def summary(self) -> str:
        """The answer in one sentence."""
        if isinstance(self.abandoned, str):
            return self.abandoned
        won = self.won.text if isinstance(self.won, Estimate) else "None"
        return (
            f"Within {self.horizon} {self.time_unit}s of opening, "
            f"{self.abandoned.text} of the leads are given up and {won} are won "
            f"(n = {self.n:,})."
        )


def prospects(
    leads: pd.DataFrame, *, horizon: int = 12, time_unit: str = "month"
) -> Prospects:
    """Competing outcomes of leads, open ones counted as undecided.

    Parameters
    ----------
    leads : DataFrame
        From `retention.counts.lead_outcomes`, of one stratum.
    horizon : int
        Periods after opening.
    time_unit : str
        One period, for the words.

    Returns
    -------
    Prospects

    Examples
    --------
    >>> leads = pd.DataFrame({
    ...     "entry": 0, "duration": [1, 1, 2, 2], "event": [1, 1, 1, 0],
    ...     "cause": ["won", "abandoned", "abandoned", ""], "n": [20, 30, 25, 25],
    ...     "cost": [200.0, 300.0, 500.0, 500.0]})
    >>> found = prospects(leads, horizon=2)
    >>> round(found.abandoned.value, 3), found.cost_per_win
    (0.55, 75.0)
    """
    n = int(leads["n"].sum())
    seen = leads[leads["duration"] > leads["entry"]]
    closed = leads[leads["event"] == 1]
    won = int(closed.loc[closed["cause"] == "won", "n"].sum())
    cost = leads["cost"].sum(min_count=1)
    table = aalen_johansen(seen) if len(seen[seen["event"] == 1]) else pd.DataFrame()
    last = _last(table)
    return Prospects(
        table=table,
        abandoned=_share(table, "abandoned", horizon, n),
        won=_share(table, "won", horizon, n),
        abandoned_in_the_end=_share(table, "abandoned", last, n),
        naive=_naive(leads, seen, horizon),
        horizon=horizon,
        last=last,
        time_unit=time_unit,
        n=n,
        cost_per_win=float(cost / won) if won and cost > 0 else math.nan,
    )


def cost_per_win(leads: pd.DataFrame, by: str) -> pd.DataFrame:
    """Leads, outcomes and cost of a win in each group.

    Parameters
    ----------
    leads : DataFrame
        From `retention.counts.lead_outcomes` with the stratum.
    by : str

    Returns
    -------
    DataFrame
        The group, `leads`, `won`, `abandoned`, `open`, `cost` (of all of them) and
        `cost_per_win`: what was spent on those given up or open is part of the price
        of those won.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import economics
    >>> leads = pd.DataFrame({
    ...     "source": ["ads", "ads", "rep"], "event": 1, "n": [20, 30, 25],
    ...     "cause": ["won", "abandoned", "won"], "cost": [200.0, 300.0, 500.0]})
    >>> economics.cost_per_win(leads, "source")
      source  leads  won  abandoned  open   cost  cost_per_win
    0    ads     50   20         30     0  500.0          25.0
    1    rep     25   25          0     0  500.0          20.0
    """
    counts = leads.assign(cause=leads["cause"].replace("", "open"))
    wide = counts.pivot_table(
        index=by, columns="cause", values="n", aggfunc="sum", fill_value=0
    )
    wide = wide.reindex(columns=["won", "abandoned", "open"], fill_value=0)
    cost = leads.groupby(by)["cost"].sum(min_count=1)
    wide.insert(0, "leads", wide.sum(axis=1))
    wide = wide.assign(cost=cost)
    wide["cost_per_win"] = wide["cost"] / wide["won"].where(wide["won"] > 0)
    return wide.rename_axis(columns=None).reset_index()


def _last(table: pd.DataFrame) -> int:
    if table.empty:
        return 0
    enough = table.loc[table["at_risk"] >= 50, "time"]
    return int(enough.max() if len(enough) else table["time"].max())


def _share(table: pd.DataFrame, cause: str, time: int, n: int) -> Estimate | str:
    if table.empty:
        return "No lead has been closed yet."
    here = table[(table["cause"] == cause)]
    if here.empty:
        return f"No lead is recorded as {cause}."
    if time > here["time"].max():
        return f"No lead was followed for {time} periods."
    row = here[here["time"] == time].iloc[0]
    return measured(
        float(row["incidence"]),
        float(row["se"]),
        n,
        method="Aalen-Johansen",
        unit="%",
        scale="log-log",
    )


def _naive(leads: pd.DataFrame, seen: pd.DataFrame, horizon: int) -> pd.DataFrame:
    total, closed = leads["n"].sum(), leads.loc[leads["event"] == 1, "n"].sum()
    lost = leads.loc[leads["cause"] == "abandoned", "n"].sum()
    rows = [
        (
            "abandoned / all leads",
            lost / total if total else math.nan,
            "leads opened lately had no time yet to be given up",
        ),
        (
            "abandoned / closed leads",
            lost / closed if closed else math.nan,
            "says who wins of those decided, not by when",
        ),
    ]
    if lost:
        pretended = naive_cause_curve(seen).query("cause == 'abandoned'")
        pretended = pretended[pretended["time"] <= horizon]
        rows.append(
            (
                f"1 - Kaplan-Meier of abandoning by {horizon}",
                float(pretended["incidence"].iloc[-1]),
                "pretends that a lead once won can still be given up",
            )
        )
    return pd.DataFrame(rows, columns=["quoted", "share", "why"])
