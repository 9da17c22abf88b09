"""Over twenty simulated companies, the ledger seldom denies what was planted.

The reasons name what makes a saying true or false of every such company, whatever its
seed: they come from the planted values, not from an estimate. Sayings whose truth lies
at an edge of their region, or depends on chance, are left out.
"""

import math

import pandas as pd
import pytest

from retention import claims
from retention.company import open_company
from retention.simulate import simulate

SEEDS = range(201, 221)
ERROR = 0.05  # of 95 % intervals, on both sides of a region
MOST_OF_ONE = 5  # of twenty: chance passes it once in 3,000 sayings

TRUE = {
    "L12": "acquisition costs EUR 20 to 180, keeping EUR 2 a month",
    "L13": "a newcomer leaves sooner and costs its acquisition",
    "L20a": "38 % of leads are abandoned within twelve months",
    "L27b": "78 % of leavers are satisfied, as 83 % of all are",
    "L29b": "a point more of experience lowers the hazard",
    "L29c": "a point more of experience lowers the hazard",
    "L33a": "penalty 1.2",
    "L33b": "penalty 0.7, reward 0.6",
    "L33c": "penalty 0.5, reward 0.5",
    "L33d": "reward 0.9",
    "L34a": "six months at a hazard of 1.3 % or more, and below 5 %",
    "L35a": "no reward of quality",
    "L35b": "penalty 1.2",
    "L40a": "codes and households record a third of the referrals",
    "L42a": "a friend's journeys convert about twice as often",
    "L42b": "referred customers have 0.82 times the hazard",
    "L44": "engagement alone moves both, by a little",
    "L45a": "90 % of the top tier came from below",
    "L47a": "membership has 0.8 times the hazard",
    "L47b": "membership adds EUR 1 to 6 a month",
    "L49a": "cards have 0.95 times the hazard",
    "L51": "membership has 0.8 times the hazard, and a third of those offered enrol",
    "L18": "add-ons: hazard up by 0.3 after the first year",
    "L19": "tenure does not move the tiers: exactly 1, the edge of 'at least 1'",
    "L23": "buyers keep their own rate of orders",
    "L56": "what makes them complain lowers their score, which raises the hazard",
    "L58": "engagement raises spend and referrals",
}
FALSE = {
    "L02": "acquisition EUR 98 on average over EUR 24 and service a year: below 4",
    "L03": "the same, below 7",
    "L08a": "spend rises by five cents a month",
    "L09": "a newcomer is worth about what a leaver was",
    "L20b": "53 % of leads are abandoned in the end",
    "L26a": "82 % of the satisfied stay a year",
    "L26b": "12 % of the satisfied leave at will within a year",
    "L27a": "12 % of the satisfied leave at will within a year",
    "L28": "0.72 times the loss at the top",
    "L32": "quality carries as much as service, and three others the rest",
    "L33e": "no effect of image",
    "L36a": "six people told",
    "L36b": "25 % of those told are interested",
    "L36c": "12 % of the interested join",
    "L37": "six people told",
    "L39": "44 % of new customers are referred",
    "L40b": "65 % of the two thirds without a code: 43 %",
    "L41": "0.0085 referrals a month",
    "L45b": "1.3 % reach the top tier",
    "L47d": "who joins spends more before joining",
    "L49b": "cards cost EUR 14 a year and keep one in a hundred",
    "L10b": "spend hardly varies",
    "L21": "heavy use of service is 5 % of customers",
}


@pytest.fixture(scope="module")
def verdicts():
    """Verdict by saying (rows) and seed (columns)."""
    found = {}
    for seed in SEEDS:
        made = simulate(seed=seed)
        company = open_company(made.tables, settings=made.settings)
        found[seed] = claims.ledger(company).table["verdict"]
    return pd.DataFrame(found)


def most(n):
    """The largest share that chance leaves, with errors of 5 %."""
    return ERROR + 1.96 * math.sqrt(ERROR * (1 - ERROR) / n)


def wrong(verdicts, ids, word):
    hit = verdicts.loc[list(ids)] == word
    return hit.to_numpy().mean(), hit.sum(axis="columns")


@pytest.mark.slow
def test_what_is_true_by_construction_is_seldom_denied(verdicts):
    share, by_saying = wrong(verdicts, TRUE, "DOES NOT HOLD")
    assert share <= most(len(TRUE) * len(SEEDS))
    assert by_saying.max() <= MOST_OF_ONE, by_saying[by_saying > MOST_OF_ONE]


@pytest.mark.slow
def test_what_is_false_by_construction_seldom_holds(verdicts):
    share, by_saying = wrong(verdicts, FALSE, "HOLDS")
    assert share <= most(len(FALSE) * len(SEEDS))
    assert by_saying.max() <= MOST_OF_ONE, by_saying[by_saying > MOST_OF_ONE]


@pytest.mark.slow
def test_most_of_what_is_planted_is_found(verdicts):
    """A ledger that never decides would pass the tests above."""
    truths = verdicts.loc[list(TRUE)] == "HOLDS"
    falsehoods = verdicts.loc[list(FALSE)] == "DOES NOT HOLD"
    assert truths.to_numpy().mean() >= 0.6
    assert falsehoods.to_numpy().mean() >= 0.8


@pytest.mark.slow
def test_no_saying_is_told_apart_by_chance_alone(verdicts):
    """No saying holds in one company and is denied in another, but for a few."""
    both = (verdicts == "HOLDS").any(axis="columns") & (
        verdicts == "DOES NOT HOLD"
    ).any(axis="columns")
    assert both.mean() <= ERROR
