"""What a programme and its trials cost, a member month and a customer assigned."""

import narwhals as nw
import pandas as pd

from retention.counts.calendar import instant
from retention.counts.engine import collect, tally
from retention.counts.loyalty_money import (
    enrolments,
    last_month,
    monthly_spend,
    number,
)
from retention.counts.programme import shifted


def cost_per_member_month(company, *, study: str = "loyalty") -> float:
    """Programme cost a member and month: booked, else assumed, else missing.

    Booked costs are those of kind programme in the table costs, divided by the
    active months of membership they cover; the assumption is
    ``[costs] programme_per_member_year``.

    Parameters
    ----------
    company : Company
    study : str
        Whose population is counted.

    Returns
    -------
    float
        In the company's currency; nan where nothing is booked and nothing assumed.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> round(counts.cost_per_member_month(company), 2)
    0.42
    """
    booked = _booked(company, study) if company.has("costs") else None
    if booked is not None:
        return booked
    yearly = company.settings.costs.get("programme_per_member_year")
    return float("nan") if yearly is None else yearly / 12


def action_costs(company, experiment: str = "", *, months: int = 12) -> pd.Series:
    """Cost of each arm of an experiment, per customer assigned to it.

    Parameters
    ----------
    company : Company
        Whose costs of kind experiment name the arm in `channel`.
    experiment : str
        Only matters where there are several.
    months : int
        From the first assignment on.

    Returns
    -------
    Series
        Index `arm`; arms without booked costs are missing from it.

    Examples
    --------
    >>> from retention import counts
    >>> from retention.company import open_company
    >>> company = open_company("data/lakeshore")
    >>> counts.action_costs(company).round(2)
    call    66.11
    card    13.35
    dtype: float64
    """
    if not company.has("costs", "channel"):
        return pd.Series(dtype=float)
    drawn = company.table("experiments")
    if experiment:
        drawn = drawn.filter(nw.col("experiment") == experiment)
    start = collect(drawn.select(nw.col("assigned_on").min()))["assigned_on"].iloc[0]
    start = pd.Timestamp(start).date()
    costs = company.table("costs").filter(
        nw.col("kind") == "experiment",
        nw.col("month") >= instant(shifted(start, 0)),
        nw.col("month") < instant(shifted(start, months)),
    )
    paid = collect(costs.group_by("channel").agg(nw.col("amount").sum()))
    sizes = tally(drawn, "arm")
    return paid.set_index("channel")["amount"].div(sizes.set_index("arm")["n"]).dropna()


def _booked(company, study: str) -> float | None:
    frame = company.table("costs").filter(nw.col("kind") == "programme")
    found = collect(frame.with_columns(time=number(nw.col("month"))))
    found = found[found["time"] <= last_month(company)]
    if found.empty:
        return None
    first, last = int(found["time"].min()), int(found["time"].max())
    inside = (nw.col("time") >= first) & (nw.col("time") <= last)
    spend = monthly_spend(company, study=study).filter(inside)
    joined = spend.join(enrolments(company, study=study), on="customer_id")
    member = joined.filter(number(nw.col("enrolled_on")) <= nw.col("time"))
    months = int(collect(member.select(nw.len().alias("n")))["n"].iloc[0])
    return float(found["amount"].sum() / months) if months else None
