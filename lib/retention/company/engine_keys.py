"""What [engine] in workbook.toml may say."""

import re

from retention.company.errors import CompanyError
from retention.schema import ENGINES

_AMOUNT = re.compile(r"\d+(\.\d+)? ?(MB|GB|TB)")
_PASSWORD = re.compile(r"[a-z]+://[^/@]*:[^/@]*@")


def engine_keys(keys: dict[str, str], place: str) -> dict[str, str]:
    """Keys of [engine] with its kind, DuckDB unless said.

    Raises
    ------
    CompanyError
        If the kind is not known, a key is another engine's, the server has no
        address, the address holds a password, or the memory is no amount.
    """
    kind = keys.setdefault("kind", "duckdb")
    if kind not in ENGINES:
        raise CompanyError(
            f"{place}: kind is {kind!r}. It can be: {', '.join(ENGINES)}."
        )
    for key in keys:
        if key not in ENGINES[kind]:
            takes = ", ".join(ENGINES[kind])
            raise CompanyError(f"{place}: {key} is no key of {kind}; it takes {takes}.")
    if kind == "postgres" and "url" not in keys:
        raise CompanyError(
            f"{place}: postgres needs the server's address, such as "
            'url = "postgresql://reader@db.example/shop".'
        )
    if not _AMOUNT.fullmatch(keys.get("memory", "1GB")):
        raise CompanyError(
            f"{place}: memory is {keys['memory']!r}. Write how much the engine may "
            'hold, such as memory = "2GB"; what does not fit is put on the disk.'
        )
    refuse_password(keys.get("url", ""), f"{place}: url")
    return keys


def refuse_password(url: str, where: str) -> None:
    """Raise CompanyError if an address holds a password, in either form."""
    if "password=" in url or _PASSWORD.match(url):
        raise CompanyError(
            f"{where} holds a password, which would end up in reports and histories. "
            "Take it out and put it into the environment variable PGPASSWORD, or into "
            "~/.pgpass."
        )
