"""What an answer can be: a number, several numbers, words, or a sentence."""

import math
import numbers
import re
from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"[-−+]?\d[\d,  ]*(?:\.\d+)?")
ALLOWED = 0.01  # of the right value


def form(answer) -> str:
    """Which of `number`, `numbers`, `words` or `sentence` an answer is.

    Raises
    ------
    TypeError
        If it is none of them.

    Examples
    --------
    >>> form(3), form([1, 2.5]), form("price"), form({"a unit": ("month",)})
    ('number', 'numbers', 'words', 'sentence')
    """
    if isinstance(answer, str):
        return "words"
    if isinstance(answer, Mapping):
        return "sentence"
    if _is_number(answer):
        return "number"
    if isinstance(answer, Iterable) and all(map(_is_number, answer)):
        return "numbers"
    raise TypeError(
        f"{type(answer).__name__} is not an answer: give a number, several numbers, "
        "words, or what a sentence has to state."
    )


def tolerance_of(value: float, tolerance: float | None) -> float:
    """How far an answer may lie from a right one; whole numbers have to be exact."""
    if tolerance is not None:
        return float(tolerance)
    if isinstance(value, numbers.Integral):
        return 0.0
    return ALLOWED * abs(float(value))


def near(value: float, tolerance: float) -> list[str]:
    """Tokens of every number of three digits within the tolerance of a value.

    Numbers are compared by their first three digits, so that a sealed file need not
    say how far an answer may be off, from which its size could be read.
    """
    if tolerance == 0:
        return [token(value, whole=True)]
    size = max(abs(value), tolerance)
    step = 10.0 ** (math.floor(math.log10(size)) - 2) / 2
    reach = math.floor(tolerance / step)
    cells = [value + step * k for k in range(-reach, reach + 1)]
    return sorted({token(cell, whole=False) for cell in cells})


def token(value: float, *, whole: bool) -> str:
    """What is compared of a number: all of a whole one, else three digits."""
    value = float(value) + 0.0
    return f"exactly|{value:.12g}" if whole else f"about|{value:.3g}"


def words_token(text: str) -> str:
    """Words without the accidents of spelling: case, spaces, quotes, full stops."""
    plain = re.sub(r"[\s_]+", " ", str(text)).strip(" .!\"'").casefold()
    return f"words|{plain}"


def openings(text: str, lengths: Iterable[int]) -> set[str]:
    """Pieces of a sentence of these lengths, each from the beginning of a word.

    Examples
    --------
    >>> sorted(openings("Our Members stay", [3, 6]))
    ['mem', 'member', 'our', 'our me', 'sta', 'stay ']
    """
    plain = re.sub(r"\s+", " ", text).casefold() + " "
    begins = [found.start() for found in re.finditer(r"\b\w", plain)]
    return {plain[at : at + length] for at in begins for length in lengths}


def numbers_in(text: str) -> list[float]:
    """Numbers written in a sentence; each per cent also as a share.

    Examples
    --------
    >>> numbers_in("31 % (30 to 32) of 1,234 customers")
    [31.0, 30.0, 32.0, 1234.0, 0.31, 0.3, 0.32, 12.34]
    """
    found = [
        float(re.sub(r"[,  ]", "", text_.replace("−", "-")).strip())
        for text_ in _NUMBER.findall(text)
    ]
    return found + [value / 100 for value in found]


def _is_number(answer) -> bool:
    return isinstance(answer, numbers.Real) and not isinstance(answer, bool)
