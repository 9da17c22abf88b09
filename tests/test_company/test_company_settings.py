"""workbook.toml: what it may say, and what is said about what it may not."""

import datetime as dt

import pytest

from retention.company import CompanyError, open_company
from retention.company.slug import slug


@pytest.fixture
def wrong(tmp_path):
    def message(toml):
        (tmp_path / "customers.csv").write_text("customer_id\n1\n")
        (tmp_path / "workbook.toml").write_text(toml, encoding="utf-8")
        with pytest.raises(CompanyError) as error:
            open_company(tmp_path)
        return str(error.value)

    return message


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("[compny]\nname = 'x'", "[compny] is not a section. Did you mean company?"),
        ("[company]\nnme = 'x'", "nme is not a key. Did you mean name?"),
        ("[scales]\nsatisfacton = [1, 5]", "Did you mean satisfaction?"),
        ("[tables.custmers]\nfile = 'x.csv'", "Did you mean customers?"),
        ("[tables.customers]\ncolums = {}", "Did you mean columns?"),
        ("[population]\ntenur = {plan = ['a']}", "Did you mean tenure?"),
        ("[notes]\nloyality = 'x'", "Did you mean loyalty?"),
        (
            "[economics]\nanual_discount_rate = 0.1",
            "Did you mean annual_discount_rate?",
        ),
        ("[drivers]\ntenur = ['plan']", "Did you mean tenure?"),
        ("[leaving]\nafter_silence = 91", "Did you mean after_silence_days?"),
    ],
)
def test_an_unknown_key_names_the_nearest_right_one(wrong, toml, hint):
    message = wrong(toml)
    assert message.startswith("workbook.toml") and hint in message


@pytest.mark.parametrize(
    ("toml", "hint"),
    [
        ("[company]\nlabel = 'TEST'", "It can be: REAL, FICTIONAL, SIMULATED."),
        ("[company]\ntime_unit = 'months'", "day, week, month, quarter, year"),
        ("[company]\nobserved_to = '31.12.2025'", "a date such as 2026-10-31"),
        (
            "[company]\nobserved_from = 2025-02-01\nobserved_to = 2025-01-01",
            "Swap them",
        ),
        ("[company]\nname = 7", 'name must be text in quotes such as "..."'),
        ("[scales]\nsatisfaction = 5", "satisfaction = [1, 5]"),
        ("[scales]\nsatisfaction = [5, 1]", "lowest and highest"),
        ("[costs]\nprogramme = 'x'", "programme must be a number"),
        ("[loyalty]\nholdout_share = 25", "a share from 0 to 1, such as 0.1"),
        ("[economics]\nannual_discount_rate = 10", "a share from 0 to 1"),
        ("[economics]\nmargin_rate = -0.4", "a share from 0 to 1"),
        ("[population]\ntenure = 'basic'", 'tenure = {plan = ["basic", "plus"]}'),
        ("[leaving]\nafter_silence_days = true", "a whole number"),
        ("[tables.orders]\nfrom = 'customers'", "only customers can be derived"),
        ("[drivers]\ntenure = 'plan'", 'tenure = ["plan", "region"]'),
        ("company = 'x'", "write [company] on a line of its own"),
        ("[company]\nname = Acme", "Text needs quotes"),
    ],
)
def test_a_wrong_value_says_what_it_must_be(wrong, toml, hint):
    assert hint in wrong(toml)


def test_a_column_that_is_mapped_onto_nothing_names_the_nearest(tmp_path):
    (tmp_path / "customers.csv").write_text("Client No,joined_on\n1,2025-01-01\n")
    (tmp_path / "workbook.toml").write_text(
        '[tables.customers]\ncolumns = {customer_id = "client_no"}\n'
    )
    with pytest.raises(CompanyError, match=r"Did you mean Client No\?"):
        open_company(tmp_path).table("customers")


def test_a_file_that_is_not_there_names_the_nearest(tmp_path):
    (tmp_path / "clients.csv").write_text("customer_id\n1\n")
    tables = {"customers": {"file": "client.csv"}}
    with pytest.raises(CompanyError, match=r"Did you mean clients.csv\?"):
        open_company(tmp_path, settings={"tables": tables})


