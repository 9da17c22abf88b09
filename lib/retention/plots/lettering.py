"""Letters beyond the Latin ones: drawn where a font has them, a hint otherwise."""

import contextlib
import functools
import warnings

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

CHINESE = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
]
HINT = (
    "Boxes stand for Chinese letters: no font with them is installed here. "
    "Run: retention check-setup"
)
# From the first East Asian radical to the end of the ideographs, and the planes above.
_FIRST, _LAST, _ABOVE = 0x2E80, 0x9FFF, 0x20000
# Clear of a title that reaches over the upper edge.
_INCHES_ABOVE = 0.3
_NO_GLYPH = r"Glyph \d+ \(\\N\{(CJK|IDEOGRAPHIC|KANGXI|BOPOMOFO)"


class Lettered(Figure):
    """Figure on which a line says so when its Chinese letters have no font here."""

    def draw(self, renderer):
        """Draw the figure, with the hint above it where one is needed."""
        self._hint()
        with _boxes_are_told():
            super().draw(renderer)

    def get_tightbbox(self, renderer=None, **options):
        """What everything drawn takes up."""
        with _boxes_are_told():
            return super().get_tightbbox(renderer, **options)

    def _hint(self):
        if chinese_fonts():
            return
        said = {text.get_text() for text in self.findobj(Text)}
        if HINT not in said and any(map(_chinese, said)):
            above = 1 + _INCHES_ABOVE / self.get_figheight()
            self.text(0.01, above, HINT, fontsize=9, color="#c4452d", va="bottom")


def chinese_fonts() -> list[str]:
    """Installed fonts that have Chinese letters, the best first.

    Examples
    --------
    >>> set(chinese_fonts()) <= set(CHINESE)
    True
    """
    found = _present()
    if not found:
        # matplotlib keeps a list of fonts; one installed since is not on it.
        _look_again()
        found = _present()
    return found


def _present():
    present = {font.name for font in font_manager.fontManager.ttflist}
    return [family for family in CHINESE if family in present]


@functools.cache
def _look_again():
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for path in sorted({*font_manager.findSystemFonts()} - known):
        try:
            font_manager.fontManager.addfont(path)
        except (OSError, RuntimeError, ValueError):
            continue  # a font that matplotlib cannot read


def _chinese(said):
    if said.isascii():
        return False
    letters = map(ord, said)
    return any(_FIRST <= letter <= _LAST or letter >= _ABOVE for letter in letters)


@contextlib.contextmanager
def _boxes_are_told():
    """Without one warning a letter where the figure itself says what is missing."""
    with warnings.catch_warnings():
        if not chinese_fonts():
            warnings.filterwarnings("ignore", _NO_GLYPH)
        yield
