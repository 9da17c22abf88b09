"""Each rule on a tiny company: what is set aside, and what the message says."""

from pathlib import Path

import pytest

from retention.company import RULES, CompanyError, check_report
from retention.company.quarantine import sentence

HERE = Path(__file__).parent
JOINED = "customer_id,joined_on,left_on\n"
ACTIVITY = "customer_id,month,revenue\n"


def broken(company, table):
    """(line, column, value, rule) of each row of a table that was set aside."""
    company.table(table)
    rows = company.quarantined()
    rows = rows[rows["table"] == table]
    return [
        (int(r.line), r.column, r.value, r.rule) for r in rows.itertuples(index=False)
    ]


def used(company, table):
    return company.table(table).collect("pandas").to_native()


CASES = {
    "empty_value": (
        "customers",
        JOINED + "001,2025-01-10,\n,2025-01-11,\n",
        "",
        [(3, "customer_id", "", "empty_value")],
    ),
    "unreadable_date": (
        "customers",
        JOINED + "001,2025-01-10,\n002,13/01/2025,\n003,2025-02-30,\n",
        "",
        [
            (3, "joined_on", "13/01/2025", "unreadable_date"),
            (4, "joined_on", "2025-02-30", "unreadable_date"),
        ],
    ),
    "left_before_joined": (
        "customers",
        JOINED + "001,2025-03-10,2025-03-09\n002,2025-03-10,2025-03-10\n",
        "",
        [(2, "left_on", "2025-03-09", "left_before_joined")],
    ),
    "after_observed_to": (
        "customers",
        JOINED + "001,2025-01-10,9999-12-31\n002,2026-01-01,\n003,2025-12-31,\n",
        "",
        [
            (3, "joined_on", "2026-01-01", "after_observed_to"),
            (2, "left_on", "9999-12-31", "after_observed_to"),
        ],
    ),
    "unknown_word": (
        "customers",
        "customer_id,joined_on,left_on,leave_reason\n"
        "001,2025-01-10,2025-02-10,moved\n002,2025-01-10,2025-02-10,voluntary\n",
        "",
        [(2, "leave_reason", "moved", "unknown_word")],
    ),
    "left_with_tenure_0": (
        "customers",
        "customer_id,tenure,left\n001,0,1\n002,0,0\n003,1,1\n",
        "",
        [(2, "tenure", "0", "left_with_tenure_0")],
    ),
    "unreadable_flag": (
        "customers",
        "customer_id,tenure,left\n001,4,yes\n002,5,1\n003,6,true\n",
        "",
        [(2, "left", "yes", "unreadable_flag")],
    ),
    "unreadable_number": (
        "customers",
        'customer_id,tenure,left\n001,4.5,1\n002,"1,000",0\n003,6,0\n',
        "",
        [
            (2, "tenure", "4.5", "unreadable_number"),
            (3, "tenure", "1,000", "unreadable_number"),
        ],
    ),
    "too_small": (
        "customers",
        "customer_id,tenure,left\n001,-1,0\n002,5,1\n",
        "",
        [(2, "tenure", "-1", "too_small")],
    ),
    "not_finite": (
        "activity",
        ACTIVITY + "001,2025-01,inf\n002,2025-02,NaN\n003,2025-03,5\n",
        "",
        [
            (2, "revenue", "inf", "not_finite"),
            (3, "revenue", "NaN", "not_finite"),
        ],
    ),
    "negative_amount": (
        "activity",
        ACTIVITY + "001,2025-01,-5\n002,2025-02,0\n",
        "",
        [(2, "revenue", "-5", "negative_amount")],
    ),
    "outside_scale": (
        "surveys",
        "customer_id,surveyed_on,satisfaction\n001,2025-02-01,6\n002,2025-03-01,5\n",
        "[scales]\nsatisfaction = [1, 5]\n",
        [(2, "satisfaction", "6", "outside_scale")],
    ),
    "answer_missing": (
        "surveys",
        "customer_id,surveyed_on,responded,satisfaction\n"
        "001,2025-02-01,1,\n002,2025-03-01,0,\n003,2025-04-01,1,4\n",
        "",
        [(2, "satisfaction", "", "answer_missing")],
    ),
    "answer_without_response": (
        "surveys",
        "customer_id,surveyed_on,responded,satisfaction\n"
        "001,2025-02-01,0,3\n002,2025-03-01,0,\n",
        "",
        [(2, "satisfaction", "3", "answer_without_response")],
    ),
    "unreadable_line": (
        "activity",
        ACTIVITY + "001,2025-01,5\n002,2025-02\n003,2025-03,5,6\n\n002,2025-04,x\n",
        "",
        [
            (3, "", "002,2025-02", "unreadable_line"),
            (4, "", "003,2025-03,5,6", "unreadable_line"),
            (6, "revenue", "x", "unreadable_number"),
        ],
    ),
    "duplicate_row": (
        "activity",
        ACTIVITY + "001,2025-01,5\n002,2025-02,5\n001,2025-01,5\n",
        "",
        [(4, "customer_id", "001", "duplicate_row")],
    ),
    "conflicting_rows": (
        "activity",
        ACTIVITY + "001,2025-01,5\n002,2025-02,5\n001,2025-01,7\n",
        "",
        [
            (2, "customer_id", "001", "conflicting_rows"),
            (4, "customer_id", "001", "conflicting_rows"),
        ],
    ),
    "unknown_customer": (
        "activity",
        ACTIVITY + "1,2025-01,5\n002,2025-02,5\n",
        "",
        [(2, "customer_id", "1", "unknown_customer")],
    ),
    "order_conflict": (
        "orders",
        "order_id,customer_id,ordered_on,amount\n"
        "a,001,2025-02-01,3\na,002,2025-02-01,4\nb,001,2025-02-01,5\n"
        "b,001,2025-02-01,6\n",
        "",
        [
            (2, "order_id", "a", "order_conflict"),
            (3, "order_id", "a", "order_conflict"),
        ],
    ),
    "self_referral": (
        "referrals",
        "referrer_id,referee_id,referred_on\n001,001,2025-02-01\n001,002,2025-02-01\n",
        "",
        [(2, "referee_id", "001", "self_referral")],
    ),
    "two_referrers": (
        "referrals",
        "referrer_id,referee_id,referred_on\n"
        "001,003,2025-03-01\n002,003,2025-03-01\n001,002,2025-02-01\n",
        "",
        [
            (2, "referee_id", "003", "two_referrers"),
            (3, "referee_id", "003", "two_referrers"),
        ],
    ),
    "referral_before_joining": (
        "referrals",
        "referrer_id,referee_id,referred_on\n001,002,2025-01-09\n001,003,2025-01-10\n",
        "",
        [(2, "referred_on", "2025-01-09", "referral_before_joining")],
    ),
    "referral_cycle": (
        "referrals",
        "referrer_id,referee_id,referred_on\n"
        "002,001,2025-04-01\n001,002,2025-04-01\n002,003,2025-04-01\n",
        "",
        [
            (2, "referee_id", "001", "referral_cycle"),
            (3, "referee_id", "002", "referral_cycle"),
        ],
    ),
    "referrer_joined_later": (
        "referrals",
        "referrer_id,referee_id,referred_on\n003,002,2025-04-01\n001,003,2025-04-01\n",
        "",
        [(2, "referrer_id", "003", "referrer_joined_later")],
    ),
    "membership_before_joining": (
        "memberships",
        "customer_id,enrolled_on\n001,2025-01-09\n002,2025-02-10\n003,\n",
        "",
        [(2, "enrolled_on", "2025-01-09", "membership_before_joining")],
    ),
    "membership_overlap": (
        "memberships",
        "customer_id,enrolled_on,ended_on\n"
        "001,2025-02-01,2025-04-01\n001,2025-03-01,\n"
        "002,2025-03-01,2025-04-01\n002,2025-04-01,\n",
        "",
        [(3, "enrolled_on", "2025-03-01", "membership_overlap")],
    ),
    "ended_before_start": (
        "memberships",
        "customer_id,enrolled_on,ended_on\n"
        "001,2025-03-01,2025-02-01\n002,,2025-04-01\n003,,\n",
        "",
        [
            (2, "ended_on", "2025-02-01", "ended_before_start"),
            (3, "ended_on", "2025-04-01", "ended_before_start"),
        ],
    ),
    "redeemed_beyond_earned": (
        "points",
        "customer_id,occurred_on,kind,points\n"
        "001,2025-02-01,redeem,100\n001,2025-02-01,earn,100\n"
        "002,2025-03-02,earn,50\n002,2025-03-01,redeem,50\n",
        "",
        [(5, "points", "50", "redeemed_beyond_earned")],
    ),
    "position_gap": (
        "touchpoints",
        "journey_id,position,channel,converted\n"
        "a,1,search,0\na,3,email,1\nb,2,email,1\nb,1,search,1\n",
        "",
        [
            (2, "journey_id", "a", "position_gap"),
            (3, "journey_id", "a", "position_gap"),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_rows_that_break_a_rule_are_set_aside_with_their_line(company, name):
    table, content, toml, expected = CASES[name]
    found = company(toml, **{table: content})
    assert broken(found, table) == expected
    checked = found.checked(table)
    assert checked.used == checked.read - len(expected)
    assert name in {rule for *_, rule in expected}


@pytest.mark.parametrize("name", CASES)
def test_the_message_names_file_line_column_value_and_repair(company, name):
    table, content, toml, _ = CASES[name]
    found = company(toml, **{table: content})
    found.table(table)
    rows = found.quarantined()
    row = next(rows[rows["rule"] == name].itertuples())
    message = sentence(row)
    assert message.startswith(f"{table}.csv, line {row.line}: {row.column}")
    assert repr(row.value) in message
    assert message.endswith(RULES[name].repair)
    assert message.split(": ", 1)[1] in message and RULES[name].means in message
    assert f"{name}: {RULES[name].means}" in check_report(found)


@pytest.mark.parametrize("name", CASES)
def test_strict_makes_any_broken_rule_fatal(company, name):
    table, content, toml, expected = CASES[name]
    found = company(toml, strict=True, **{table: content})
    with pytest.raises(CompanyError, match="--strict allows none") as error:
        found.table(table)
    assert f"{len(expected)} of" in str(error.value)
    assert f"{table}.csv, line {expected[0][0]}" in str(error.value)


def test_every_quarantine_rule_has_a_case():
    rules = {name for name, rule in RULES.items() if rule.effect == "quarantined"}
    assert rules - set(CASES) == {"customer_left_out"}  # tested below


def test_rows_of_a_customer_that_was_set_aside_say_so(company):
    found = company(
        customers=JOINED + "001,2025-01-10,\n002,nonsense,\n",
        activity=ACTIVITY + "001,2025-02,1\n002,2025-02,1\n009,2025-02,1\n",
    )
    assert broken(found, "activity") == [
        (4, "customer_id", "009", "unknown_customer"),
        (3, "customer_id", "002", "customer_left_out"),
    ]
    assert list(used(found, "activity")["customer_id"]) == ["001"]


def test_a_row_is_charged_with_one_rule_only(company):
    found = company(
        customers=JOINED + "001,2026-05-01,2025-01-01\n,x,\n2,2025-01-01,\n"
    )
    assert len(broken(found, "customers")) == 2
    assert found.quality().loc[0, "quarantined"] == 2


def test_a_clean_table_is_the_typed_table_itself(company):
    found = company()
    assert broken(found, "customers") == []
    assert found.checked("customers").used == 3


def test_declared_sentinels_mean_still_here(company):
    found = company(
        '[tables.customers]\nstill_here = ["9999-12-31", "-"]\n',
        customers=JOINED + "001,2025-01-10,9999-12-31\n002,2025-01-10,-\n",
    )
    assert broken(found, "customers") == []
    assert found.quality().loc[0, "share_still_here"] == 1.0


def test_the_message_on_an_undeclared_sentinel_tells_how_to_declare_it(company):
    rows = "001,2025-01-10,9999-12-31\n002,2025-01-10,\n"
    found = company(customers=JOINED + rows)
    found.table("customers")
    message = sentence(next(found.quarantined().itertuples()))
    assert 'still_here = ["9999-12-31"]' in message


def test_declared_negative_amounts_are_kept(company):
    found = company(
        "[tables.activity]\nnegative_amounts = true\n",
        activity=ACTIVITY + "001,2025-01,-5\n",
    )
    assert broken(found, "activity") == []


def test_an_undeclared_scale_is_never_guessed(company):
    found = company(surveys="customer_id,surveyed_on,satisfaction\n001,2025-02-01,77\n")
    assert broken(found, "surveys") == []
    reasons = found.runnable().set_index("study")["reason"]
    assert reasons["satisfaction"] == "missing: [scales] satisfaction"


def test_equal_rows_are_kept_where_they_are_meant(company):
    line = "001,2025-01-20,3\n"
    head = "customer_id,ordered_on,amount\n"
    assert len(broken(company(orders=head + line + line), "orders")) == 1
    kept = company("[tables.orders]\nkey = []\n", orders=head + line + line)
    assert broken(kept, "orders") == []


def test_two_calls_on_one_day_are_two_calls(company):
    call = "001,2025-02-01,phone\n"
    found = company(contacts="customer_id,occurred_on,channel\n" + call + call)
    assert broken(found, "contacts") == []


def test_a_declared_key_identifies_a_row(company):
    head = "customer_id,occurred_on,channel,ticket\n"
    found = company(
        '[tables.contacts]\nkey = ["ticket"]\n',
        contacts=head
        + "001,2025-02-01,phone,7\n001,2025-02-02,chat,7\n001,2025-02-02,chat,8\n",
    )
    assert [r for *_, r in broken(found, "contacts")] == ["conflicting_rows"] * 2


def test_channels_are_checked_only_where_declared(company):
    rows = "customer_id,occurred_on,channel\n001,2025-02-01,fax\n"
    rows += "001,2025-02-01,phone\n"
    assert broken(company(contacts=rows), "contacts") == []
    declared = company('[channels]\ncontacts = ["phone"]\n', contacts=rows)
    assert broken(declared, "contacts") == [(2, "channel", "fax", "unknown_word")]


def test_ids_with_several_differing_rows_are_refused(company):
    rows = JOINED + "001,2025-01-10,\n001,2025-01-11,\n002,2025-01-10,\n"
    with pytest.raises(CompanyError, match=r"1 customer_id.*\(001\).*spell") as error:
        company(customers=rows).table("customers")
    assert error.value.rule == "ids_not_unique"


def test_a_customer_who_comes_back_is_a_new_spell(company):
    head = "customer_id,spell,joined_on,left_on\n"
    rows = head + "001,1,2025-01-10,2025-02-01\n001,2,2025-06-01,\n"
    assert broken(company(customers=rows), "customers") == []


def test_a_long_referral_cycle_is_found_and_its_tail_kept(company):
    n = 400
    people = [f"{i:04d}" for i in range(n + 1)]
    customers = JOINED + "".join(f"{p},2025-01-01,\n" for p in people)
    edges = [(people[i], people[(i + 1) % n]) for i in range(n)] + [("0000", "0400")]
    lines = "".join(f"{a},{b},2025-02-01\n" for a, b in edges)
    found = company(
        customers=customers, referrals="referrer_id,referee_id,referred_on\n" + lines
    )
    assert {rule for *_, rule in broken(found, "referrals")} == {"referral_cycle"}
    assert list(used(found, "referrals")["referee_id"]) == ["0400"]


def test_lines_of_one_order_are_summed(company):
    head = "order_id,customer_id,ordered_on,amount,product\n"
    rows = "a,001,2025-02-01 10:30:00,3,tea\na,001,2025-02-01 10:30:00,4,jam\n"
    found = used(company(orders=head + rows), "orders")
    assert found[["order_id", "amount", "lines"]].values.tolist() == [["a", 7.0, 2]]
    assert str(found["ordered_on"][0]) == "2025-02-01 10:30:00"


def test_count_tables_are_checked_like_rows(company):
    head = "duration,event,plan,n\n"
    found = company(tenure_counts=head + "1,1,a,5\n0,1,a,2\n3,0,b,-1\n2,0,b,4\n")
    assert [r for *_, r in broken(found, "tenure_counts")] == [
        "too_small",
        "left_with_tenure_0",
    ]


def test_a_count_table_is_completed_with_entry_and_cause(company):
    found = company(tenure_counts="duration,event,cause,n\n3,0,,5\n1,1,voluntary,2\n")
    rows = used(found, "tenure_counts")
    assert rows["entry"].tolist() == [0, 0]
    assert rows["cause"].tolist() == ["", "voluntary"]


def test_the_list_is_limited_and_the_count_is_not(company):
    rows = JOINED + "".join(f"{i},soon,\n" for i in range(1500))
    found = company(customers=rows + "x,2025-01-01,\n")
    found.table("customers")
    assert len(found.quarantined()) == 1000
    assert found.rule_counts()["rows"].tolist() == [1500]
    assert found.checked("customers").used == 1


def test_a_table_of_which_no_row_passes_is_refused(company):
    rows = JOINED + "001,01.02.2025,\n002,13.02.2025,\n,2025-02-13,\n"
    with pytest.raises(CompanyError) as error:
        company(customers=rows).table("customers")
    assert error.value.rule == "nothing_left"
    assert str(error.value).startswith(
        "customers.csv: none of its 3 rows can be used (1 x empty_value, "
        "2 x unreadable_date). The first: customers.csv, line 4: customer_id is ''"
    )


def test_every_refusal_is_tested():
    refused = {name for name, rule in RULES.items() if rule.effect == "refused"}
    tests = "".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    assert {name for name in refused if tests.count(f'"{name}"') == 0} == set()
