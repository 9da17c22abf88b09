"""The tenure study finds the truth that is planted in the simulated company.

The window is the two years on record before the loyalty programme. The truth about
survival is Kaplan-Meier over all customers ever, also those who left before the
records began; it is computed here from the truth alone.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from retention.company import Company, open_company
from retention.counts import collect, periods, tenure, tenure_frame, tenure_sums
from retention.projection import discounted_expected_tenure, fit_sbg
from retention.simulate import DEFAULT_SEED, SimulatedCompany, simulate
from retention.survival import (
    aalen_johansen,
    cox,
    cox_zph,
    hazard_regression,
    kaplan_meier,
    kaplan_meier_ignoring_entry,
    median_survival,
    proportionality,
    restricted_mean,
    survival_at,
)

WINDOW = ("2022-11", "2024-10")
LAUNCH = pd.Timestamp("2024-11-01")
HORIZONS = (12, 24, 48)
YEAR = 12

# Where each effect stands in a fitted table: term, level, periods.
EFFECTS = {
    "engagement": ("engagement", "", "all"),
    "sme": ("segment", "SME", "all"),
    "plus": ("plan", "plus", "all"),
    "premium": ("plan", "premium", "all"),
    "annual_first_year": ("contract", "annual", "1-12"),
    "annual_later": ("contract", "annual", "13+"),
    "referred": ("referred", "", "all"),
    "score_1": ("score", "1", "all"),
    "score_2": ("score", "2", "all"),
    "score_3": ("score", "3", "all"),
    "score_5": ("score", "5", "all"),
}
# Log hazard ratios of leaving at will, and the beta distribution of the annual plans,
# as the simulator has them; a test below holds it to them.
PLANTED = {
    "engagement": -0.30,
    "sme": -0.25,
    "plus": 0.0,
    "premium": 0.20,
    "annual_first_year": -1.20,
    "annual_later": -0.20,
    "referred": math.log(0.82),
    "score_1": 0.90,
    "score_2": 0.60,
    "score_3": 0.15,
    "score_5": -0.90,
}
PLANTED_PLANS = {"alpha": 0.80, "beta": 2.40}
REFERENCE = {
    "segment": "consumer",
    "plan": "basic",
    "contract": "monthly",
    "score": "4",
}

# p-values: chance alone goes below the first once in a billion companies; what has
# no part in the break (region has none in anything) stays above the second.
SURELY_FOUND = 1e-9
SURELY_ABSENT = 1e-3

# Twenty companies pin a coverage of 95 % to about 5 points and a mean error to .22
# standard errors. The truth of survival is each company's own, so its error is small.
SEEDS = range(20)
LEAST_COVERAGE = 0.80
MOST_BIAS = 0.5


@dataclass(frozen=True, eq=False)
class World:
    """A simulated company, and the same company as a researcher opens it."""

    simulated: SimulatedCompany

    @property
    def people(self) -> pd.DataFrame:
        """All subscribers ever, by id."""
        return self.simulated.truth["customers"].set_index("customer_id")

    @cached_property
    def company(self) -> Company:
        return opened(self.simulated, self.simulated.settings)

    @cached_property
    def tenure(self) -> pd.DataFrame:
        return tenure(self.company, window=WINDOW, cause=True)

    @cached_property
    def curve(self) -> pd.DataFrame:
        return kaplan_meier(self.tenure)

    @cached_property
    def oracle(self) -> pd.DataFrame:
        return oracle(self.people)

    @cached_property
    def months(self) -> pd.DataFrame:
        return customer_months(self)


def opened(simulated, settings):
    """The company as its customers table shows it."""
    tables = {"customers": simulated.tables["customers"]}
    return open_company(tables, settings=settings)


def month_number(days):
    return 12 * days.dt.year + days.dt.month


def oracle(people):
    """Survival and incidence of each cause by period, had nobody been missed.

    Everybody who ever joined is followed from joining to the launch.
    """
    people = people[people["joined_on"] < LAUNCH]
    left = people["left_on"].fillna(LAUNCH).clip(upper=LAUNCH)
    gone = (left < LAUNCH).to_numpy()
    period = (month_number(left) - month_number(people["joined_on"])).to_numpy() + gone
    leavers = np.bincount(period[gone])
    at_risk = np.bincount(period)[::-1].cumsum()[::-1][: len(leavers)]
    survival = np.cumprod(1 - leavers / np.maximum(at_risk, 1))
    curves = {"survival": survival}
    for cause, at_will in (("voluntary", 1), ("involuntary", 0)):
        chosen = gone & (people["voluntary"] == at_will).to_numpy()
        events = np.bincount(period[chosen], minlength=len(leavers))
        share = np.append(1.0, survival[:-1]) * events / np.maximum(at_risk, 1)
        curves[cause] = share.cumsum()
    return pd.DataFrame(curves)


def customer_months(world):
    """Customer-months of the window with the score, which only the truth knows."""
    scores = world.simulated.truth["scores"].query("month < @LAUNCH")
    seen = collect(tenure_frame(world.company, window=WINDOW, reason="voluntary"))
    rows = scores.join(seen.set_index("customer_id"), on="customer_id")
    source = rows["customer_id"].map(world.people["true_source"])
    period = month_number(rows["month"]) - month_number(rows["joined_on"]) + 1
    return rows.assign(
        period=period,
        at_risk=1,
        events=((period == rows["duration"]) & (rows["event"] == 1)).astype(int),
        referred=source == "referral",
        score=rows["score"].astype(str),
    )


def regression(table, terms):
    """Discrete-time hazards with the planted break of the annual contract."""
    reference = {k: v for k, v in REFERENCE.items() if k in terms}
    return hazard_regression(
        table, terms, reference=reference, split={"contract": YEAR}
    )


def given_score(world):
    """The regression that the planted values are the truth of."""
    terms = ["engagement", "segment", "plan", "contract", "referred", "score"]
    return regression(world.months, terms)


def effects(fit, truth):
    """Found coefficients beside the true ones: truth, value, se, lower, upper."""
    places = [EFFECTS[name] for name in truth]
    rows = fit.table.set_index(["term", "level", "periods"]).loc[places]
    found = pd.DataFrame({"truth": truth})
    found["value"], found["se"] = rows["coef"].to_numpy(), rows["se"].to_numpy()
    found[["lower", "upper"]] = np.log(rows[["lower", "upper"]]).to_numpy()
    return found


def shares(world):
    """Shares still here beside those of all customers ever."""
    kept = {f"S{k}": survival_at(world.curve, k) for k in HORIZONS}
    found = pd.DataFrame(
        {"truth": {f"S{k}": world.oracle["survival"][k] for k in HORIZONS}}
    )
    for column in ("value", "se", "lower", "upper"):
        found[column] = [getattr(estimate, column) for estimate in kept.values()]
    return found


def plans(world):
    """Shifted beta-geometric fit to the annual plans, counted in plan years."""
    settings = world.simulated.settings
    yearly = {
        **settings,
        "company": {**settings["company"], "time_unit": "year"},
        "population": {**settings["population"], "tenure": {"business": ["plans"]}},
    }
    fit = fit_sbg(tenure(opened(world.simulated, yearly)))
    found = fit.parameters().loc[list(PLANTED_PLANS)]
    return found.assign(truth=pd.Series(PLANTED_PLANS))


def distance(found, reference):
    """Errors in units of the two standard errors: ours and the larger company's."""
    theirs = pd.Series(reference["standard_errors"])[found.index]
    return (found["value"] - found["truth"]) / np.hypot(found["se"], theirs)


