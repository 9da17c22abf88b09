"""What a company can bring: tables, columns, settings, and what each study needs.

Nothing here reads data. `retention.company` applies these declarations, the
simulator writes tables that obey them, and `data/YOUR_DATA.md` explains them.
"""

from retention.schema.settings import ENGINES, LABELS, SECTIONS, TABLE_KEYS, TIME_UNITS
from retention.schema.shape import KINDS, Column, Table
from retention.schema.studies import STUDIES, Study
from retention.schema.tables import ENDINGS, TABLES

__all__ = [
    "ENDINGS",
    "ENGINES",
    "KINDS",
    "LABELS",
    "SECTIONS",
    "STUDIES",
    "TABLES",
    "TABLE_KEYS",
    "TIME_UNITS",
    "Column",
    "Study",
    "Table",
]
