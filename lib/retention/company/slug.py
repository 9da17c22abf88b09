"""A company's name as a folder's name."""

import re
import unicodedata

_RESERVED = {"con", "prn", "aux", "nul"}  # devices on Windows


def slug(name: str) -> str:
    """Name as a folder that every system accepts.

    Examples
    --------
    >>> slug("Müller & Söhne: Bank/2026")
    'müller_söhne_bank_2026'
    >>> slug("../..")
    'company'
    """
    plain = unicodedata.normalize("NFC", name).casefold()
    safe = re.sub(r"[^\w]+", "_", plain).strip("_")[:60] or "company"
    return f"{safe}_" if safe in _RESERVED else safe
