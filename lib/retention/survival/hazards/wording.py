"""What a regression found, in sentences."""

import pandas as pd

from retention.intervals import Check

EVENTS_PER_PARAMETER = 20


def strongest(table: pd.DataFrame, confidence: float, base: str) -> str:
    """The clearest effect of a coefficient table in one sentence."""
    known = table.dropna(subset=["coef"])
    if known.empty:
        return f"No effect has a finite hazard ratio ({base})."
    row = known.loc[known["z"].abs().idxmax()]
    times = (
        "1.00" if round(row["hazard_ratio"], 2) == 1 else f"{row['hazard_ratio']:.2f}"
    )
    return (
        f"The clearest effect is {_named(row)}: {times} times the hazard of leaving "
        f"({100 * confidence:g} % CI {row['lower']:.2f} to {row['upper']:.2f}; {base})."
    )


def _named(row: pd.Series) -> str:
    within = row.get("periods", "all")
    tail = "" if within == "all" else f" in periods {within}"
    if row["level"] == "":
        return f"one unit more of {row['term']}{tail}"
    return f"{row['term']} {row['level']} rather than {row['reference']}{tail}"


def enough_events(events: int, parameters: int) -> Check:
    """Check that a regression has at least 20 events for each parameter."""
    share = events / max(parameters, 1)
    finding = (
        f"{events:,} events for {parameters:,} parameters: {share:,.1f} for each "
        f"({EVENTS_PER_PARAMETER} are asked for)."
    )
    if share >= EVENTS_PER_PARAMETER:
        return Check("events per parameter", "PASS", finding, "")
    remedy = "Take fewer effects, put levels together, or use wider bands of periods."
    return Check("events per parameter", "FAIL", finding, remedy)
