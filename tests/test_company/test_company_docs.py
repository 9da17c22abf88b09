"""data/YOUR_DATA.md says what the code does."""

import re
import tomllib
from pathlib import Path

from retention.company import RULES
from retention.company.settings import read_settings
from retention.schema import SECTIONS, STUDIES, TABLE_KEYS, TABLES

PAGE = (Path(__file__).parents[2] / "data" / "YOUR_DATA.md").read_text(encoding="utf-8")


def table_below(heading):
    section = PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_of_rules_is_that_of_the_code():
    written = table_below("## The table of rules")
    coded = [[r.name, r.effect, r.means, r.repair] for r in RULES.values()]
    assert written == coded


def test_every_table_is_written_down_column_by_column():
    for table in TABLES.values():
        written = [(row[0], row[1]) for row in table_below(f"### {table.name}")]
        coded = [(c.name, "●" if c.required else "○") for c in table.columns]
        assert written == coded


def test_every_study_is_written_down():
    written = [row[0] for row in table_below("## What each study needs")]
    assert written == [study.notebook for study in STUDIES.values()]


def test_the_settings_shown_are_accepted_and_complete(tmp_path):
    example = PAGE.split("## Settings: workbook.toml", 1)[1].split("\n    [company]", 1)
    block = "    [company]" + re.split(r"\n(?=\S)", example[1], maxsplit=1)[0]
    toml = tmp_path / "workbook.toml"
    toml.write_text(re.sub(r"(?m)^    ", "", block), encoding="utf-8")
    settings = read_settings(toml, None)
    shown = tomllib.loads(toml.read_text(encoding="utf-8"))
    written = {row[0] for row in table_below("### How files are written")}
    assert written | set(shown["tables"]["customers"]) == {*TABLE_KEYS} - {"time_zone"}
    assert set(shown) == set(SECTIONS)
    for section, keys in SECTIONS.items():
        # An engine refuses the keys of another: ENGINES.md shows each with its own.
        if section != "engine":
            assert set(keys) <= set(shown[section]) | written
    assert settings.scale("quality") == (1.0, 7.0)
