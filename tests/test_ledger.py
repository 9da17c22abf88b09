"""The ledger on companies whole, poor and small, and over twenty of them."""

import sys

import pytest

from retention import claims
from retention.company import open_company
from retention.notebooks import project_root, read
from retention.notebooks.recording import RECORD_MIME
from retention.schema import STUDIES
from retention.simulate import simulate

LAKESHORE = project_root() / "data" / "lakeshore"
# What the truth of Lakeshore decides; L04b and L11 lie at an edge of their regions.
EXPECTED = {
    "L04a": {"DOES NOT HOLD"},
    "L04b": {"DOES NOT HOLD", "UNDECIDED"},
    "L10a": {"DOES NOT HOLD"},
    "L10b": {"DOES NOT HOLD"},
    "L11": {"HOLDS", "UNDECIDED"},
    "L25": {"DOES NOT HOLD"},
    "L27a": {"DOES NOT HOLD"},
    "L27b": {"HOLDS"},
    "L29a": {"DOES NOT HOLD"},
    "L32": {"DOES NOT HOLD"},
    "L35a": {"HOLDS"},
    "L35b": {"HOLDS"},
    "L38": {"NOT IDENTIFIABLE"},
    "L39": {"DOES NOT HOLD"},
    "L40a": {"HOLDS"},
    "L42b": {"HOLDS"},
    "L43": {"NOT IDENTIFIABLE"},
    "L45a": {"HOLDS"},
    "L45b": {"DOES NOT HOLD"},
    "L46": {"INCONSISTENT"},
    "L47b": {"HOLDS"},
    "L47d": {"DOES NOT HOLD"},
}


def stored_records():
    """Records that the stored notebooks of Lakeshore hold."""
    found = {}
    for study in STUDIES.values():
        nb = read(project_root() / "notebooks" / f"{study.notebook}.ipynb")
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                if RECORD_MIME in output.get("data", {}):
                    found[study.name] = output["data"][RECORD_MIME]
    return found


@pytest.fixture(scope="module")
def book():
    return claims.ledger(open_company(LAKESHORE), records=stored_records())


def test_lakeshore_gets_the_verdicts_that_its_truth_decides(book):
    verdicts = book.table["verdict"]
    assert {i: verdicts[i] for i in EXPECTED if verdicts[i] not in EXPECTED[i]} == {}


def test_every_saying_of_the_articles_is_there_once_or_more(book):
    numbers = {int(i[1:3]) for i in book.table.index}
    assert numbers == set(range(1, 59))
    assert book.table.index.is_unique


def test_the_ledger_reads_the_records_and_measures_nothing_again(monkeypatch):
    module = sys.modules["retention.claims.ledger"]

    def refused(company, study):
        raise AssertionError(f"{study} was measured again")

    monkeypatch.setattr(module, "_measured", refused)
    book = claims.ledger(open_company(LAKESHORE), records=stored_records())
    assert len(book.table) == len(claims.read())


def test_every_saying_names_its_notebook_and_has_a_reason(book):
    assert (book.table["why"].str.len() > 10).all()
    for name in book.table["notebook"].unique():
        assert (project_root() / "notebooks" / f"{name}.ipynb").is_file()


def test_a_lower_q_goes_with_a_clearer_verdict(book):
    firm = book.table["verdict"].isin(["HOLDS", "DOES NOT HOLD"])
    told = book.table["q"].notna()
    assert (book.table.loc[firm & told, "q"] <= 0.06).all()
    assert book.table.loc[book.table["verdict"] == "INCONSISTENT", "q"].isna().all()


def without(simulated, *tables):
    frames = {n: t for n, t in simulated.tables.items() if n not in tables}
    return open_company(frames, settings=simulated.settings)


@pytest.fixture(scope="module")
def small():
    return simulate(seed=5, scale=0.03)


@pytest.mark.parametrize(
    "table", ["surveys", "memberships", "touchpoints", "invitations", "tiers", "costs"]
)
def test_without_a_table_its_sayings_are_not_identifiable(small, table):
    starts = f"{table}."
    hit = [c for c in claims.read() if any(n.startswith(starts) for n in c.needs)]
    assert hit
    other = {c.study for c in hit}
    kept = {name: r for name, r in stored_records().items() if name not in other}
    book = claims.ledger(without(small, table), records=kept)
    for claim in hit:
        row = book.table.loc[claim.id]
        assert row["verdict"] in ("NOT IDENTIFIABLE", "INCONSISTENT")
        assert row["here"] == ""


def test_too_few_customers_decide_little():
    tiny = simulate(seed=5, scale=0.01)
    book = claims.ledger(without(tiny))
    open_ = book.counts["UNDECIDED"] + book.counts["NOT IDENTIFIABLE"]
    assert open_ > book.counts["HOLDS"] + book.counts["DOES NOT HOLD"] - 20
    assert book.counts.sum() == len(claims.read())


def test_a_company_with_customers_only_gets_a_ledger(small):
    people = small.tables["customers"][["customer_id", "joined_on", "left_on"]]
    book = claims.ledger(
        open_company(
            {"customers": people},
            settings={"company": {"observed_to": "2026-10-31"}},
        )
    )
    kinds = set(book.table["verdict"])
    assert "NOT IDENTIFIABLE" in kinds
    assert book.counts["NOT IDENTIFIABLE"] > len(book.table) / 2


def test_the_command_prints_every_verdict(tmp_path, small, capsys):
    from retention import cli

    people = small.tables["customers"][["customer_id", "joined_on", "left_on"]]
    (tmp_path / "acme").mkdir()
    people.to_csv(tmp_path / "acme" / "customers.csv", index=False)
    assert cli.main(["ledger", str(tmp_path / "acme")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("acme (REAL). Of ")
    for claim in claims.read():
        assert f"  {claim.id:<5} " in printed
