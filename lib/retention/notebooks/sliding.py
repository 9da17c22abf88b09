"""Demonstrations that move: sliders in JupyterLab, a row of pictures elsewhere."""

import os
from collections.abc import Callable, Mapping, Sequence

# JupyterLab names its session to the kernel; a report and a test do not.
_IN_JUPYTERLAB = "JPY_SESSION_NAME"


def slide(draw: Callable, stops: Mapping[str, Sequence], *, height: float = 2.6):
    """Show a figure with a slider for each of its options.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **options)`` draws on the axes given.
    stops : mapping of str to sequence
        Option and the values it can take, in order. The slider begins in the middle.
    height : float
        Of the figure, in inches.

    Notes
    -----
    Outside JupyterLab, where nothing can be moved, the first option's first, middle
    and last value are drawn below each other, the other options in their middle.

    Examples
    --------
    >>> from retention import notebooks
    >>> drawn = []
    >>> def draw(ax, months):
    ...     drawn.append(months)
    >>> notebooks.slide(draw, {"months": [6, 12, 18, 24, 36]})
    >>> drawn
    [6, 18, 36]
    """
    if _IN_JUPYTERLAB in os.environ and _widgets():
        _sliders(draw, stops, height)
    else:
        _pictures(draw, stops, height)


def _widgets() -> bool:
    from importlib.util import find_spec

    return find_spec("ipywidgets") is not None


def _sliders(draw, stops, height):
    from ipywidgets import SelectionSlider, interact

    from retention.plots import panels

    def drawn(**options):
        (ax,) = panels(1, height=height)
        draw(ax, **options)

    controls = {
        name: SelectionSlider(
            options=list(values),
            value=_middle(values),
            description=name.replace("_", " "),
            continuous_update=False,
            style={"description_width": "initial"},
        )
        for name, values in stops.items()
    }
    interact(drawn, **controls)


def _pictures(draw, stops, height):
    from retention.plots import panels

    options = {name: _middle(values) for name, values in stops.items()}
    first, values = next(iter(stops.items()))
    shown = [values[0], _middle(values), values[-1]]
    for ax, value in zip(panels(len(shown), height=height), shown, strict=True):
        draw(ax, **{**options, first: value})


def _middle(values):
    return values[len(values) // 2]
