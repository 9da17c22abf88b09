"""A number over the periods, as a small drawing that needs no script."""

import math

from markupsafe import Markup, escape

_WIDTH, _HEIGHT = 340, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 14, 28
_STEPS = (1, 2, 2.5, 5, 10)


def chart(points) -> Markup:
    """Line of a number over the periods, with its intervals, as SVG.

    Parameters
    ----------
    points : list of dict
        Oldest first: `value`, `lower`, `upper` (None where not reached), `unit`,
        `name` of the period, `value_text`, `range_text`, `label`, `comparable`
        and `marks`.

    Returns
    -------
    markupsafe.Markup
        The line is broken where a number does not mean what the one before meant;
        a dashed upright stands at each mark.
    """
    scale = 100 if points[-1]["unit"] == "%" else 1
    low, high = _span(points, scale)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def y(value):
        share = (value * scale - low) / ((high - low) or 1)
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)

    xs = _places(len(points))
    parts = [
        *(_gridline(tick, y(tick / scale), points[-1]["unit"]) for tick in ticks),
        *(_upright(x) for x, p in zip(xs, points, strict=True) if p["marks"]),
        *_line(points, xs, y),
        *(_interval(p, x, y) for x, p in zip(xs, points, strict=True)),
        *(_dot(p, x, y) for x, p in zip(xs, points, strict=True)),
        *_ends(points, xs),
    ]
    words = escape(_described(points))
    return Markup(
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{words}">{"".join(parts)}</svg>'
    )


def _span(points, scale):
    """Lowest and highest of values and bounds, in the unit shown."""
    numbers = [p[k] for p in points for k in ("value", "lower", "upper")]
    found = [n * scale for n in numbers if n is not None]
    return (min(found), max(found)) if found else (0.0, 1.0)


def _ticks(low, high):
    """Two to five round numbers that enclose a span as closely as they can.

    Examples
    --------
    >>> _ticks(0.31, 0.58), _ticks(12, 12)
    ([0.3, 0.4, 0.5, 0.6], [11.0, 11.5, 12.0, 12.5, 13.0])
    """
    if high <= low:
        low, high = low - (abs(low) * 0.05 or 1), high + (abs(high) * 0.05 or 1)
    rough = (high - low) / 3
    power = 10 ** math.floor(math.log10(rough))
    step = power * min(_STEPS, key=lambda s: abs(s - rough / power))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * i, 12) for i in range(first, last + 1)]


def _places(count):
    room = _WIDTH - _LEFT - _RIGHT
    if count == 1:
        return [_LEFT + room / 2]
    return [round(_LEFT + 8 + (room - 16) * i / (count - 1), 1) for i in range(count)]


def _gridline(tick, y, unit):
    right = _WIDTH - _RIGHT
    text = f"{tick:,.10g}" if abs(tick) < 10_000 else _thousands(tick)
    text = text.replace("-", "−") + (" %" if unit == "%" else "")
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y}" y2="{y}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
    )


def _thousands(number):
    if abs(number) >= 1e6:
        return f"{number / 1e6:,.4g}m"
    return f"{number / 1e3:,.4g}k"


def _upright(x):
    return (
        f'<line class="mark" x1="{x}" x2="{x}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>'
    )


def _line(points, xs, y):
    """Stretches of the line; a number that means something else begins a new one."""
    stretches = []
    for x, point in zip(xs, points, strict=True):
        if not stretches or not point["comparable"] or point["value"] is None:
            stretches.append([])
        if point["value"] is not None:
            stretches[-1].append(f"{x},{y(point['value'])}")
    return [
        f'<polyline class="line" points="{" ".join(places)}"/>'
        for places in stretches
        if len(places) > 1
    ]


def _interval(point, x, y):
    if point["lower"] is None and point["upper"] is None:
        return ""
    bottom = _HEIGHT - _BOTTOM if point["lower"] is None else y(point["lower"])
    top = _TOP if point["upper"] is None else y(point["upper"])
    return f'<line class="interval" x1="{x}" x2="{x}" y1="{bottom}" y2="{top}"/>'


def _dot(point, x, y):
    if point["value"] is None:
        return ""
    said = escape(f"{point['name']}: {point['value_text']} ({point['range_text']})")
    place = f'cx="{x}" cy="{y(point["value"])}" r="3.5"'
    return f'<circle class="dot" {place}><title>{said}</title></circle>'


def _ends(points, xs):
    """Names of the first and the last period under their points."""
    base = _HEIGHT - 8
    last = escape(points[-1]["period"])
    if len(points) == 1:
        return [f'<text x="{xs[0]}" y="{base}" text-anchor="middle">{last}</text>']
    first = escape(points[0]["period"])
    return [
        f'<text x="{xs[0] - 8}" y="{base}">{first}</text>',
        f'<text x="{xs[-1] + 8}" y="{base}" text-anchor="end">{last}</text>',
    ]


def _described(points):
    first, last = points[0], points[-1]
    label = last["label"]
    if len(points) == 1:
        return f"{label}: {last['value_text']} in {last['name']}"
    return (
        f"{label} over {len(points)} periods: {first['value_text']} in "
        f"{first['name']}, {last['value_text']} in {last['name']}"
    )
