"""Assumptions of the referral study, each with its diagnostic."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from retention.intervals import Check
from retention.referral.capture import FEWEST_IN_BOTH, captured, captured_share
from retention.referral.credit import evidence_quality
from retention.referral.three_lists import three_lists

SURE = 0.01


def share_checks(
    table: pd.DataFrame,
    audited: pd.DataFrame | None,
    answer,
    *,
    by: Sequence[str] = (),
) -> list[Check]:
    """Checks of the referred share.

    Parameters
    ----------
    table : DataFrame
        From `retention.counts.acquisitions`, by the strata.
    audited : DataFrame or None
        From `retention.counts.audited`.
    answer : ReferredShare
    by : sequence of str

    Returns
    -------
    list of Check
        Those that the records allow: customers on both records in each stratum,
        independence given the strata, what pooling would do, false evidence,
        agreement of the answers, and customers without any record.
    """
    both = (table["coded"] == 1).any() and (table["told"] == "referral").any()
    checks = []
    if both:
        checks += [_cells(table, by), *_independence(table, by)]
    if both and by:
        checks.append(_pooling(table, by))
    if audited is not None and audited["n"].sum() >= 20:
        checks.append(_false_evidence(audited))
    checks += _agreement(answer)
    checks.append(_unknown(table, identified=answer.identified))
    return checks


def order_check(orders: pd.DataFrame) -> Check:
    """Whether the next step of a journey depends on the last touch alone."""
    order = int(orders.loc[orders["chosen"], "order"].iloc[0])
    touches = "touch" if order == 1 else f"{order} touches"
    finding = f"The next step depends on the last {touches} (smallest BIC)."
    if order < int(orders["order"].max()):
        return Check("Memory of the journeys", "PASS", finding)
    return Check(
        "Memory of the journeys",
        "REVIEW",
        finding + " No higher order was tried.",
        "Read removal effects beside the share of purchases that each channel "
        "touched; with a long memory the two draw together.",
    )


def journey_size_check(paths) -> Check:
    """Whether each channel has purchases enough, and which journeys were left out."""
    bought = paths.totals()["converted"].to_numpy()
    touched = [
        int(bought[(paths.touches == c).any(axis=1)].sum())
        for c in range(len(paths.channels))
    ]
    least = int(np.argmin(touched))
    finding = (
        f"The channel with the fewest purchases, {paths.channels[least]}, was touched "
        f"on the way to {touched[least]:,} of {int(bought.sum()):,}."
    )
    if paths.too_long:
        finding += f" {paths.too_long:,} journeys of over 120 touches were left out."
    if touched[least] >= 20:
        return Check("Purchases by channel", "PASS", finding)
    return Check(
        "Purchases by channel",
        "REVIEW",
        finding,
        "Join small channels, or count a longer time.",
    )


def flow_check(rules: pd.DataFrame) -> Check:
    """Referrals and journeys that were set aside for what cannot be.

    Parameters
    ----------
    rules : DataFrame
        From `Company.rule_counts`: `table`, `rule`, `rows`.
    """
    mine = rules[rules["table"].isin(["referrals", "touchpoints", "referral_audit"])]
    total = int(mine["rows"].sum())
    if not total:
        return Check(
            "Circles, impossible dates, holes",
            "PASS",
            "No referral and no touch had to be set aside.",
        )
    named = mine.groupby("rule")["rows"].sum().sort_values(ascending=False)
    listed = ", ".join(f"{rule} {n:,}" for rule, n in named.items())
    return Check(
        "Circles, impossible dates, holes",
        "REVIEW",
        f"{total:,} rows were set aside: {listed}.",
        "The quarantine file lists them with the rule; repair them and run again.",
    )


def chain_check(told_a_period: float, seen_a_period: float, unit: str) -> Check:
    """Whether customers remember as many referrals as the books can hold.

    Parameters
    ----------
    told_a_period : float
        Joined, per customer asked.
    seen_a_period : float
        Referrals of a customer per period at risk, missed ones added.
    unit : str
        The company's time unit.
    """
    times = told_a_period / seen_a_period if seen_a_period > 0 else math.inf
    finding = (
        f"Customers remember {told_a_period:.3f} friends who joined; in the records a "
        f"customer sends {seen_a_period:.4f} a {unit}."
    )
    if 0.5 <= times <= 2:
        return Check("What customers remember", "PASS", finding)
    return Check(
        "What customers remember",
        "REVIEW",
        f"{finding} That is {times:.0f} {unit}s' worth.",
        "Find out what time the survey asked about, and ask for names: people move "
        "old events into the time they are asked about.",
    )


def _cells(table, by) -> Check:
    fewest = int(captured(table, by=by)["both"].min())
    finding = f"The smallest stratum has {fewest:,} customers on both records."
    if fewest >= FEWEST_IN_BOTH:
        return Check("Customers on both records", "PASS", finding)
    return Check(
        "Customers on both records",
        "FAIL",
        finding,
        f"Use fewer strata or a longer time: {FEWEST_IN_BOTH} are needed in each.",
    )


def _independence(table, by) -> list[Check]:
    models = three_lists(table, by=by)
    if models.empty:
        return [
            Check(
                "Independence of the records",
                "REVIEW",
                "Two records cannot show whether they depend on each other.",
                "A third record (households, e-mail or phone keys) or a checked "
                "sample would.",
            )
        ]
    p = float(models.loc[models["model"] == "code with told", "p"].iloc[0])
    finding = (
        "Given a third record, households, codes and answers "
        f"{'depend' if p < SURE else 'do not visibly depend'} on each other "
        f"(p = {p:.2g})."
    )
    status = "FAIL" if p < SURE else "PASS"
    remedy = "Stratify by what moves both records." if p < SURE else ""
    return [Check("Independence of the records", status, finding, remedy)]


def _pooling(table, by) -> Check:
    found = captured(table, by=by)
    pooled, within = captured_share(table), captured_share(table, by=by)
    rates = [
        f"{name} catch {_percent(found[rate].min())} to {_percent(found[rate].max())}"
        for name, rate in (("codes", "code_rate"), ("answers", "told_rate"))
    ]
    return Check(
        "Strata",
        "PASS",
        f"Between strata {' and '.join(rates)} of the referred, so pooling "
        f"would say {pooled.value_text} instead of {within.value_text}.",
    )


def _false_evidence(audited) -> Check:
    quality = evidence_quality(audited).set_index("evidence")
    quality = quality.loc[["a code or link", "the customer says so"]]
    quality = quality[quality["found"] > 0]
    if quality.empty:
        return Check(
            "False evidence",
            "REVIEW",
            "No checked customer has a code or said it was sent.",
            "Draw a larger sample to check.",
        )
    worst = quality["precision"].idxmin()
    right, low = quality.loc[worst, ["precision", "precision_lower"]]
    finding = (
        f"Of the checked customers, {_percent(right)} are rightly called referred "
        f"where the sign is: {worst} (at least {_percent(low)})."
    )
    if right >= 0.95:
        return Check("False evidence", "PASS", finding)
    return Check(
        "False evidence",
        "REVIEW" if right >= 0.8 else "FAIL",
        finding,
        "Two records overstate if either names customers who were not referred; use "
        "the corrected answers instead.",
    )


def _agreement(answer) -> list[Check]:
    right = answer.table[answer.table["kind"] == "right"]
    if len(right) < 2:
        return []
    low, high = right.loc[right["value"].idxmin()], right.loc[right["value"].idxmax()]
    width = math.hypot(low["upper"] - low["value"], high["value"] - high["lower"])
    gap = high["value"] - low["value"]
    finding = (
        f"The answers lie between {_percent(low['value'])} ({low['label']}) and "
        f"{_percent(high['value'])} ({high['label']})."
    )
    if gap <= width:
        return [Check("Agreement of the methods", "PASS", finding)]
    return [
        Check(
            "Agreement of the methods",
            "REVIEW" if gap <= 1.5 * width else "FAIL",
            finding + " They differ by more than their intervals allow.",
            "Check how the sample was drawn, and whether codes are handed to "
            "customers whom nobody sent.",
        )
    ]


def _unknown(table, *, identified: bool) -> Check:
    silent = (table["coded"] == 0) & (table["told"] == "no answer")
    share = table.loc[silent, "n"].sum() / max(table["n"].sum(), 1)
    finding = (
        f"{_percent(share)} of new customers left no evidence of their own either way."
    )
    if share <= 0.5:
        return Check("Source unknown", "PASS", finding)
    return Check(
        "Source unknown",
        "REVIEW",
        finding + (" The estimate rests on the others." if identified else ""),
        "Ask every new customer who sent them, in one question on joining.",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
