"""The designs of the loyalty study find the truth that is planted in the company.

One company with a fixed seed must cover; twenty others (slow) must cover often enough
and without a lean. The truth is what the simulator planted or what came of it; the
estimators see only the company's tables.
"""

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from retention import counts, loyalty
from retention.company import Company, open_company
from retention.simulate import DEFAULT_SEED, SimulatedCompany, simulate

SEEDS = range(101, 121)
LEAST_COVERAGE = 0.80
MOST_BIAS = 0.5  # in units of the standard error
MONTHS_85_94 = (1, 10)  # after the launch in month 84

# What enrolment does to leaving at will, and gold to spend, as the simulator has it.
MEMBER_LOG_HAZARD = math.log(0.80)
GOLD = 5.0
GOLD_FROM, SILVER_FROM = 900.0, 700.0
BANDWIDTH = 120.0


@dataclass(frozen=True)
class World:
    """A simulated company with everything that is counted of it, once."""

    simulated: SimulatedCompany

    @cached_property
    def company(self) -> Company:
        return open_company(self.simulated.tables, settings=self.simulated.settings)

    @cached_property
    def realised(self) -> dict:
        return self.simulated.parameters["realised"]["loyalty"]

    @cached_property
    def arms(self):
        return counts.holdout_arms(self.company)

    @cached_property
    def randomised(self):
        return loyalty.randomised(self.arms)

    @cached_property
    def staggered(self):
        # Months 85 to 94 are what the truth is about.
        changes = counts.group_changes(self.company, after=MONTHS_85_94[1] + 1)
        placebo = counts.group_changes(self.company, lead=12)
        return loyalty.staggered(changes, placebo=placebo)

    @cached_property
    def membership(self):
        """With the score of every month, which only the truth knows."""
        return member_hazard(self)

    @cached_property
    def rows(self):
        # Six months, as gold pays from the thirteenth month on.
        return counts.loyalty_rows(self.company, months=6)

    def threshold(self, edge):
        bins = counts.threshold_bins(self.company, threshold=edge)
        return loyalty.threshold(bins, bandwidth=BANDWIDTH)


def month_number(days):
    return 12 * days.dt.year + days.dt.month


def member_hazard(world):
    """Log hazard ratio of members given what the simulator's hazard is made of."""
    from retention.counts import collect, tenure_frame
    from retention.survival import hazard_regression

    scores = world.simulated.truth["scores"]
    seen = collect(tenure_frame(world.company, reason="voluntary", study="loyalty"))
    rows = scores.join(seen.set_index("customer_id"), on="customer_id", how="inner")
    people = world.simulated.truth["customers"].set_index("customer_id")
    enrolled = world.simulated.tables["memberships"].set_index("customer_id")
    day = pd.to_datetime(rows["customer_id"].map(enrolled["enrolled_on"]))
    rows["period"] = month_number(rows["month"]) - month_number(rows["joined_on"]) + 1
    lost = (rows["period"] == rows["duration"]) & (rows["event"] == 1)
    rows = rows.assign(
        at_risk=1,
        events=lost.astype(int),
        member=np.where(day <= rows["month"], "yes", "no"),
        referred=rows["customer_id"].map(people["true_source"]) == "referral",
        score=rows["score"].astype(str),
    )
    terms = ["member", "engagement", "segment", "plan", "contract", "referred", "score"]
    fit = hazard_regression(
        rows, terms, reference={"member": "no", "score": "4"}, split={"contract": 12}
    )
    row = fit.table[fit.table["term"] == "member"].iloc[0]
    return {
        "value": row["coef"],
        "se": row["se"],
        "lower": math.log(row["lower"]),
        "upper": math.log(row["upper"]),
    }


def observed_hazard(world):
    """The same from what a company knows."""
    by, widths = ["segment", "plan", "contract"], {"engagement": 0.25}
    words = {"by": by, "widths": widths, "reason": "voluntary"}
    return loyalty.membership_hazard(
        counts.member_tenure(world.company, **words),
        counts.ever_member_tenure(world.company, reason="voluntary"),
        adjust=["engagement", *by],
        split={"contract": 12},
        landmark=counts.member_landmark(world.company, on=dt.date(2025, 5, 1), **words),
    )


def as_row(estimate, truth):
    fields = ("value", "se", "lower", "upper")
    if not isinstance(estimate, dict):
        estimate = {f: getattr(estimate, f) for f in fields}
    return {**estimate, "truth": truth}


def recovered(world):
    """Every quantity with a known truth, found in one company."""
    gold = world.threshold(GOLD_FROM)
    realised = world.realised
    found = {
        "log hazard of members": as_row(world.membership, MEMBER_LOG_HAZARD),
        "spend of members": as_row(
            world.staggered.simple, realised["spend_att_months_85_94"]
        ),
        "placebo launch": as_row(world.staggered.placebo, 0.0),
        "margin of those offered": as_row(world.randomised.itt, realised["margin_itt"]),
        "margin of takers": as_row(world.randomised.cace, realised["margin_att"]),
        "gold": as_row(gold.estimate, GOLD),
    }
    return pd.DataFrame(found).T.rename_axis("quantity")


@pytest.fixture(scope="module")
def world():
    return World(simulate(seed=DEFAULT_SEED))


def statuses(answer):
    return {check.name: check.status for check in answer.checks}


