from retention.schema import (
    ENDINGS,
    KINDS,
    SECTIONS,
    STUDIES,
    TABLE_KEYS,
    TABLES,
)

CONTRACT = {
    "customers": {"customer_id"},
    "tenure_counts": {"duration", "event", "n"},
    "activity": {"customer_id", "month", "revenue"},
    "orders": {"customer_id", "ordered_on", "amount"},
    "surveys": {"customer_id", "surveyed_on", "satisfaction"},
    "referrals": {"referrer_id", "referee_id", "referred_on"},
    "touchpoints": {"journey_id", "position", "channel", "converted"},
    "invitations": {"referrer_id", "told"},
    "memberships": {"customer_id", "enrolled_on"},
    "points": {"customer_id", "occurred_on", "kind", "points"},
    "contacts": {"customer_id", "occurred_on", "channel"},
    "experiments": {"customer_id", "experiment", "arm", "assigned_on"},
    "leads": {"lead_id", "opened_on", "outcome"},
    "referral_audit": {"customer_id", "true_source"},
    "costs": {"month", "kind", "amount"},
    "tiers": {"customer_id", "period", "tier"},
}
NOTEBOOKS = {
    "leaky_bucket": "01_leaky_bucket",
    "tenure": "02_customer_tenure",
    "satisfaction": "03_satisfaction_trap",
    "referral": "04_referral_attribution",
    "loyalty": "05_loyalty_roi",
    "customer_value": "06_customer_value",
    "claims": "07_claims_ledger",
}


def test_tables_require_the_columns_of_the_contract():
    assert {name: set(t.required) for name, t in TABLES.items()} == CONTRACT


def test_every_column_is_of_a_known_kind_and_named_once():
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names))
        assert {column.kind for column in table.columns} <= set(KINDS)


def test_keys_dates_and_endings_name_columns():
    for table in TABLES.values():
        names = {column.name for column in table.columns}
        assert set(table.key) | ({table.date} - {""}) <= names
    for (table, column), others in ENDINGS.items():
        assert TABLES[table].column(column).ends
        assert all(TABLES[table].column(other) for other in others)


def test_studies_have_their_notebooks():
    assert {s.name: s.notebook for s in STUDIES.values()} == NOTEBOOKS


def test_needs_name_columns_and_settings_that_exist():
    for study in STUDIES.values():
        for item in (i for need in study.needs for option in need for i in option):
            if item.startswith("["):
                section, key = item[1:].split("] ")
                assert key in SECTIONS[section]
            else:
                table, column = item.split(".")
                assert TABLES[table].column(column) is not None


def test_a_column_of_the_companys_own_is_no_column_of_ours():
    assert TABLES["customers"].column("favourite_colour") is None


def test_table_keys_are_named_once():
    assert len(TABLE_KEYS) == len(set(TABLE_KEYS))
