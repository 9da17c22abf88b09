"""What a report is asked to be."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Request:
    """Everything that decides a report; two equal requests give equal numbers.

    Attributes
    ----------
    company : str or Path
        Folder or .duckdb file, from the working directory or the project root.
    period : str
        "2026-10", "2026-Q3", "2026-10-31", "last-month", ...: the report is as of
        its end. Empty: the period of the last observed day; "undated" where the
        company brings no dates.
    studies : tuple of str
        Names; empty means all that have a notebook. A study that cannot run is
        skipped and the page says what it lacks; if none of the named ones can run,
        the report is refused.
    by : str
        Column of customers that splits the answers.
    parameters : dict of str to str
        Values for the notebooks' own parameters.
    months : int
        Length of the observation window, for studies that have `window_from`;
        0 observes all.
    strict : bool
        Refuse the company when any row had to be left out.
    at_risk : bool
        Keep the early-warning list, which names customers, as `at_risk.csv`.
    keep_notebooks : bool
        Keep the executed notebooks.
    pdf : bool
        Print each page to PDF as well.
    out : str or Path
        Gets `<company>/<period>/`.
    under : str
        Folder in `out` that gets the periods; "" for the company's own.
    segment : tuple of str
        Column and value that a segment's report is about; () for all customers.
    notebooks : Path, optional
        Folder of the study notebooks; the project's unless given.
    timeout : int
        Seconds one cell may take.
    """

    company: str | Path
    period: str = ""
    studies: tuple[str, ...] = ()
    by: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    months: int = 0
    strict: bool = False
    at_risk: bool = False
    keep_notebooks: bool = False
    pdf: bool = False
    out: str | Path = "reports"
    under: str = ""
    segment: tuple[str, ...] = ()
    notebooks: Path | None = None
    timeout: int = 900
