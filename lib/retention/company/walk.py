"""One walk over the bytes of a CSV file: where its records are."""

import numpy as np

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


class Walk:
    """Lines and records of a CSV file, added block by block.

    A line on which an odd number of quotes stands opens or closes a field that
    goes on over the line's end.

    Parameters
    ----------
    blank_is_row : bool
        An empty line is a row (of a file with one column), not nothing.

    Attributes
    ----------
    lines : int
        Lines so far.
    opened : int
        Line on which the quote that is open now was opened; 0 if none is.
    broken : int
        First line with an odd number of quotes; 0 if there is none.
    """

    def __init__(self, *, blank_is_row: bool):
        """Begin before the first byte."""
        self.blank_is_row = blank_is_row
        self.lines = self.opened = self.broken = 0
        self._bytes = 0
        self._records: list[np.ndarray] = []
        self._at: list[np.ndarray] = []

    @property
    def records(self) -> tuple[np.ndarray, np.ndarray]:
        """Line (from 1) and byte (from 0) at which each record begins."""
        empty = np.empty(0, dtype=np.int64)
        return (
            np.concatenate([empty, *self._records]),
            np.concatenate([empty, *self._at]),
        )

    def add(self, block: bytes) -> None:
        """Add a block that ends with a line's end, or with the file's."""
        data = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(data == _NEWLINE)
        if not block.endswith(b"\n"):
            ends = np.append(ends, len(data))
        begins = np.concatenate([[0], ends[:-1] + 1])
        inside = self._inside(data, ends)
        start = ~inside
        if not self.blank_is_row:
            length = ends - begins
            first = data[np.minimum(begins, len(data) - 1)]
            blank = (length == 0) | ((length == 1) & (first == _RETURN))
            start &= ~blank
        self._records.append(np.flatnonzero(start) + self.lines + 1)
        self._at.append(begins[start] + self._bytes)
        self.lines += len(ends)
        self._bytes += len(block)

    def _inside(self, data: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Whether each line begins inside a field that was opened before it."""
        quotes = np.flatnonzero(data == _QUOTE)
        odd = np.bincount(np.searchsorted(ends, quotes), minlength=len(ends)) % 2
        before = bool(self.opened)
        after = (before + np.cumsum(odd)) % 2
        turns = np.flatnonzero(odd)
        if len(turns):
            self.broken = self.broken or self.lines + int(turns[0]) + 1
            self.opened = self.lines + int(turns[-1]) + 1 if after[-1] else 0
        return np.concatenate([[before], after[:-1]]).astype(bool)