def covered(found):
    return found["truth"].between(found["lower"], found["upper"])


def holds(estimate, truth):
    return estimate.lower <= truth <= estimate.upper


@pytest.fixture(scope="session")
def world():
    return World(simulate(seed=DEFAULT_SEED))


def test_the_planted_values_are_those_of_the_simulator(world):
    planted = world.simulated.parameters["planted"]
    at_will = dict(planted["hazard"]["voluntary"])
    at_will |= {f"score_{k}": value for k, value in at_will["score"].items()}
    assert at_will["score_4"] == 0 and "plus" not in at_will
    assert {k: at_will.get(k, 0.0) for k in PLANTED} == pytest.approx(PLANTED)
    assert planted["hazard"]["annual_contract_months"] == YEAR
    assert [planted["plans"][k] for k in "ab"] == list(PLANTED_PLANS.values())


def test_the_oracle_is_the_truth_that_the_company_tells(world):
    told = world.simulated.parameters["realised"]["survival"]
    survival = world.oracle["survival"]
    for k in HORIZONS:
        assert survival[k] == pytest.approx(told[f"S{k}"], abs=1e-6)
    assert survival[:60].sum() == pytest.approx(told["restricted_mean_60"], abs=1e-6)
    assert (survival <= 0.5).idxmax() == told["median"]


def test_shares_still_here_cover_the_truth(world):
    found = shares(world)
    assert covered(found).all(), found.to_string()


def test_shares_still_here_are_those_of_a_far_larger_company(world):
    found = shares(world)
    large = pd.Series(world.simulated.parameters["reference"]["survival"])
    error = (found["value"] - large[found.index]) / found["se"]
    assert (error.abs() < 3).all(), error.to_string()


def test_the_median_covers_the_truth(world):
    median = median_survival(world.curve)
    assert holds(median, (world.oracle["survival"] <= 0.5).idxmax())
    assert holds(median, world.simulated.parameters["reference"]["survival"]["median"])


def test_the_curve_that_ignores_late_entry_is_far_too_high(world):
    naive = kaplan_meier_ignoring_entry(world.tenure)
    truth = world.oracle["survival"]
    assert survival_at(naive, 12).value > truth[12] + 0.1
    for k in HORIZONS:
        assert survival_at(naive, k).lower > truth[k]
    assert median_survival(naive).lower > (truth <= 0.5).idxmax()


@pytest.mark.parametrize("cause", ["voluntary", "involuntary"])
def test_incidence_of_each_cause_covers_the_truth(world, cause):
    curves = aalen_johansen(world.tenure).set_index(["cause", "time"])
    for time in (12, 24):
        row = curves.loc[(cause, time)]
        assert row["lower"] <= world.oracle[cause][time] <= row["upper"]


