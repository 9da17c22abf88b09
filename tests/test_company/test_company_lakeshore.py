"""The shipped company breaks no rule, now or as of an earlier day."""

from pathlib import Path

import pytest

from retention.company import open_company
from retention.schema import TABLES

LAKESHORE = Path(__file__).parents[2] / "data" / "lakeshore"


@pytest.mark.parametrize("as_of", [None, "2025-06"])
def test_the_shipped_company_is_clean(as_of):
    company = open_company(LAKESHORE, as_of=as_of, strict=True)
    quality = company.quality()
    assert quality["quarantined"].sum() == 0
    assert set(quality["table"]) == set(TABLES) - {"tenure_counts"}
    assert company.runnable()["runnable"].all()
    assert company.unused == ()
    assert (quality["not_yet"].sum() > 0) == (as_of is not None)
