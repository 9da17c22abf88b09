"""Alternative text of figures, made from what is written on them."""

import base64
import functools
import io

# All that a palette holds: the hues of a figure, and the greys along its letters.
_COLOURS = 256


def alternative_text(figure) -> str:
    """One sentence that stands for a figure where it cannot be seen.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A label set with `figure.set_label("...")` is taken as it is; otherwise
        titles, axis labels and legends are read off.

    Returns
    -------
    str

    Examples
    --------
    >>> from retention.notebooks import alternative_text
    >>> from retention.plots import panels
    >>> (ax,) = panels(1)
    >>> _ = ax.set(title="Still here", xlabel="months", ylabel="share")
    >>> alternative_text(ax.figure)
    'Still here: share by months.'
    """
    if figure.get_label():
        return str(figure.get_label())
    parts = [figure.get_suptitle(), *map(_axes_text, figure.axes)]
    return ". ".join(part for part in parts if part) + "." if any(parts) else ""


def describe_figures():
    """Give every figure that this kernel shows its alternative text.

    The runner calls this when a kernel starts, so that notebooks need no line
    for it. Outside a kernel it does nothing.

    Examples
    --------
    >>> from retention import notebooks
    >>> from IPython import get_ipython
    >>> notebooks.describe_figures()
    >>> get_ipython() is None  # no kernel here: nothing happened
    True
    """
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None:
        return
    shell.enable_matplotlib("inline")
    _hardly_compressed(shell)
    formatter = shell.display_formatter.formatters["image/png"]
    drawers = [k for k in formatter.type_printers if k.__name__ == "Figure"]
    for kind in drawers:
        draw = formatter.lookup_by_type(kind)
        formatter.for_type(kind, functools.partial(_described, draw))


def _hardly_compressed(shell):
    """Pictures as they are drawn; they are compressed when they have their palette."""
    from matplotlib_inline.config import InlineBackend

    backend = InlineBackend.instance(parent=shell)
    quick = {"pil_kwargs": {"compress_level": 1}}
    backend.print_figure_kwargs = {**backend.print_figure_kwargs, **quick}


def _described(draw, figure):
    drawn = draw(figure)
    # With `retina` the backend returns the picture and its size.
    picture, metadata = drawn if isinstance(drawn, tuple) else (drawn, {})
    return _lighter(picture), {**metadata, "alt": alternative_text(figure)}


def _lighter(picture):
    """Same PNG with a palette: a third of the bytes, and no eye sees it."""
    from PIL import Image

    encoded = isinstance(picture, str)
    raw = base64.b64decode(picture) if encoded else picture
    full = Image.open(io.BytesIO(raw)).convert("RGB")
    # Cutting colours along their bits is five times as fast as looking for the best,
    # and rounds all of them down: white is to stay white.
    small, found = io.BytesIO(), full.quantize(_COLOURS, Image.Quantize.FASTOCTREE)
    found.putpalette([min(value + 1, 255) for value in found.getpalette()])
    found.save(small, "PNG")
    return base64.b64encode(small.getvalue()).decode() if encoded else small.getvalue()


def _axes_text(axes):
    title = axes.get_title() or axes.get_title("left") or axes.get_title("right")
    scales = " by ".join(filter(None, [axes.get_ylabel(), axes.get_xlabel()]))
    legend = axes.get_legend()
    shown = ", ".join(text.get_text() for text in legend.get_texts()) if legend else ""
    described = ": ".join(filter(None, [title, scales]))
    return f"{described}; shown: {shown}" if shown else described
