"""CSV files: nothing is lost between the file and the table.

A parser left to itself swallows rows (a quote that is never closed), pads or skips
them (ragged rows) or turns bytes into other letters (a wrong encoding). So the file
is walked once, line by line, before DuckDB parses it, and the rows are counted.
"""

import csv
import io
from pathlib import Path

import numpy as np

from retention.company.errors import CompanyError
from retention.company.store import Found, Store, ident, text
from retention.company.walk import Walk

_BLOCK = 1 << 22
_TAKEN = 10_000_000  # bytes looked at to name a likely encoding


class CsvFile:
    """One CSV file as the source of one table.

    Parameters
    ----------
    table, path, store, settings
        The table it holds, where it is, the connection that reads it, and how it
        is written (delimiter, encoding, multiline).
    """

    def __init__(self, table: str, path: Path, store: Store, settings):
        """Look at nothing yet."""
        self.table, self.path, self.store = table, path, store
        default = "\t" if path.suffix.lower() == ".tsv" else ","
        self.delimiter = settings.reading(table, "delimiter", default)
        self.encoding = settings.reading(table, "encoding", "utf-8")
        self.multiline = settings.reading(table, "multiline", False)
        self.label = path.name
        self._header: list[str] | None = None

    def columns(self) -> dict[str, str]:
        """Column names of the header line, all of them text."""
        if self._header is None:
            self._header = self._read_header()
        return dict.fromkeys(self._header, "VARCHAR")

    def found(self) -> Found:
        """The file as a source of rows, after the walk that shows it is whole."""
        header = list(self.columns())
        plain = self._plain()
        walk = self._walked(plain, len(header))
        records, at = walk.records
        if len(records) < 2:
            raise CompanyError(
                f"{self.label} holds a header and no rows. Export it again, or take "
                f"the file away if the company has no {self.table}.",
                rule="empty_file",
            )
        source = self._read_csv(plain, len(header))
        return Found(
            table=self.table,
            label=self.label,
            columns={h: (ident(f"c{i}"), "VARCHAR") for i, h in enumerate(header)},
            source=source,
            materialise=True,
            after=lambda rows: self._after(rows, records[1:], at[1:]),
        )

    def paths(self) -> list[Path]:
        """Files whose content makes the fingerprint."""
        return [self.path]

    def _read_header(self) -> list[str]:
        if self.path.stat().st_size == 0:
            raise CompanyError(
                f"{self.label} is empty (0 bytes). Export it again, or take it away.",
                rule="empty_file",
            )
        first = self._first_record()
        header = [name.strip() for name in first]
        names = [name for name in header if name]
        folded = [name.casefold() for name in names]
        twice = sorted({n for n in names if folded.count(n.casefold()) > 1})
        if twice:
            raise CompanyError(
                f"{self.label}, line 1: the column {twice[0]!r} is there more than "
                "once (capitals do not count). Rename or remove one of them.",
                rule="duplicate_column",
            )
        return [name or f"column {i}" for i, name in enumerate(header, 1)]

    def _first_record(self) -> list[str]:
        try:
            first = self._first_lines()
            return next(csv.reader(first, delimiter=self.delimiter, strict=True), [])
        except UnicodeError as error:
            raise self._wrong_encoding() from error
        except LookupError as error:
            raise CompanyError(
                f"{self.label}: encoding = {self.encoding!r} is not known. Use a "
                'name such as "utf-8", "latin-1", "cp1252", "utf-16" or "gb18030".'
            ) from error
        except (csv.Error, TypeError) as error:
            raise CompanyError(
                f"{self.label}, line 1: the header cannot be read ({error}). Check "
                f"the delimiter, which is {self.delimiter!r}, and the quotes."
            ) from error

    def _first_lines(self) -> list[str]:
        """The header's lines, and no byte after them where lines can be told."""
        if self._codec() != "utf-8-sig":
            with self.path.open(encoding=self._codec(), newline="") as file:
                return [file.readline()]
        lines = []
        with self.path.open("rb") as file:
            while line := file.readline():
                lines.append(line)
                if b"".join(lines).count(b'"') % 2 == 0:
                    break
        return b"".join(lines).decode("utf-8-sig").splitlines(keepends=True)

    def _codec(self) -> str:
        plain = self.encoding.lower().replace("_", "-") in ("utf-8", "utf8")
        return "utf-8-sig" if plain else self.encoding

    def _plain(self) -> Path:
        """The file itself if it is UTF-8 with one kind of line end, else a copy."""
        raw = _head(self.path, 1 << 20)
        ends = raw.count(b"\n"), raw.count(b"\r\n"), raw.count(b"\r")
        plain = ends[1] == ends[2] and ends[1] in (0, ends[0])
        if self._codec() == "utf-8-sig" and plain:
            return self.path
        copy = self.store.scratch / f"{self.table}.csv"
        try:
            with (
                self.path.open(encoding=self._codec()) as file,
                copy.open("w", encoding="utf-8", newline="\n") as out,
            ):
                while block := file.read(1 << 20):
                    out.write(block)
        except UnicodeError as error:
            raise self._wrong_encoding() from error
        return copy

    def _walked(self, path: Path, width: int) -> Walk:
        walk = Walk(blank_is_row=width == 1)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                block += file.readline()
                try:
                    block.decode()
                except UnicodeDecodeError as error:
                    before = block[: error.start]
                    line = walk.lines + before.count(b"\n") + 1
                    byte = error.start - before.rfind(b"\n") - 1
                    raise self._wrong_encoding(line, byte) from error
                walk.add(block)
        if walk.opened or (walk.broken and not self.multiline):
            line = walk.opened or walk.broken
            raise CompanyError(
                f'{self.label}, line {line}: a quote (") is opened and not closed '
                "on that line, so the rows after it would be lost. Close it, write "
                'a quote inside a field twice (""), or, if fields of this file '
                "really hold line breaks, say multiline = true in "
                f"[tables.{self.table}].",
                rule="open_quote",
            )
        return walk

    def _wrong_encoding(self, line: int = 0, byte: int = 0) -> CompanyError:
        raw = _head(self.path, _TAKEN)
        if not line:
            line, byte = _first_bad(raw, self._codec())
        return CompanyError(
            f"{self.label}, line {line}, byte {byte + 1} of that line: this is not "
            f"{self.encoding} text. It looks like {_likely(raw)}: say "
            f'encoding = "{_likely(raw)}" in [tables.{self.table}], or save the file '
            "as UTF-8.",
            rule="wrong_encoding",
        )

    def _read_csv(self, path: Path, width: int) -> str:
        names = ", ".join(f"{text(f'c{i}')}: 'VARCHAR'" for i in range(width))
        return (
            f"read_csv({text(str(path))}, header = true, auto_detect = false, "
            f"columns = {{{names}}}, delim = {text(self.delimiter)}, quote = '\"', "
            "escape = '\"', strict_mode = true, "
            "max_line_size = 16777216, store_rejects = true, "
            f"rejects_table = {text(self._rejects)}, "
            f"rejects_scan = {text(self._rejects + '_scan')})"
        )

    @property
    def _rejects(self) -> str:
        return f"rejects_{self.table}"

    def _after(self, rows: int, records: np.ndarray, at: np.ndarray):
        """Line of each row that was read, and the lines that could not be."""
        rejected = self.store.frame(
            "SELECT line_byte_position AS at, min(csv_line) AS value "
            f"FROM {ident(self._rejects)} GROUP BY 1 ORDER BY 1"
        )
        if rows + len(rejected) != len(records):
            raise CompanyError(
                f"{self.label} holds {len(records):,} rows, but "
                f"{rows + len(rejected):,} could be told apart. Check the quotes "
                f"and the delimiter, which is {self.delimiter!r}.",
                rule="rows_lost",
            )
        # DuckDB counts bytes from 1, and after \r\n begins a row at its \n.
        which = np.searchsorted(at, rejected["at"].to_numpy() - 1)
        lines = records[which]
        value = rejected["value"].str.strip("\r\n")
        return np.delete(records, which), rejected.assign(line=lines, value=value)


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _first_bad(raw: bytes, codec: str) -> tuple[int, int]:
    try:
        raw.decode(codec)
    except UnicodeDecodeError as error:
        start = error.start
    else:
        return 1, 0
    line_start = raw.rfind(b"\n", 0, start) + 1
    return raw.count(b"\n", 0, start) + 1, start - line_start


def _likely(raw: bytes) -> str:
    """A guess for the message only; it is never applied."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:200].count(0) > 20:
        return "utf-16"
    high = np.frombuffer(raw, dtype=np.uint8) > 127
    beside = (high[1:] & high[:-1]).sum()
    if beside > 0.6 * max(high.sum(), 1) and _decodes(raw, "gb18030"):
        return "gb18030"
    signs = np.frombuffer(raw, dtype=np.uint8)
    return "cp1252" if ((signs >= 0x80) & (signs < 0xA0)).any() else "latin-1"


def _decodes(raw: bytes, codec: str) -> bool:
    try:
        io.TextIOWrapper(io.BytesIO(raw[: len(raw) // 2 * 2]), encoding=codec).read()
    except UnicodeDecodeError:
        return False
    return True
