"""The ledger: each saying, where it is from, what would make it true, its verdict.

The rules stand in `data/claims/`, one TOML file a study, written before any data are
read. A study's `measures` are set against them; nothing here estimates anything but
the two yearly losses that the tenure study measures.
"""

from retention.claims.judging import Judged, judge, sayings
from retention.claims.ledger import Ledger, ledger, recorded
from retention.claims.rows import Claim, ClaimError, read
from retention.claims.showing import SIGNS, regions, rules, table

__all__ = [
    "SIGNS",
    "Claim",
    "ClaimError",
    "Judged",
    "Ledger",
    "judge",
    "ledger",
    "read",
    "recorded",
    "regions",
    "rules",
    "sayings",
    "table",
]
