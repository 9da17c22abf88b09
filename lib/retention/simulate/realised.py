"""What came of the planted values in one simulated company."""

import numpy as np
import pandas as pd

from retention.simulate import spend
from retention.simulate.clock import (
    LAUNCH,
    MONTHS,
    NEVER,
    RECORDS,
    REVIEW,
    first_day,
)
from retention.simulate.referral import true_referrals_within

SATISFIED = 4


def survival_before_launch(past):
    """S(12), S(24), S(48) and median of all customers ever, followed to the launch.

    The oracle of the tenure study: those who left before the records began count.
    """
    months, stock = past.months, past.customers
    seen = months["month"] < LAUNCH
    period = stock.tenure(0)[months["number"][seen]] + months["month"][seen]
    at_risk = np.bincount(period, minlength=LAUNCH + 1)
    gone = past.left_month < LAUNCH
    left = (past.left_month - stock.joined + 1)[gone]
    events = np.bincount(left, minlength=LAUNCH + 1)
    curve = np.cumprod(1 - events / np.maximum(at_risk, 1))
    return {
        **{f"S{k}": curve[k] for k in (12, 24, 48)},
        "restricted_mean_60": curve[:60].sum(),
        "median": int(np.argmax(curve <= 0.5)),
    }


def loss_of_stock(past):
    """Twelve-month loss of those present at each November of the records."""
    lost, present = 0, 0
    for start in range(RECORDS, MONTHS - 11, 12):
        here = (past.customers.joined < start) & (past.left_month >= start)
        present += here.sum()
        lost += (here & (past.left_month < start + 12)).sum()
    return lost / present


def scores_and_leaving(past):
    """Satisfied share, and voluntary loss within twelve months by score."""
    months = past.months
    wave = (months["month"] >= RECORDS) & (months["month"] % 3 == 0)
    number, month, score = (months[name][wave] for name in ("number", "month", "score"))
    followed = month <= MONTHS - 12
    away = past.left_month[number] - month
    leaves = (past.voluntary[number] & (away < 12))[followed]
    satisfied = (score >= SATISFIED)[followed]
    loss = pd.Series(leaves).groupby(score[followed]).mean()
    return {
        "satisfied_share": (score >= SATISFIED).mean(),
        "left_given_satisfied": leaves[satisfied].mean(),
        "satisfied_given_left": satisfied[leaves].mean(),
        "loss_by_score": {str(k): v for k, v in loss.items()},
    }


def complaint_share(past):
    """Complaints per opinion formed since the records began."""
    months, month = past.months, past.complaints["month"]
    new = past.customers.joined[months["number"]] == months["month"]
    asked = (months["month"] >= RECORDS) & (new | (months["month"] % 3 == 0))
    return (month >= RECORDS).sum() / asked.sum()


def sources(past, tables):
    """True, recorded and told referred shares of those who joined on record."""
    joined = tables["customers"].query("business == 'subscription'")
    joined = joined[joined["joined_on"] >= first_day(RECORDS)]
    window = past.customers.joined >= RECORDS
    told = joined["told_us"].dropna()
    return {
        "referred_share": past.customers.referred[window].mean(),
        "recorded_share": (joined["recorded_source"] == "referral").mean(),
        "told_share": (told == "referral").mean(),
        "referrals_within_24": true_referrals_within(past, 24),
    }


def programme_effects(past, outcomes):
    """Effects of the programme's first year by potential outcomes, and on spend."""
    gain = outcomes["margin_on"] - outcomes["margin_off"]
    enrolled = outcomes["would_enrol"] == 1
    months, stock = past.months, past.customers
    number, month = months["number"], months["month"]
    early = (month > LAUNCH) & (month < REVIEW) & (month >= stock.member_from[number])
    return {
        "margin_itt": gain.mean(),
        "margin_att": gain[enrolled].mean(),
        "take_up": enrolled.mean(),
        "spend_att_months_85_94": spend.MEMBER[stock.plan[number[early]]].mean(),
        "present_at_launch": len(outcomes),
    }


def redemption(tables):
    """Points redeemed over points earned to date: not the ultimate share."""
    total = tables["points"].groupby("kind")["points"].sum()
    earned = total.get("earn", 0)
    return total.get("redeem", 0) / earned if earned else 0.0


def concentration(tables):
    """Top-fifth share of last year's revenue, and the share of customers below zero.

    Net of the cost of contacts, over subscribers active in the last twelve months.
    """
    since = first_day(MONTHS - 12)
    active = tables["activity"][tables["activity"]["month"] >= since]
    total = active.groupby("customer_id")[["revenue", "margin"]].sum()
    contacts = tables["contacts"][tables["contacts"]["occurred_on"] >= since]
    served = contacts.groupby("customer_id")["cost"].sum()
    net = total["margin"] - served.reindex(total.index).fillna(0.0)
    ranked = np.sort(total["revenue"].to_numpy())[::-1]
    return {
        "top_fifth_of_revenue": ranked[: len(ranked) // 5].sum() / ranked.sum(),
        "below_zero": (net < 0).mean(),
    }


def old_customers_share(past):
    """Share of the last twelve months' revenue from tenure of more than a year."""
    months = past.months
    seen = months["month"] >= MONTHS - 12
    tenure = months["month"] - past.customers.joined[months["number"]] + 1
    revenue = months["revenue"]
    return revenue[seen & (tenure > 12)].sum() / revenue[seen].sum()


def shop_holdout(orders, customers):
    """Repeat orders in the shop's last 52 weeks."""
    start = np.datetime64(first_day(MONTHS)) - np.timedelta64(364, "D")
    ids = customers.loc[customers["business"] == "shop", "customer_id"]
    later = orders[orders["ordered_on"] >= start]
    return int(later["customer_id"].isin(ids).sum())


def lead_outcomes(leads):
    """Shares won and abandoned within twelve months, of leads open that long."""
    old = leads[leads["opened_on"] < first_day(MONTHS - 11)]
    opened, closed = (
        old[c].to_numpy("datetime64[M]").astype(float)
        for c in ("opened_on", "closed_on")
    )
    within = old["closed_on"].notna() & (closed - opened < 12)
    outcome = old["outcome"].where(within)
    return {k: float((outcome == k).mean()) for k in ("won", "abandoned")}


def tiers_at_end(tiers):
    """P(was lower | private now) and P(private now | lower at the start)."""
    wide = tiers["tier"].to_numpy().reshape(-1, tiers["period"].nunique()) == "private"
    top, lower = wide[:, -1], ~wide[:, 0]
    risen = top & ~wide.all(axis=1)
    return {
        "upgraded_given_private": risen.sum() / max(top.sum(), 1),
        "private_given_lower": (lower & top).sum() / max(lower.sum(), 1),
    }


def realised(past, tables, truth):
    """Every figure that the studies have to recover, as it came out here."""
    return {
        "customers_ever": len(past.customers),
        "still_here": int((past.left_month == NEVER).sum()),
        "survival": survival_before_launch(past),
        "loss_of_stock_12_months": loss_of_stock(past),
        "satisfaction": scores_and_leaving(past),
        "complaint_share": complaint_share(past),
        "referral": sources(past, tables),
        "loyalty": programme_effects(past, truth["potential_outcomes"]),
        "redeemed_to_date": redemption(tables),
        **concentration(tables),
        "revenue_after_first_year": old_customers_share(past),
        "shop_holdout_orders": shop_holdout(tables["orders"], tables["customers"]),
        "leads_12_months": lead_outcomes(tables["leads"]),
        "tiers": tiers_at_end(tables["tiers"]),
    }
