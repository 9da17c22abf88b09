"""The written rules: one row a reading of a saying."""

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from retention.intervals import Region
from retention.schema import STUDIES, TABLES

_TEXTS = ("id", "saying", "source", "reading", "origin")


class ClaimError(ValueError):
    """A row of the claims cannot be used; the message says which and why."""


@dataclass(frozen=True, eq=False)
class Claim:
    """One reading of one saying, and the rule that judges it.

    Attributes
    ----------
    id : str
        Such as L27, or L27a and L27b where a saying has several readings.
    study : str
        The study that measures it, as in `schema.STUDIES`.
    saying, source : str
        The saying in short, and who says it.
    reading : str
        What it means on a company's tables.
    origin : str
        What is known of where the saying comes from.
    measure : str
        Key among the study's measures; empty where no data can settle the saying.
    unit : str
        Unit of the region, as of the estimate.
    low, high : float
        Where the saying is true, in the measure's own scale; infinite where open.
    needs : tuple of str
        ``table.column`` without which the saying is not identifiable.
    contradiction : str
        Why the saying cannot be true of any company; empty otherwise.
    not_identifiable : str
        Why no company's tables can settle it; empty otherwise.
    """

    id: str
    study: str
    saying: str
    source: str
    reading: str
    origin: str
    measure: str = ""
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    needs: tuple[str, ...] = ()
    contradiction: str = ""
    not_identifiable: str = ""

    @property
    def region(self) -> Region:
        """Where the saying is true."""
        return Region(self.low, self.high)

    @property
    def rule(self) -> str:
        """When it holds, in words."""
        if self.contradiction or self.not_identifiable:
            return "no data needed"
        return self.region.text(self.unit)


def read(study: str = "", *, folder: str | Path | None = None) -> tuple[Claim, ...]:
    """Claims as written, in the order of their numbers.

    Parameters
    ----------
    study : str
        Only this study's; all by default.
    folder : str or Path, optional
        Where the TOML files are: `data/claims` of the project by default.

    Returns
    -------
    tuple of Claim

    Raises
    ------
    ClaimError
        If a row lacks a text, names an unknown study, table or column, gives no
        rule or two, or repeats a number.

    Examples
    --------
    >>> [claim.id for claim in read("tenure")]
    ['L04a', 'L04b', 'L46']
    """
    place = Path(folder) if folder else Path(__file__).parents[3] / "data" / "claims"
    found = [claim for path in sorted(place.glob("*.toml")) for claim in _rows(path)]
    ids = [claim.id for claim in found]
    if repeated := sorted({i for i in ids if ids.count(i) > 1}):
        raise ClaimError(f"{', '.join(repeated[:5])}: a number is given twice.")
    kept = [claim for claim in found if study in ("", claim.study)]
    return tuple(sorted(kept, key=lambda claim: claim.id))


def _rows(path: Path) -> Iterator[Claim]:
    study = path.stem
    if study not in STUDIES:
        raise ClaimError(f"{path.name}: name the file for one of {', '.join(STUDIES)}.")
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("claim", [])
    except tomllib.TOMLDecodeError as error:
        raise ClaimError(f"{path.name} is not TOML: {error}.") from error
    for number, row in enumerate(rows, start=1):
        yield _claim(row, study, f"{path.name}, claim {row.get('id', number)}")


def _claim(row: dict, study: str, where: str) -> Claim:
    known = {field.name for field in fields(Claim)} - {"study"}
    if unknown := sorted(set(row) - known):
        raise ClaimError(f"{where}: {', '.join(unknown)} is not a key of a claim.")
    if missing := [key for key in _TEXTS if not row.get(key)]:
        raise ClaimError(f"{where}: {', '.join(missing)} is missing.")
    _check_rule(row, where)
    _check_needs(row.get("needs", ()), where)
    return Claim(**{**row, "study": study, "needs": tuple(row.get("needs", ()))})


def _check_rule(row: dict, where: str) -> None:
    region = "measure" in row and ("low" in row or "high" in row)
    given = [region, bool(row.get("contradiction")), bool(row.get("not_identifiable"))]
    if sum(given) != 1:
        raise ClaimError(
            f"{where}: give either a measure with low, high or both, or a "
            "contradiction, or why it is not_identifiable."
        )
    if row.get("low", -math.inf) > row.get("high", math.inf):
        raise ClaimError(f"{where}: low is above high.")


def _check_needs(needs, where: str) -> None:
    for need in needs:
        table, _, column = need.partition(".")
        if table not in TABLES or column not in {c.name for c in TABLES[table].columns}:
            raise ClaimError(f"{where}: needs {need}, which is no table.column.")
