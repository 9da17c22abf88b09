"""What is remembered: changes, marks, verdicts that turned, lines, warnings."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest
from test_reports import example, notebooks_of, write_company

from retention import reports
from retention.company import open_company
from retention.intervals import Estimate
from retention.reports import charts, history, memory, pages, warning
from retention.reports.look import Look


def answer(middle, se, **others):
    reach = 1.959964 * se
    estimate = Estimate(middle, middle - reach, middle + reach, 100, "m", "months", se)
    texts = {"value_text": estimate.value_text, "range_text": estimate.range_text}
    told = {"key": "median", "label": "Median", "sentence": "It is so."}
    return {**told, **vars(estimate), **texts, **others}


def study(*answers, sayings=(), **parameters):
    return {
        "status": "done",
        "title": "How long?",
        "answers": list(answers),
        "sayings": list(sayings),
        "parameters": parameters,
    }


def record(period, *studies, versions="1", **others):
    return {
        "period": period,
        "window": {"observed_from": None, "observed_to": f"{period}-28"},
        "studies": dict(zip(("tenure", "claims"), studies, strict=False)),
        "versions": {"pandas": versions},
        "settings": {},
        "smallest_group": 5,
        "quality": [],
        "company": {"label": "REAL", "name": "A"},
        **others,
    }


def saying(verdict):
    return {"saying": "s", "source": "t", "verdict": verdict, "sentence": "because"}


def test_changed_only_when_the_interval_leaves_out_zero():
    """Of 3 with standard error 5 = hypot(3, 4): 3 +/- 9.8; of 10: 10 +/- 9.8."""
    small = memory.comparison(study(answer(33, 3)), study(answer(30, 4)))["median"]
    large = memory.comparison(study(answer(40, 3)), study(answer(30, 4)))["median"]
    assert (small["changed"], large["changed"]) == (False, True)
    assert large["difference"].startswith("+10 months (95 % CI 0")


def test_change_of_a_number_whose_interval_has_no_end_is_not_judged():
    now = study(answer(40, 3, upper=None))
    change = memory.comparison(now, study(answer(30, 4)))["median"]
    assert change["changed"] is None


def test_changes_are_claimed_by_chance_in_one_of_twenty_cases():
    """Two samples of one population: the interval leaves out zero about 5 % of it."""
    rng = np.random.default_rng(8)
    draws = rng.normal(0, [[3.0], [4.0]], size=(2, 4_000))
    gaps = [memory.difference(answer(a, 3), answer(b, 4)) for a, b in draws.T]
    claimed = np.mean([not gap.lower <= 0 <= gap.upper for gap in gaps])
    assert 0.04 < claimed < 0.06


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (study(answer(40, 3)), study(answer(30, 4), horizon=12)),
        (study(answer(40, 3)), study(answer(30, 4, unit="weeks"))),
        (study(answer(40, 3)), study(answer(30, 4, value=None))),
        (study(answer(40, 3)), study(answer(30, 4, key="mean"))),
    ],
)
def test_answers_that_differ_in_meaning_are_not_compared(now, before):
    assert memory.comparison(now, before) == {}


def test_a_window_that_moves_with_the_period_stays_the_same_setting():
    now = study(answer(40, 3), window_from="2025-11") | {"months": 12}
    before = study(answer(30, 4), window_from="2025-10") | {"months": 12}
    assert memory.comparison(now, before) and memory.redefined(now, before) == []
    assert memory.comparison(now, before | {"months": 24}) == {}


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (study(answer(30, 4), horizon=24), "horizon: 12 became 24"),
        (study(answer(30, 4, method="n"), horizon=12), "method 'm' became 'n'"),
        (study(answer(30, 4, unit="%"), horizon=12), "unit 'months' became '%'"),
    ],
)
def test_another_definition_is_said(now, says):
    told = memory.redefined(now, study(answer(30, 4), horizon=12))
    assert len(told) == 1 and says in told[0]


def test_a_number_in_a_methods_name_is_no_other_method():
    now, before = (study(answer(30, 4, method=f"area to {k}")) for k in (12, 13))
    assert memory.redefined(now, before) == []


def test_moved_window_settings_and_versions_are_said():
    before = record("2026-09", settings={"population": "a", "costs": "b"})
    now = record("2026-10", settings={"population": "x", "costs": "b"}, versions="2")
    now["window"]["observed_from"] = "2024-01-01"
    assert memory.moved(now, before) == [
        "records begin on 2024-01-01, not no day",
        "[population], whom a study is about changed",
        "pandas 1 became 2",
    ]
    assert memory.moved(before, before) == []


def test_sayings_that_turned_are_found_by_their_words():
    before = study(answer(1, 1), sayings=[saying("HOLDS"), saying("UNDECIDED")])
    now = study(answer(1, 1), sayings=[saying("HOLDS"), saying("DOES NOT HOLD")])
    (turned,) = memory.turned(now, before)
    assert (turned["verdict"], turned["was"]) == ("DOES NOT HOLD", "UNDECIDED")


def test_the_period_before_is_one_of_the_same_kind(tmp_path):
    for name, end in (("2026-09", "09-30"), ("2026-Q3", "09-30"), ("2026-08", "08-31")):
        (tmp_path / name).mkdir()
        told = record(name) | {"window": {"observed_to": f"2026-{end}"}}
        (tmp_path / name / "record.json").write_text(json.dumps(told))
    months = record("2026-10") | {"window": {"observed_to": "2026-10-31"}}
    quarters = record("2026-Q4") | {"window": {"observed_to": "2026-12-31"}}
    assert memory.previous(tmp_path, months)["period"] == "2026-09"
    assert memory.previous(tmp_path, quarters)["period"] == "2026-Q3"


def periods():
    """Three months: the second has another horizon, the third another pandas."""
    made = [
        record("2026-08", study(answer(30, 1), horizon=12)),
        record("2026-09", study(answer(31, 1), horizon=24)),
        record("2026-10", study(answer(40, 1), horizon=24), versions="2"),
    ]
    return {each["period"]: each for each in made}


def test_history_is_tidy_and_marks_what_changed():
    table = history.tidy(history.series(periods()))
    assert list(table.columns) == history.COLUMNS
    assert table["value"].tolist() == [30, 31, 40]
    assert table["comparable"].tolist() == [1, 0, 1]
    assert table["marks"].tolist() == [
        "",
        "horizon: 12 became 24",
        "pandas 1 became 2",
    ]


def test_history_leaves_out_failed_runs_and_groups_too_small():
    found = periods()
    found["2026-09"]["studies"]["claims"] = {"status": "failed"}
    found["2026-10"]["studies"]["tenure"]["answers"][0]["n"] = 4
    assert [row["period"] for row in history.series(found)] == ["2026-08"]


def test_chart_breaks_where_a_number_means_something_else():
    svg = charts.chart(history.series(periods()))
    assert len(re.findall("<polyline", svg)) == 1
    assert svg.count('class="dot"') == 3 and svg.count('class="mark"') == 2
    assert "Median over 3 periods: 30.0 months in August 2026" in svg
    assert "<script" not in svg and "url(" not in svg


def test_chart_of_one_period_of_unreached_bounds_and_of_hostile_names():
    (point,) = history.series({"x": record("2026-08", study(answer(30, 1)))})
    hostile = {**point, "label": '"><script>', "upper": None, "marks": "<b>"}
    svg = charts.chart([hostile])
    assert "<script" not in svg and "nan" not in svg
    assert "nan" not in charts.chart([{**point, "value": None, "lower": None}, point])


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (-5, 3), (1e-9, 2e-9), (1e6, 9e6), (0.31, 0.311)]
)
def test_ticks_enclose_and_are_few(low, high):
    ticks = charts._ticks(low, high)
    assert ticks[0] <= low and ticks[-1] >= high and 2 <= len(ticks) <= 6


def test_two_periods_that_differ_by_a_known_change_say_so():
    before = record("2026-09", study(answer(30, 1), sayings=[saying("HOLDS")]))
    now = record("2026-10", study(answer(40, 1), sayings=[saying("UNDECIDED")]))
    found = pages.since(now, before)
    assert [t["change"]["difference"] for t in found["changed"]] == [
        "+10 months (95 % CI 7 to 13)"
    ]
    assert found["turned"][0]["was"] == "HOLDS"
    unchanged = pages.since(record("2026-10", study(answer(30.5, 1))), before)
    assert unchanged["compared"] == 1 and unchanged["changed"] == []


def test_company_page_draws_every_number_and_links_every_period():
    page = (example().parent / "index.html").read_text()
    assert page.count("<svg") == 2
    assert 'href="2026-07/index.html"' in page and 'href="2026-10/index.html"' in page
    assert "over 2 periods: 18\N{NO-BREAK SPACE}% in July 2026" in page
    table = pd.read_csv(example().parent / "history.csv")
    left = table[table["key"] == "left"]
    assert left["value"].tolist() == [0.175, 0.25]


def write_listed_company(folder, *, left_by):
    """200 customers of two kinds; `left_by` of the first 100 left in October."""
    folder.mkdir()
    rows = ["customer_id,joined_on,left_on"]
    for i in range(200):
        leaves = i < left_by or 100 <= i < 105
        rows.append(f"{i:03d},2024-01-15,{'2026-10-10' if leaves else ''}")
    (folder / "customers.csv").write_text("\n".join(rows) + "\n")
    (folder / "workbook.toml").write_text('[company]\nobserved_to = "2026-10-31"\n')
    return open_company(folder)


def keep_list(home, ids, *, risk=0.2, horizon=1):
    folder = home / "2026-09"
    folder.mkdir(parents=True)
    told = record("2026-09") | {"window": {"observed_to": "2026-09-30"}}
    (folder / "record.json").write_text(json.dumps(told))
    listed = pd.DataFrame({"customer_id": ids, "risk": risk})
    listed["expected_margin_at_risk"], listed["horizon_months"] = 9.0, horizon
    listed.to_csv(folder / "at_risk.csv", index=False)


def now():
    return record("2026-10") | {"window": {"observed_to": "2026-10-31"}}


def test_last_periods_warning_is_scored_against_what_happened(tmp_path):
    """20 of 50 listed left, 25 of all 200: a lift of 0.4 / 0.125 = 3.2."""
    company = write_listed_company(tmp_path / "c", left_by=20)
    keep_list(tmp_path / "home", [f"{i:03d}" for i in range(50)])
    found = warning.scored(tmp_path / "home", company, now())
    assert found["lift"]["value"] == 3.2
    assert found["lift"]["lower"] < 3.2 < found["lift"]["upper"]
    assert found["calibration"]["value"] == 2.0
    assert [group["n"] for group in found["groups"]] == [10] * 5
    assert "40.0 % had left by 2026-10-30, against 12.5 %" in found["sentence"]
    assert not re.search(r"\b0\d\d\b", found["sentence"])


def test_only_leaving_for_the_lists_reason_in_its_business_counts(tmp_path):
    company = write_listed_company(tmp_path / "c", left_by=20)
    table = pd.read_csv(tmp_path / "c" / "customers.csv", dtype=str)
    table["business"] = ["plan"] * 150 + ["shop"] * 50
    table["leave_reason"] = ["voluntary"] * 10 + ["other"] * 190
    table.to_csv(tmp_path / "c" / "customers.csv", index=False)
    company = open_company(tmp_path / "c")
    ids = [f"{i:03d}" for i in range(50)]
    keep_list(tmp_path / "home", ids)
    listed = pd.read_csv(tmp_path / "home" / "2026-09" / "at_risk.csv", dtype=str)
    listed.assign(reason="voluntary").to_csv(
        tmp_path / "home" / "2026-09" / "at_risk.csv", index=False
    )
    found = warning.scored(tmp_path / "home", company, now())
    assert found["lift"]["value"] == 3.0
    assert found["calibration"]["value"] == 1.0


def test_lift_has_the_interval_of_a_simulation():
    rng = np.random.default_rng(1)
    lifts = []
    for _ in range(4_000):
        listed, rest = rng.random(300) < 0.3, rng.random(1_700) < 0.1
        lifts.append(listed.mean() / np.concatenate([listed, rest]).mean())
    listed = pd.Series([True] * 90 + [False] * 210)
    everyone = pd.concat([listed, pd.Series([True] * 170 + [False] * 1_530)])
    one = warning._lift(listed, everyone)
    ours = math.log(one.upper / one.lower) / 2 / 1.959964
    assert ours == pytest.approx(np.std(np.log(lifts)), rel=0.05)


def test_a_horizon_that_is_not_over_counts_in_part(tmp_path):
    company = write_listed_company(tmp_path / "c", left_by=0)
    ids = [f"{i:03d}" for i in range(100, 150)]
    keep_list(tmp_path / "home", ids, risk=0.5, horizon=12)
    found = warning.scored(tmp_path / "home", company, now())
    months = 31 / (365.25 / 12)
    expected = 50 * (1 - 0.5 ** (months / 12))
    assert found["calibration"]["value"] == pytest.approx(5 / expected, rel=1e-3)


def test_a_list_of_too_few_customers_is_not_scored(tmp_path):
    company = write_listed_company(tmp_path / "c", left_by=2)
    keep_list(tmp_path / "home", ["000", "001"])
    found = warning.scored(tmp_path / "home", company, now())
    assert "too few" in found["sentence"] and "lift" not in found


def test_no_list_no_score(tmp_path):
    company = write_listed_company(tmp_path / "c", left_by=2)
    assert warning.scored(tmp_path / "home", company, now()) == {}


def test_the_list_is_kept_only_when_asked_for_and_scored_a_period_later(tmp_path):
    company = write_company(tmp_path / "acme")
    orders = ["customer_id,ordered_on,amount", "001,2026-05-05,10"]
    (company / "orders.csv").write_text("\n".join(orders) + "\n")
    folder = notebooks_of(tmp_path / "notebooks", **{"06_customer_value": "warns"})
    common = {"company": company, "notebooks": folder, "out": tmp_path / "out"}
    plain = reports.report(reports.Request(period="2026-06", **common))
    assert not (plain.folder / "at_risk.csv").exists()
    kept = reports.report(reports.Request(period="2026-07", at_risk=True, **common))
    assert len(pd.read_csv(kept.folder / "at_risk.csv")) == 33
    later = reports.report(reports.Request(period="2026-10", **common))
    page = later.page.read_text()
    assert "Was the last early warning right?" in page
    assert later.record["early_warning"]["period"] == "2026-07"
    assert "at_risk" not in json.dumps(later.record["studies"]["customer_value"])


def test_pages_of_a_period_show_the_look_of_the_company():
    look = Look("de", "data:image/png;base64,AAAA", "#112233", "#ddeeff")
    page = pages.index(json.loads((example() / "record.json").read_text()), None, look)
    assert '<html lang="de">' in page and "--accent: #112233" in page
    assert 'src="data:image/png;base64,AAAA" alt=""' in page
