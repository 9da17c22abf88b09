"""The referral study finds the truth that is planted in the simulated company."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from retention import counts, referral
from retention.company import Company, open_company
from retention.simulate import DEFAULT_SEED, SimulatedCompany, simulate
from retention.simulate.journeys import touchpoints

# Twenty companies pin a coverage of 95 % to about 5 points and a mean error to .22
# standard errors.
SEEDS = range(20)
LEAST_COVERAGE = 0.80
MOST_BIAS = 0.5
STRATA = ["age_group"]
TABLES = ("customers", "referrals", "referral_audit", "touchpoints", "invitations")


@dataclass(frozen=True, eq=False)
class World:
    """A simulated company, and the same company as a researcher opens it."""

    simulated: SimulatedCompany

    @cached_property
    def company(self) -> Company:
        tables = {name: self.simulated.tables[name] for name in TABLES}
        return open_company(tables, settings=self.simulated.settings)

    @cached_property
    def table(self) -> pd.DataFrame:
        return counts.acquisitions(self.company, by=STRATA)

    @cached_property
    def audited(self) -> pd.DataFrame:
        return counts.audited(self.company, by=STRATA)

    @property
    def realised(self) -> dict:
        return self.simulated.parameters["realised"]["referral"]

    @property
    def analytic(self) -> dict:
        return self.simulated.parameters["analytic"]


def shares(world):
    """Referred share of new customers, three ways, and referrals in 24 months."""
    true = world.realised["referred_share"]
    made = referral.reproduction_of_company(world.company, STRATA)
    return {
        "share, two records": (referral.captured_share(world.table, by=STRATA), true),
        "share, answers": (
            referral.corrected_share(world.table, world.audited, by=STRATA),
            true,
        ),
        "share, checked": (referral.audit_share(world.audited), true),
        "R24": (made.within(24), world.realised["referrals_within_24"]),
    }


def removals(company, analytic):
    """Removal effect of each channel."""
    paths = counts.journeys(company)
    credits = referral.journey_credits(paths, order=1)
    return {
        f"removal of {channel}": (
            referral.removal_estimate(credits, channel, paths.journeys),
            true,
        )
        for channel, true in analytic["removal_effects"].items()
    }


def everything(world):
    chain = referral.chain(counts.word_of_mouth(world.company))
    return {
        **shares(world),
        **removals(world.company, world.analytic),
        "joined per asked": (chain.product, world.analytic["joined_per_asked"]),
    }


def recovered(estimates):
    rows = {
        name: (true, e.value, e.se, e.lower, e.upper)
        for name, (e, true) in estimates.items()
    }
    names = ["truth", "value", "se", "lower", "upper"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names)


def covered(found):
    return found["truth"].between(found["lower"], found["upper"])


@pytest.fixture(scope="module")
def world():
    return World(simulate(seed=DEFAULT_SEED))


def test_every_row_covers_its_truth(world):
    found = recovered(everything(world))
    assert covered(found).all(), found.to_string()


def test_pooling_and_the_books_are_far_off(world):
    true = world.realised["referred_share"]
    pooled = referral.captured_share(world.table)
    assert pooled.upper < true - 0.01
    assert referral.recorded_share(world.table).upper < true / 2


def test_age_is_the_column_that_moves_both_records(world):
    assert referral.strata_of_company(world.company) == STRATA


def test_capture_rates_are_the_planted_ones(world):
    planted = world.simulated.parameters["planted"]["referral"]
    found = referral.captured(world.table, by=STRATA).set_index("age_group")
    for age in ("old", "young"):
        told = planted["answers"][age] * planted["told_sensitivity"]
        spread = found.loc[age, "se"] / found.loc[age, "referred"]
        rates = found.loc[age, ["code_rate", "told_rate"]].to_numpy(float)
        z = np.log(rates / [planted["uses_code"][age], told]) / spread
        assert (np.abs(z) < 3.5).all(), found.to_string()


def test_links_name_the_true_referrers(world):
    truth = world.simulated.truth["customers"].set_index("customer_id")
    pairs = counts.referral_pairs(world.company)
    true = truth["true_referrer"].reindex(pairs["referee_id"]).to_numpy()
    assert (true == pairs["referrer_id"].to_numpy()).mean() > 0.98


def test_credit_goes_where_the_simulator_books_it(world):
    planted = world.simulated.parameters["planted"]["referral"]
    people = world.simulated.truth["customers"]
    sent = people[people["true_source"] == "referral"]
    young = (sent["age_group"] == "young").mean() if "age_group" in sent else 0.5
    code = planted["uses_code"]
    uncoded = 1 - young * code["young"] - (1 - young) * code["old"]
    expected = uncoded * planted["booked_without_code"]["rep"]
    found = referral.booked_to_rep(world.audited)
    assert found.lower < expected < found.upper


def test_one_step_of_memory_is_chosen(world):
    orders = referral.markov_orders(counts.journeys(world.company), most=2)
    assert orders["chosen"].tolist() == [True, False]


def test_referred_customers_stay_longer_by_about_what_is_planted(world):
    reference = world.simulated.parameters["reference"]
    found = referral.hazard_of_company(world.company)
    true = np.exp(reference["unadjusted"]["referred"])
    # Some of those who named another source were sent, so the gap is a little small.
    assert found.lower < true < found.upper and found.upper < 1


def summary(found):
    """Coverage of the intervals, and the mean error in units of the mean se."""
    inside = covered(found).groupby(level=0, sort=False).mean()
    error = (found["value"] - found["truth"]).groupby(level=0, sort=False)
    se = found["se"].groupby(level=0, sort=False).mean()
    return pd.DataFrame(
        {
            "truth": found["truth"].groupby(level=0, sort=False).mean(),
            "coverage": inside,
            "mean_error": error.mean(),
            "sd_error": error.std(),
            "mean_se": se,
            "bias_in_se": error.mean() / se,
        }
    )


def assert_recovered(table):
    enough = table["coverage"] >= LEAST_COVERAGE
    straight = table["bias_in_se"].abs() < MOST_BIAS
    assert (enough & straight).all(), f"\n{table.round(4).to_string()}"


@pytest.mark.slow
def test_intervals_cover_in_twenty_companies():
    worlds = (World(simulate(seed=seed)) for seed in SEEDS)
    found = []
    for world in worlds:
        chain = referral.chain(counts.word_of_mouth(world.company)).product
        joined = {"joined per asked": (chain, world.analytic["joined_per_asked"])}
        found.append(recovered({**shares(world), **joined}))
    table = summary(pd.concat(found))
    assert len(table) == 5
    assert_recovered(table)


@pytest.mark.slow
def test_removal_effects_cover_in_a_hundred_sets_of_journeys(world):
    """Journeys are quick to draw, so bias is pinned to a tenth of a standard error."""
    found = []
    for seed in range(100):
        drawn = touchpoints(1.0, np.random.default_rng(seed))
        company = open_company({"touchpoints": drawn})
        found.append(recovered(removals(company, world.analytic)))
    table = summary(pd.concat(found))
    assert len(table) == 5
    assert_recovered(table)
