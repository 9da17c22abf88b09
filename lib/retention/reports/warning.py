"""Last period's early-warning list, scored against what happened since."""

import datetime as dt
import math
from pathlib import Path

import pandas as pd

from retention.intervals import Estimate, wilson
from retention.reports import memory

LIST = "at_risk.csv"
_COLUMNS = ["customer_id", "risk", "horizon_months"]
_GROUPS = 5
_MONTH = 365.25 / 12


def scored(home, company, record) -> dict:
    """How the last early-warning list did, or {} where there is none to score.

    Parameters
    ----------
    home : Path
        The company's folder; the last period that ends before this one and holds
        `at_risk.csv` (customer_id, risk, expected_margin_at_risk, horizon_months).
    company : Company
        As of this period's end. Ids and dates of its customers are read.
    record : dict

    Returns
    -------
    dict
        `period`, `until`, `sentence`, `lift` and `calibration` (observed over
        expected; value, lower, upper, text), `groups` (fifths of the list by risk:
        n, expected, left); or `sentence` alone where nothing can be told.

    Notes
    -----
    Lift is the share that left among the listed over the share among all who were
    customers on the day of the list, in the lines of business of those listed. Where
    the list has a column `reason`, only leaving for that reason counts; where it
    names most customers, its tenth with the highest risk is taken. The interval is
    normal on the log scale (delta method, the listed being part of all). Where the
    horizon is not over, each risk r over h months is taken as 1 - (1 - r)^(m / h)
    after m months, that is, as a hazard that stays the same.
    """
    before = _last_with_list(home, record)
    if before is None or not _knows_leaving(company):
        return {}
    listed = _read(Path(home) / before["period"] / LIST)
    start, end = (_day(r["window"]["observed_to"]) for r in (before, record))
    horizon = float(listed["horizon_months"].iloc[0]) if len(listed) else 0.0
    months = min((end - start).days / _MONTH, horizon)
    until = min(end, start + dt.timedelta(days=round(horizon * _MONTH)))
    told = {"period": before["period"], "until": until.isoformat()}
    people = _people(company, listed, start, until)
    found = listed.merge(people, on="customer_id", how="inner")
    if len(found) < max(record["smallest_group"], 1) or months <= 0:
        return {**told, "sentence": "The list names too few customers to be scored."}
    found["expected"] = 1 - (1 - found["risk"].clip(0, 1)) ** (months / horizon)
    found = found.sort_values(["risk", "customer_id"], ascending=[False, True])
    return told | _scores(found, people, before["period"], start, until)


def _scores(found, people, period, start, until):
    whole = len(found) > len(people) / 2
    top = found.head(max(len(found) // 10, 1)) if whole else found
    lift = _lift(top["left"], people["left"])
    ratio = _ratio(found)
    who = "the tenth with the highest risk" if whole else "the customers listed"
    sentence = (
        f"Of {who} on {start}, {_percent(top['left'].mean())} had left by {until}, "
        f"against {_percent(people['left'].mean())} of all customers then: a lift of "
        f"{lift.text}. For each leaver that the list expected, {ratio.text} left."
    )
    return {
        "sentence": sentence,
        "lift": _plain(lift),
        "calibration": _plain(ratio),
        "groups": _fifths(found),
    }


def _lift(listed, everyone):
    """Share of the listed over share of all, the first being part of the second."""
    n, total = len(listed), len(everyone)
    k, all_left = int(listed.sum()), int(everyone.sum())
    if not k or not all_left:
        value = 0.0 if all_left else math.nan
        return Estimate(value, math.nan, math.nan, n, "lift")
    p, q, w = k / n, all_left / total, n / total
    rest = (all_left - k) / (total - n) if total > n else 0.0
    variance = (1 / p - w / q) ** 2 * p * (1 - p) / n
    if total > n:
        variance += ((1 - w) / q) ** 2 * rest * (1 - rest) / (total - n)
    reach = math.exp(1.959964 * math.sqrt(variance))
    value = p / q
    return Estimate(value, value / reach, value * reach, n, "lift, delta on logs")


def _ratio(found):
    """Leavers over expected leavers; Wilson's interval, the expectation as given."""
    share, expected = wilson(int(found["left"].sum()), len(found)), found["expected"]
    mean = expected.mean()
    if mean <= 0:
        return Estimate(math.nan, math.nan, math.nan, len(found), "observed / expected")
    values = (v / mean for v in (share.value, share.lower, share.upper))
    return Estimate(*values, len(found), "observed / expected, Wilson")


def _fifths(found):
    group = [i * _GROUPS // len(found) for i in range(len(found))]
    table = found.groupby(group).agg(
        n=("left", "size"), expected=("expected", "mean"), left=("left", "mean")
    )
    names = ("highest risk", "second", "third", "fourth", "lowest risk")
    rows = zip(names, table.itertuples(index=False), strict=False)
    return [
        {"group": name, "n": int(n), "expected": _percent(e), "left": _percent(left)}
        for name, (n, e, left) in rows
    ]


def _knows_leaving(company):
    return company.tenure_form == "dates" and bool(
        company.customers_from or company.has("customers", "joined_on", "left_on")
    )


def _people(company, listed, start, until):
    """Customers on a day, and whether each had left by another."""
    frame = company.population("customer_value")
    wanted = ("customer_id", "joined_on", "left_on", "business", "leave_reason")
    there = [c for c in wanted if c in frame.collect_schema().names()]
    rows = frame.select(there).collect().to_pandas()
    if "business" in rows:
        lines = rows.loc[rows["customer_id"].isin(listed["customer_id"]), "business"]
        rows = rows[rows["business"].isin(lines)]
    if "reason" in listed and "leave_reason" in rows:
        counts = rows["leave_reason"].isin(listed["reason"])
        rows["left_on"] = rows["left_on"].where(counts)
    joined, left = (pd.to_datetime(rows[c]) for c in ("joined_on", "left_on"))
    first, last = pd.Timestamp(start), pd.Timestamp(until)
    here = (joined <= first) & ~(left <= first)
    found = rows.loc[here, ["customer_id"]].assign(left=(left <= last)[here])
    return found.groupby("customer_id", as_index=False)["left"].max()


def _read(path):
    table = pd.read_csv(path, dtype={"customer_id": str})
    kept = [*_COLUMNS, *(c for c in ("reason",) if c in table)]
    return table[kept].dropna().drop_duplicates("customer_id")


def _last_with_list(home, record):
    earlier = memory.earlier(home, record)
    kept = [r for r in earlier if (Path(home) / r["period"] / LIST).is_file()]
    return kept[-1] if kept else None


def _day(text):
    return dt.date.fromisoformat(text)


def _percent(share):
    return f"{100 * share:.1f} %"


def _plain(estimate):
    numbers = (estimate.value, estimate.lower, estimate.upper)
    value, lower, upper = (round(v, 4) if math.isfinite(v) else None for v in numbers)
    return {"value": value, "lower": lower, "upper": upper, "text": estimate.text}
