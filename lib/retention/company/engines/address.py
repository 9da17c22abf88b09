"""Addresses of companies: postgresql:// and spark://, read without a guess."""

from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from retention.company.engine_keys import refuse_password
from retention.company.errors import CompanyError, nearest

_POSTGRES = ("postgresql", "postgres")
_OURS = ("schema", "settings", "folder")


def is_address(source) -> bool:
    """Whether a company is named by an address and not by a path.

    Parameters
    ----------
    source : str or Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_address("postgresql://reader@db.example/shop"), is_address("data/acme")
    (True, False)
    """
    return isinstance(source, str) and source.partition("://")[0] in (
        *_POSTGRES,
        "spark",
    )


def from_address(source: str) -> tuple[dict[str, str], str, str]:
    """Keys for [engine], the folder of the tables, and the file of settings.

    Parameters
    ----------
    source : str
        ``postgresql://reader@db.example:5432/shop?schema=crm&settings=acme.toml``, or
        ``spark://local[2]?folder=data/acme`` and
        ``spark://master:7077?schema=crm&settings=acme.toml``.

    Returns
    -------
    (dict, str, str)
        The last two are "" where the address does not name them.

    Raises
    ------
    CompanyError
        If it holds a password or a word that is not known.

    Examples
    --------
    >>> from_address("spark://local[2]?folder=data/acme")
    ({'kind': 'spark', 'master': 'local[2]'}, 'data/acme', '')
    """
    scheme, _, rest = source.partition("://")
    place, _, query = rest.partition("?")
    words = dict(parse_qsl(query))
    engine = _spark(place, words) if scheme == "spark" else _postgres(source, words)
    if "schema" in words:
        engine["schema"] = words["schema"]
    return engine, words.get("folder", ""), words.get("settings", "")


def _spark(place: str, words: dict[str, str]) -> dict[str, str]:
    for word in words:
        if word not in _OURS:
            raise CompanyError(
                f"The Spark address says {word}=. {nearest(word, _OURS)} All else is "
                "Spark's own configuration (spark-defaults.conf)."
            )
    if ("folder" in words) == ("schema" in words):
        raise CompanyError(
            "A Spark address names either a folder of Parquet files, "
            "spark://local[2]?folder=data/acme, or a schema of the catalog, "
            "spark://host:7077?schema=crm."
        )
    master = unquote(place).strip("/")
    return {"kind": "spark", "master": f"spark://{master}" if ":" in master else master}


def _postgres(source: str, words: dict[str, str]) -> dict[str, str]:
    refuse_password(source, "The address")
    parts = urlsplit(source)
    theirs = urlencode({k: v for k, v in words.items() if k not in _OURS})
    return {
        "kind": "postgres",
        "url": urlunsplit((*parts[:3], theirs, "")),
    }
