"""Reports: studies run on a company's data, written as pages that need nothing else.

`run` makes one report, `backfill` one for each of many periods, `each` one for each
segment; `verify` repeats one. The folders are the memory: every report is compared
with the one before it, and the company's page draws all of them.
"""

from retention.reports.execution import StudyRun
from retention.reports.periods import ReportError
from retention.reports.planning import available_studies
from retention.reports.request import Request
from retention.reports.running import RunResult, backfill, report, run
from retention.reports.segments import SegmentRun, each
from retention.reports.summary import markdown
from retention.reports.verification import Verified, verify

__all__ = [
    "ReportError",
    "Request",
    "RunResult",
    "SegmentRun",
    "StudyRun",
    "Verified",
    "available_studies",
    "backfill",
    "each",
    "markdown",
    "report",
    "run",
    "verify",
]