def test_the_planted_values_are_those_of_the_simulator(world):
    planted = world.simulated.parameters["planted"]
    hazard = planted["hazard"]["voluntary"]["member"]
    assert hazard == pytest.approx(MEMBER_LOG_HAZARD)
    assert planted["spend"]["gold"] == GOLD
    review = planted["loyalty"]["review"]
    assert (review["silver"], review["gold"]) == (SILVER_FROM, GOLD_FROM)


def test_every_truth_is_covered(world):
    found = recovered(world)
    inside = found["truth"].between(found["lower"], found["upper"])
    assert inside.all(), found.to_string()


def test_the_lot_was_kept_and_the_past_takes_out_noise(world):
    found = loyalty.randomised(
        world.arms,
        planned={"programme": 0.75, "holdout": 0.25},
        covariates=counts.arm_covariates(world.company),
    )
    assert set(statuses(found).values()) == {"PASS"}
    assert found.variance_reduction == pytest.approx(0.47, abs=0.06)
    assert found.take_up.value == pytest.approx(world.realised["take_up"], abs=0.02)


def test_members_differ_in_what_makes_people_stay_and_spend(world):
    rows = world.rows.table
    table = loyalty.balance(
        loyalty.moments(rows, covariates=["engagement", "history", "plan"]),
        treated=1,
        control=0,
    ).set_index("label")
    assert table.loc["engagement", "smd"] > 0.5
    assert table.loc["history", "smd"] > 0.4
    assert loyalty.balance_check(table.reset_index()).status == "FAIL"


def test_without_the_past_the_placebo_outcome_fails(world):
    rows = world.rows
    blind = loyalty.doubly_robust(
        rows.table, covariates=[*rows.covariates, "tenure"], placebo="history"
    )
    assert statuses(blind)["placebo outcome"] == "FAIL"
    assert blind.estimate.lower > 1.5 * world.realised["spend_att_months_85_94"]
    seeing = loyalty.doubly_robust(
        rows.table,
        covariates=[*rows.covariates, "tenure", "early", "late"],
        placebo="late",
    )
    assert statuses(seeing)["placebo outcome"] != "FAIL"
    truth = world.realised["spend_att_months_85_94"]
    assert seeing.estimate.value == pytest.approx(truth, abs=0.9)
    assert seeing.naive.value > 2 * seeing.estimate.value
    assert blind.estimate.value > 2 * world.staggered.simple.value - 1


def test_immortal_time_flatters_members(world):
    found = observed_hazard(world)
    assert math.log(found.naive.value) < -1.2
    assert math.log(found.unadjusted.value) == pytest.approx(-0.41, abs=0.15)
    low, high = (math.log(v) for v in (found.adjusted.lower, found.adjusted.upper))
    assert low < MEMBER_LOG_HAZARD < high
    assert statuses(found)["events a coefficient"] == "PASS"


def test_silver_is_refused_and_gold_accepted(world):
    silver, gold = (world.threshold(edge) for edge in (SILVER_FROM, GOLD_FROM))
    assert not silver.accepted and "No effect is read" in silver.summary
    assert statuses(silver)["density at the threshold"] == "FAIL"
    assert silver.density.ratio.lower > 1.5
    assert gold.accepted and statuses(gold)["density at the threshold"] == "PASS"
    assert gold.naive.value > 4 * gold.estimate.value


def test_paths_before_enrolment_are_equal(world):
    found = statuses(world.staggered)
    assert found["placebo launch"] == "PASS"
    assert found["path before enrolment"] in ("PASS", "REVIEW")
    study = world.staggered.event_study
    early = study[(study["event_time"] < 0) & (study["n"] > 300)]
    zero = (early["band_lower"] <= 0) & (early["band_upper"] >= 0)
    assert zero.all(), early.to_string()


def test_groups_gain_what_was_planted(world):
    """Basic gains most: the doubly robust estimate within each plan."""
    planted = world.simulated.parameters["planted"]["spend"]["member"]
    table = world.rows.table
    names = ["engagement", "segment", "tenure", "early", "late"]
    found = {
        plan: loyalty.doubly_robust(own.reset_index(drop=True), covariates=names)
        for plan, own in table.groupby("plan")
    }
    gains = {plan: answer.estimate.value for plan, answer in found.items()}
    assert gains == pytest.approx(planted, abs=1.6)
    assert gains["basic"] > gains["plus"] > gains["premium"]


def summary(found):
    """Coverage of the intervals, and the mean error in units of the mean se."""
    found = found.astype(float)
    inside = found["truth"].between(found["lower"], found["upper"])
    error = (found["value"] - found["truth"]).groupby(level=0, sort=False)
    se = found["se"].groupby(level=0, sort=False).mean()
    return pd.DataFrame(
        {
            "truth": found["truth"].groupby(level=0, sort=False).mean(),
            "value": found["value"].groupby(level=0, sort=False).mean(),
            "coverage": inside.groupby(level=0, sort=False).mean(),
            "sd_error": error.std(),
            "mean_se": se,
            "bias_in_se": error.mean() / se,
        }
    )


@pytest.mark.slow
def test_intervals_cover_in_twenty_companies():
    table = summary(pd.concat([recovered(World(simulate(seed=s))) for s in SEEDS]))
    enough = table["coverage"] >= LEAST_COVERAGE
    straight = table["bias_in_se"].abs() < MOST_BIAS
    assert (enough & straight).all(), f"\n{table.round(3).to_string()}"
