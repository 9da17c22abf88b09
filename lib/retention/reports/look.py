"""How a company's pages look: its language, logo and colour."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from retention.reports.periods import ReportError

_LOGOS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
_LARGEST_LOGO = 100_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Backgrounds that text in the company's colour stands on, by day and by night.
_LIGHT, _DARK = (246, 248, 249), (29, 35, 40)
_READABLE = 4.6


@dataclass(frozen=True)
class Look:
    """What sets a company's pages apart.

    Attributes
    ----------
    language : str
    logo : str
        Data URI; "" for none.
    light, dark : str
        Accent colour on light and on dark ground, as #rrggbb; "" for the usual.
    """

    language: str = "en"
    logo: str = ""
    light: str = ""
    dark: str = ""


def look(company, folder) -> Look:
    """Look of a company's pages, from its settings.

    Parameters
    ----------
    company : Company
    folder : Path
        Where its workbook.toml lies.

    Raises
    ------
    ReportError
        The language, the colour or the logo is not one.
    """
    settings = company.settings.company
    language = settings.get("language", "en")
    if not _LANGUAGE.fullmatch(language):
        raise ReportError(f"language = {language!r}: write a tag such as en or zh-CN.")
    light, dark = _shades(settings.get("colour", ""))
    return Look(language, _logo(settings.get("logo", ""), folder), light, dark)


def _shades(colour):
    if not colour:
        return "", ""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ReportError(f"colour = {colour!r}: write it as #rrggbb, such as #0b6e7f.")
    own = tuple(bytes.fromhex(colour[1:]))
    return _readable(own, _LIGHT, (0, 0, 0)), _readable(own, _DARK, (255, 255, 255))


def _readable(own, ground, towards):
    """Colour nearest to a company's own that can be read on a ground."""
    for step in range(101):
        mixed = _mixed(own, towards, step / 100)
        if contrast(mixed, ground) >= _READABLE:
            break
    return "#" + bytes(mixed).hex()


def _mixed(one, other, share):
    pairs = zip(one, other, strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)


def contrast(one, other) -> float:
    """Contrast ratio of two sRGB colours, as WCAG 2.2 defines it.

    Examples
    --------
    >>> contrast((0, 0, 0), (255, 255, 255))
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return round((light + 0.05) / (dark + 0.05), 6)


def _luminance(colour):
    parts = [c / 255 for c in colour]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _logo(name, folder):
    """Data URI of a picture that lies in the company's folder."""
    if not name:
        return ""
    path = (Path(folder) / name).resolve()
    kind = _LOGOS.get(path.suffix.lower())
    if kind is None or not path.is_relative_to(Path(folder).resolve()):
        raise ReportError(
            f"logo = {name!r}: name a picture ({', '.join(_LOGOS)}) beside "
            "workbook.toml."
        )
    try:
        picture = path.read_bytes()
    except OSError:
        raise ReportError(f"logo = {name!r}: there is no such file.") from None
    if len(picture) > _LARGEST_LOGO:
        raise ReportError(
            f"logo = {name!r}: it has {len(picture):,} bytes, and every page carries "
            f"it; make it smaller than {_LARGEST_LOGO:,}."
        )
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"
