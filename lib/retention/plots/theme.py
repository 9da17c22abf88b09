"""One look for every figure: quiet axes, colours that differ in lightness too."""

import matplotlib.pyplot as plt
import seaborn as sns
from cycler import cycler
from matplotlib.axes import Axes

from retention.plots.lettering import Lettered, chinese_fonts

ACCENT = "#0b6e7f"
MUTED = "#8a8f98"
INK = "#22262b"
TRUTH = "#c4452d"

# From dark to light, so that a copy in grey still tells the groups apart.
COLOURS = ["#123c69", "#0b8a8f", "#d1701c", "#8e6bbf", "#7fb069", "#c9a227"]
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1))]
MARKERS = ["o", "s", "^", "D", "v", "P"]


def use_theme() -> None:
    """Set the workbook's look for all figures that follow.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from retention import plots
    >>> plots.use_theme()
    >>> plt.rcParams["legend.frameon"], plt.rcParams["axes.titlelocation"]
    (False, 'left')
    """
    sns.set_theme(
        context="notebook",
        style="ticks",
        rc={
            "figure.figsize": (8.0, 4.4),
            "figure.dpi": 110,
            "savefig.bbox": "tight",
            "font.family": ["DejaVu Sans", *chinese_fonts()],
            "font.size": 10.5,
            "axes.titlesize": 13,
            "axes.titlelocation": "left",
            "axes.titlepad": 12,
            "axes.labelsize": 10.5,
            "axes.labelcolor": INK,
            "axes.edgecolor": "#b9bec6",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "grid.color": "#e6e8eb",
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=COLOURS),
            "legend.frameon": False,
            # Names come from the data: a dollar sign in one is not a formula.
            "text.parse_math": False,
            "lines.linewidth": 2.0,
        },
    )


def axes(ax: Axes | None, *, height: float | None = None) -> Axes:
    """Axes to draw on: the caller's, or new ones in the workbook's look."""
    if ax is not None:
        return ax
    use_theme()
    width, usual = plt.rcParams["figure.figsize"]
    _, ax = plt.subplots(figsize=(width, height or usual), FigureClass=Lettered)
    return ax


def panels(count: int, *, height: float = 2.6) -> list[Axes]:
    """Axes below each other in one figure, in the workbook's look.

    Parameters
    ----------
    count : int
    height : float
        Of each, in inches.

    Examples
    --------
    >>> len(panels(3))
    3
    """
    use_theme()
    width = plt.rcParams["figure.figsize"][0]
    size = (width, height * count)
    options = {"figsize": size, "squeeze": False, "layout": "constrained"}
    _, grid = plt.subplots(count, FigureClass=Lettered, **options)
    return list(grid[:, 0])


def per_cent(ax: Axes, *, axis: str = "y") -> None:
    """Show shares as per cent on one axis."""
    from matplotlib.ticker import PercentFormatter

    chosen = ax.yaxis if axis == "y" else ax.xaxis
    chosen.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def note(ax: Axes, text: str, *, lower: int = 0) -> None:
    """Say under the figure what n and which interval it shows, some lines lower."""
    ax.annotate(
        text,
        xy=(0, 0),
        xytext=(0, -44 - 13 * lower),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        color=MUTED,
        va="top",
    )
