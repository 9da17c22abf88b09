"""From a company's files to clean, typed, checked tables.

`open_company` finds tables and settings; `Company.table` gives a table under our
names and types, without the rows that break a rule; `check_report` says in words
what was read, used and set aside, and which studies can run.
"""

from retention.company.ahead import open_ahead
from retention.company.clock import last_day, period_name
from retention.company.company import Company
from retention.company.engines import is_address
from retention.company.errors import CompanyError, EngineError
from retention.company.opening import open_company
from retention.company.report import check_report
from retention.company.rules import RULES, Rule
from retention.company.settings import Settings

__all__ = [
    "RULES",
    "Company",
    "CompanyError",
    "EngineError",
    "Rule",
    "Settings",
    "check_report",
    "is_address",
    "last_day",
    "open_ahead",
    "open_company",
    "period_name",
]