def test_defaults_are_those_of_a_real_company_seen_from_joining(tmp_path):
    folder = tmp_path / "Müller & Co"
    folder.mkdir()
    (folder / "customers.csv").write_text(
        "customer_id,joined_on,left_on\n1,2025-01-01,2025-06-30\n2,2025-02-03,\n"
    )
    company = open_company(folder)
    assert (company.name, company.slug) == ("Müller & Co", "müller_co")
    assert (company.label, company.time_unit, company.currency) == ("REAL", "month", "")
    assert company.observed_from is None
    assert company.observed_to == dt.date(2025, 6, 30)
    assert company.period == "2025-06"
    assert company.tenure_form == "dates"


def test_the_future_has_not_been_observed(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,joined_on,left_on\n1,2025-01-01,9999-12-31\n2,2025-02-03,\n"
    )
    company = open_company(tmp_path)
    assert company.observed_to == dt.date(2025, 2, 3)
    company.table("customers")
    assert company.rule_counts()["rule"].tolist() == ["after_observed_to"]


def test_given_settings_are_laid_over_the_file(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    (tmp_path / "workbook.toml").write_text(
        '[company]\nname = "Acme"\nlabel = "FICTIONAL"\n'
    )
    company = open_company(tmp_path, settings={"company": {"name": "Other"}})
    assert (company.name, company.label) == ("Other", "FICTIONAL")
    other = tmp_path / "other.toml"
    other.write_text('[company]\nname = "Third"\n')
    company = open_company(tmp_path, settings=other)
    assert (company.name, company.label) == ("Third", "REAL")


def test_a_population_is_a_filter_on_customers(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,plan,left,tenure\n1,a,0,3\n2,b,1,4\n3,c,1,5\n"
    )
    settings = {"population": {"tenure": {"plan": ["a", "c"], "left": [1]}}}
    company = open_company(tmp_path, settings=settings)
    found = company.population("tenure").collect("pandas").to_native()
    assert found["customer_id"].tolist() == ["3"]
    everyone = company.population("claims").collect("pandas").to_native()
    assert len(everyone) == 3


def test_a_population_by_an_unknown_column_names_the_nearest(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,plan\n1,a\n")
    settings = {"population": {"tenure": {"plam": ["a"]}}}
    with pytest.raises(CompanyError, match=r"Did you mean plan\?"):
        open_company(tmp_path, settings=settings).population("tenure")
    with pytest.raises(CompanyError, match=r"Did you mean tenure\?"):
        open_company(tmp_path).population("tenures")


def test_notes_reach_the_study_they_are_about(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    settings = {"notes": {"tenure": "A snapshot."}}
    company = open_company(tmp_path, settings=settings)
    assert company.notes("tenure") == ("A snapshot.",)
    assert company.notes("loyalty") == ()


def test_costs_are_free_names_with_numbers(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    company = open_company(tmp_path, settings={"costs": {"phone_call": 6.0}})
    assert company.settings.costs == {"phone_call": 6.0}


def test_there_is_no_company_where_nothing_is(tmp_path):
    with pytest.raises(CompanyError, match="There is no company at"):
        open_company(tmp_path / "nowhere")
    with pytest.raises(CompanyError, match=r"\[tables.customers\] file ="):
        open_company(tmp_path)
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    with pytest.raises(CompanyError, match="Give the folder it is in"):
        open_company(tmp_path / "customers.csv")
    with pytest.raises(CompanyError, match="this is a int"):
        open_company(7)
    with pytest.raises(CompanyError, match=r"Did you mean customers\?"):
        open_company({"customer": None})


def test_a_table_that_is_not_brought_is_named_with_those_that_are(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    company = open_company(tmp_path)
    with pytest.raises(CompanyError, match=r"no table orders\. It brings: cust"):
        company.table("orders")
    with pytest.raises(CompanyError, match=r"Did you mean orders\?"):
        company.table("order")


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Lakeshore", "lakeshore"),
        ("../../etc", "etc"),
        ("CON", "con_"),
        ("湖岸 公司", "湖岸_公司"),
        ("///", "company"),
        ("a" * 100, "a" * 60),
    ],
)
def test_a_slug_is_a_safe_folder_name(name, folder):
    assert slug(name) == folder
