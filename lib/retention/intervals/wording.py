"""Numbers written so that they can be read aloud."""

import math
from collections.abc import Iterable

PER_CENT = {"%", "percentage points"}
CURRENCY_SIGNS = {"$", "€", "£", "¥"}


def decimals(values: Iterable[float]) -> int:
    """Number of decimals that the spread of some numbers can bear.

    Parameters
    ----------
    values : iterable of float
        An estimate and its bounds, the estimate first; infinite bounds are ignored.

    Returns
    -------
    int
        The last digit shown is worth between a fortieth and a quarter of the
        interval's width, whole numbers keep none, and the estimate keeps at least
        one digit that is not zero. Negative: round to tens, hundreds, ...

    Examples
    --------
    >>> decimals([30.31, 29.1, 31.93]), decimals([8, 4, 11])
    (1, 0)
    >>> decimals([1_234_567, 1_180_000, 1_290_000])
    -4
    """
    finite = [float(v) for v in values if math.isfinite(v)]
    if not finite or all(v == int(v) and abs(v) < 10_000 for v in finite):
        return 0
    width = max(finite) - min(finite)
    first = _order(finite[0])
    digits = -_order(width / 4) if width > 0 else 2 - first
    if finite[0] != 0:
        digits = max(digits, -first)
    return max(digits, 0) if max(map(abs, finite)) < 10_000 else digits


def _order(value: float) -> int:
    return math.floor(math.log10(abs(value))) if value else 0


def number(value: float, digits: int = 0) -> str:
    """Plain number with thousands separators and a true minus sign.

    Parameters
    ----------
    value : float
    digits : int
        Behind the decimal point.

    Returns
    -------
    str

    Examples
    --------
    >>> number(-1234.567, 1), number(1_234_567, -4), number(-0.001, 1)
    ('−1,234.6', '1,230,000', '0.0')
    """
    rounded = round(float(value), digits) + 0.0
    return f"{rounded:,.{max(digits, 0)}f}".replace("-", "−")


def scaled(value: float, unit: str) -> float:
    """Value in the unit that is shown: shares become per cent."""
    return 100 * value if unit in PER_CENT else value


def currency_first(unit: str) -> tuple[str, str]:
    """Currency sign or code that stands before the number, and what follows it."""
    head, _, rest = unit.partition(" ")
    if head in CURRENCY_SIGNS:
        return head, rest
    code = len(head) == 3 and head.isalpha() and head.isupper()
    return (f"{head} ", rest) if code else ("", unit)


def quantity(shown: str, unit: str) -> str:
    """Shown number with its unit in the place where one says it.

    Parameters
    ----------
    shown : str
        A number, as `number` writes it.
    unit : str
        Empty for a bare number.

    Returns
    -------
    str

    Examples
    --------
    >>> quantity("30.3", "months"), quantity("1", "months"), quantity("31", "%")
    ('30.3 months', '1 month', '31 %')
    >>> quantity("4.27", "EUR per customer"), quantity("−12", "$")
    ('EUR 4.27 per customer', '−$12')
    """
    before, after = currency_first(unit)
    if before:
        sign = "−" if shown.startswith("−") else ""
        return f"{sign}{before}{shown.removeprefix('−')} {after}".strip()
    if shown == "1":
        head, gap, rest = after.partition(" ")
        after = head.removesuffix("s") + gap + rest
    return f"{shown} {after}".strip()


def shown_digits(values: Iterable[float], unit: str) -> int:
    """Decimals for values in their shown unit; money has two or none."""
    digits = decimals(values)
    return 2 if digits == 1 and currency_first(unit)[0] else digits
