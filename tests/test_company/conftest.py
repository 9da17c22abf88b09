import csv

import pytest

from retention.company import open_company

CUSTOMERS = [
    {"customer_id": "001", "joined_on": "2025-01-10", "left_on": ""},
    {"customer_id": "002", "joined_on": "2025-02-10", "left_on": "2025-05-20"},
    {"customer_id": "003", "joined_on": "2025-03-10", "left_on": ""},
]
WINDOW = '[company]\nobserved_to = "2025-12-31"\n'


def rows_to_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    """Write a company's folder: tables as rows, text or bytes; and its settings."""

    def write(toml="", **tables):
        (tmp_path / "workbook.toml").write_text(WINDOW + toml, encoding="utf-8")
        for name, content in tables.items():
            path = tmp_path / f"{name}.csv"
            if isinstance(content, str):
                content = content.encode()
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                rows_to_csv(path, content)
        return tmp_path

    return write


@pytest.fixture
def company(folder):
    """Open a company written into a temporary folder; customers are there already."""

    def make(toml="", *, as_of=None, strict=False, **tables):
        tables = {"customers": CUSTOMERS, **tables}
        return open_company(folder(toml, **tables), as_of=as_of, strict=strict)

    return make
