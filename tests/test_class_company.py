"""A class's company: its own truths, the same for the same seed."""

import copy

import pytest

from retention.simulate import known, placed, simulate_class
from retention.simulate.classes import drawn_truths


def planted(seed):
    with drawn_truths(seed):
        return copy.deepcopy(known.planted())


def test_truths_are_drawn_and_then_as_shipped_again():
    shipped = known.planted()
    assert planted(7) == planted(7)
    assert planted(7) != planted(8) != shipped
    with pytest.raises(ZeroDivisionError), drawn_truths(7):
        raise ZeroDivisionError
    assert known.planted() == shipped


@pytest.mark.parametrize("seed", range(10))
def test_drawn_probabilities_are_probabilities(seed):
    drawn = planted(seed)
    for row in [*drawn["journeys"]["next"], *drawn["tiers"]["quarterly"]]:
        assert abs(sum(row) - 1) < 1e-9
        assert min(row) >= 0
    assert drawn["loyalty"]["points"]["redeemed"] < 1


def test_the_same_seed_gives_the_same_class_and_another_another():
    first, again = (simulate_class(seed=3, name="A", scale=0.02) for _ in range(2))
    other = simulate_class(seed=4, name="A", scale=0.02)
    assert first.parameters == again.parameters
    assert all(first.tables[n].equals(again.tables[n]) for n in first.tables)
    for part in ("planted", "analytic", "realised", "reference"):
        assert first.parameters[part] != other.parameters[part]


def test_a_class_is_written_with_its_name_whatever_it_holds(tmp_path):
    from retention.company import open_company

    name = 'Spring "2027" \\ 春'
    company = simulate_class(seed=3, name=name, scale=0.02)
    folder = placed(company, tmp_path / "class")
    opened = open_company(folder)
    assert opened.name == name
    assert opened.label == "SIMULATED"