def test_mean_tenure_covers_the_truth(world):
    first_five_years = world.oracle["survival"][:60]
    assert holds(restricted_mean(world.tenure, 60), first_five_years.sum())


def test_discounted_tenure_covers_the_truth(world):
    rate = world.simulated.settings["economics"]["annual_discount_rate"]
    found = discounted_expected_tenure(
        world.curve, annual_discount_rate=rate, horizon=60
    )
    first_five_years = world.oracle["survival"][:60]
    discount = (1 + rate) ** (-first_five_years.index / 12)
    assert holds(found, (first_five_years * discount).sum())


def test_the_score_of_every_month_at_risk_is_known(world):
    months, at_risk = world.months, periods(world.tenure)["at_risk"].sum()
    inside = months["period"].between(months["entry"] + 1, months["duration"])
    assert inside.all() and len(months) == at_risk
    assert not months.duplicated(["customer_id", "month"]).any()


def test_effects_given_the_score_cover_what_was_planted(world):
    found = effects(given_score(world), PLANTED)
    assert covered(found).all(), found.to_string()


def test_effects_without_the_score_are_those_of_a_far_larger_company(world):
    terms = ["engagement", "segment", "plan", "contract", "referred"]
    reference = world.simulated.parameters["reference"]
    found = effects(regression(world.months, terms), reference["total_effects"])
    z = distance(found, reference)
    assert (z.abs() < 3).all(), found.assign(z=z).to_string()
    # what works through the score is in them, so the planted value is far off
    planted = found.assign(truth=pd.Series(PLANTED))
    assert abs(distance(planted, reference)["engagement"]) > 3


def test_the_break_of_the_annual_contract_is_found(world):
    terms = ["contract", "score"]
    reference = {name: REFERENCE[name] for name in terms}
    found = proportionality(world.months, terms, bands=[YEAR], reference=reference)
    annual = found[found["term"] == "contract"].set_index("periods")
    assert (annual["p"] < SURELY_FOUND).all()
    for band, name in (("1-12", "annual_first_year"), ("13+", "annual_later")):
        ratio = math.exp(PLANTED[name])
        assert annual["lower"][band] < ratio < annual["upper"][band]
    assert (found.loc[found["term"] == "score", "p"] > SURELY_ABSENT).all()


@pytest.fixture(scope="session")
def cells(world):
    """Counts as the notebook makes them, of what a company knows."""
    columns = ["contract", "region", "segment", "plan"]
    counted = tenure(
        world.company,
        by=columns,
        widths={"engagement": 0.25},
        reason="voluntary",
        window=WINDOW,
    )
    return periods(counted)


def test_effects_from_counts_are_those_of_a_far_larger_company(world, cells):
    terms = ["engagement", "segment", "plan", "contract"]
    reference = world.simulated.parameters["reference"]
    found = effects(regression(cells, terms), reference["without_source"])
    z = distance(found, reference)
    assert (z.abs() < 3).all(), found.assign(z=z).to_string()


def test_region_has_no_effect_in_any_year(cells):
    found = proportionality(cells, ["region", "contract"], bands=[12, 24])
    region = found[found["term"] == "region"]
    assert len(region) == 9 and (region["z"].abs() < 3).all(), region.to_string()
    assert (region["p"] > SURELY_ABSENT).all()
    assert (found.loc[found["term"] == "contract", "p"] < SURELY_FOUND).all()


def test_cox_finds_the_break_and_nothing_of_region(world):
    groups = ["contract", "region", "segment", "plan"]
    sums = tenure_sums(
        world.company, groups, ["engagement"], reason="voluntary", window=WINDOW
    )
    fit = cox(sums, reference={name: REFERENCE[name] for name in ("contract", "plan")})
    region = fit.table[fit.table["term"] == "region"]
    assert len(region) == 3 and (region["z"].abs() < 3).all(), region.to_string()
    p = cox_zph(fit).set_index("term")["p"]
    assert p["contract"] < SURELY_FOUND and p["GLOBAL"] < SURELY_FOUND
    assert (p.drop(["contract", "GLOBAL"]) > SURELY_ABSENT).all(), p.to_string()


def test_the_annual_plans_give_back_their_beta_distribution(world):
    found = plans(world)
    assert covered(found).all(), found.to_string()


def recovered(seed):
    """Every quantity with a known truth, found in one company."""
    world = World(simulate(seed=seed))
    found = [shares(world), effects(given_score(world), PLANTED), plans(world)]
    return pd.concat(found).rename_axis("quantity")


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


@pytest.mark.slow
def test_intervals_cover_in_twenty_companies():
    table = summary(pd.concat([recovered(seed) for seed in SEEDS]))
    assert len(table) == len(HORIZONS) + len(PLANTED) + len(PLANTED_PLANS)
    enough = table["coverage"] >= LEAST_COVERAGE
    straight = table["bias_in_se"].abs() < MOST_BIAS
    assert (enough & straight).all(), f"\n{table.round(3).to_string()}"
