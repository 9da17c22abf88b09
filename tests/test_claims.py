"""The ledger's rules are well formed, and its verdicts follow from them alone."""

import math

import pytest

from retention import claims
from retention.claims.ledger import ROOMS
from retention.intervals import Estimate
from retention.schema import STUDIES

ROW = """
[[claim]]
id = "L90"
saying = "A third leave in their first year"
source = "nobody"
reading = "share of new customers lost within their first year"
origin = "No primary source found."
"""
RULE = 'measure = "first_year_loss"\nunit = "%"\nlow = 0.283\nhigh = 0.383\n'


def written(folder, text, *, study="tenure"):
    (folder / f"{study}.toml").write_text(text, encoding="utf-8")
    return claims.read(folder=folder)


def test_a_row_becomes_a_claim(tmp_path):
    (claim,) = written(tmp_path, ROW + RULE)
    assert (claim.id, claim.study, claim.rule) == ("L90", "tenure", "28.3 to 38.3 %")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROW, "give either a measure"),
        (ROW + RULE + 'contradiction = "no"\n', "give either a measure"),
        (ROW + 'measure = "first_year_loss"\n', "give either a measure"),
        (ROW + RULE.replace("0.283", "0.9"), "low is above high"),
        (ROW + RULE + 'needs = ["customers.shoe_size"]\n', "no table.column"),
        (ROW + RULE + "colour = 3\n", "colour is not a key"),
        (ROW.replace('source = "nobody"', "") + RULE, "source is missing"),
        (ROW + RULE + ROW + RULE, "a number is given twice"),
        (ROW + "= 3", "is not TOML"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(tmp_path, text, told):
    with pytest.raises(claims.ClaimError, match=told):
        written(tmp_path, text)


def test_a_file_is_named_for_a_study(tmp_path):
    with pytest.raises(claims.ClaimError, match="name the file for one of"):
        written(tmp_path, ROW + RULE, study="weather")


def test_a_measure_that_no_study_has_is_named():
    with pytest.raises(claims.ClaimError, match="yearly_loss_of_stock"):
        claims.judge("tenure", {"something": "else"})


def test_verdicts_follow_from_the_interval_and_the_region():
    def said(value, reach):
        loss = Estimate(value, value - reach, value + reach, 1000, "made up", "%")
        found = dict.fromkeys(("yearly_loss_of_stock", "first_year_loss"), loss)
        return claims.judge("tenure", found)[0].verdict.verdict

    assert said(0.25, 0.02) == "HOLDS"
    assert said(0.15, 0.02) == "DOES NOT HOLD"
    assert said(0.21, 0.02) == "UNDECIDED"


def test_p_values_are_those_of_the_nearest_bound():
    loss = Estimate(0.17, 0.15, 0.19, 1000, "made up", "%", se=0.03 / 1.959964)
    found = {"yearly_loss_of_stock": loss, "first_year_loss": "none"}
    first, second, third = claims.judge("tenure", found)
    assert abs(first.p_value - 0.05) < 1e-6
    assert math.isnan(second.p_value) and math.isnan(third.p_value)


def test_every_study_with_sayings_is_measured_by_a_room():
    told = {claim.study for claim in claims.read()}
    assert told <= set(ROOMS) <= set(STUDIES)
