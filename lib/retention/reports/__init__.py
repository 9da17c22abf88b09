"""Reports: studies run on a company's data, written as pages that need nothing else."""

from retention.reports.execution import StudyRun
from retention.reports.planning import ReportError, available_studies
from retention.reports.running import RunResult, run

__all__ = ["ReportError", "RunResult", "StudyRun", "available_studies", "run"]
