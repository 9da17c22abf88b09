"""Rows that were set aside: counted in full, listed up to a limit."""

from dataclasses import dataclass, field
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd

from retention.company.collecting import collect
from retention.company.rules import RULES
from retention.company.typed import FILE, RAW, ROW

LISTED = 1000
COLUMNS = ["table", "file", "line", "column", "value", "rule"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def size(frame) -> int:
    """Number of rows of a lazy frame."""
    return int(collect(frame.select(nw.len().alias("n")))["n"].iloc[0])


@dataclass
class Bin:
    """What was set aside of one table.

    Parameters
    ----------
    table, label : str
        Our name for it, and its file.
    lines : array of int, optional
        Line in the file of row 1, 2, ...; the row's own number where absent.
    """

    table: str
    label: str
    lines: np.ndarray | None = None
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    listed: list[pd.DataFrame] = field(default_factory=list)
    skipped: int = 0

    def add(self, rule: str, column: str, bad: nw.LazyFrame) -> int:
        """Set rows aside; returns how many there were."""
        n = size(bad)
        if n:
            self.counts[rule, column] = self.counts.get((rule, column), 0) + n
            self.listed.append(self._list(rule, column, bad))
        return n

    def add_lines(self, lines: pd.DataFrame) -> None:
        """Set aside lines that could not even be split into fields."""
        if len(lines):
            self.counts["unreadable_line", ""] = len(lines)
            rows = lines.head(LISTED)
            self.listed.append(
                self._frame("unreadable_line", "", rows["line"], rows["value"])
            )

    def skip(self, n: int) -> None:
        """Count rows that are not dated yet on the day of the report."""
        self.skipped += n

    @property
    def total(self) -> int:
        """Rows set aside."""
        return sum(self.counts.values())

    @property
    def rows(self) -> pd.DataFrame:
        """Rows set aside, at most `LISTED` a rule, with the columns of the file."""
        if not self.listed:
            return pd.DataFrame(columns=COLUMNS)
        return pd.concat(self.listed, ignore_index=True)

    def _list(self, rule: str, column: str, bad: nw.LazyFrame) -> pd.DataFrame:
        names = bad.collect_schema().names()
        raw = RAW + column if RAW + column in names else column
        wanted = [nw.col(raw).cast(nw.String).alias("value")]
        wanted += [nw.col(c) for c in (ROW, FILE) if c in names]
        order = [c for c in (FILE, ROW) if c in names] or ["value"]
        found = collect(bad.select(*wanted).sort(*order).head(LISTED))
        line = found[ROW] if ROW in names else pd.Series(pd.NA, index=found.index)
        if self.lines is not None and ROW in names:
            line = pd.Series(self.lines[found[ROW].to_numpy() - 1])
        out = self._frame(rule, column, line, found["value"])
        return out.assign(file=found[FILE]) if FILE in names else out

    def _frame(self, rule: str, column: str, line, value) -> pd.DataFrame:
        listed = pd.DataFrame({"line": line, "value": value}).reset_index(drop=True)
        listed["line"] = listed["line"].astype("Int64")
        listed["value"] = listed["value"].astype(object).fillna("")
        listed = listed.assign(
            table=self.table, file=self.label, column=column, rule=rule
        )
        return listed[COLUMNS]


def sentence(row) -> str:
    """One quarantined row as a sentence that says where it is and how to repair it."""
    rule = RULES[row.rule]
    where = f"{row.file}, line {row.line}" if row.line is not pd.NA else row.file
    what = f"{row.column} is {row.value!r}" if row.column else f"{row.value!r}"
    return f"{where}: {what}: {rule.means}. {rule.repair}"


def write(bins: list[Bin], path: Path) -> Path:
    """Write the rows set aside, and beside them the full counts by rule.

    Cells that a spreadsheet would run as a formula get a leading apostrophe.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = listed(bins)
    for column in ("file", "column", "value"):
        rows[column] = rows[column].map(_harmless)
    rows.to_csv(path, index=False)
    full = path.with_name(f"{path.stem}_counts.csv")
    counts(bins).to_csv(full, index=False)
    return path


def listed(bins: list[Bin]) -> pd.DataFrame:
    """Rows set aside in several tables."""
    filled = [b.rows for b in bins if b.total]
    empty = pd.DataFrame(columns=COLUMNS)
    return pd.concat(filled, ignore_index=True) if filled else empty


def counts(bins: list[Bin]) -> pd.DataFrame:
    """Rows set aside by table, rule and column, and what to do about them."""
    listed = [
        (b.table, b.label, rule, column, n, RULES[rule].means, RULES[rule].repair)
        for b in bins
        for (rule, column), n in b.counts.items()
    ]
    columns = ["table", "file", "rule", "column", "rows", "means", "repair"]
    return pd.DataFrame(listed, columns=columns)


def _harmless(cell: str) -> str:
    cell = str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
