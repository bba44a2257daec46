"""Small plots as SVG text, the same for the same values: strips of distributions, and a scatter."""

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, LEFT, RIGHT, ROW, TOP, FOOT = 720, 190, 40, 26, 34, 46
INK, FAINT, BOX, MARK = "#1f2937", "#d1d5db", "#2563eb", "#b91c1c"
COLOURS = {"ours": "#2563eb", "total": "#111827", "thresholds": "#b45309", "peers": "#7c3aed"}


class Dot(NamedTuple):
    label: str
    x: float
    y: float
    group: str
    """Key of COLOURS."""


def strips(
    title: str,
    axis: str,
    rows: Sequence[tuple[str, Sequence[float]]],
    *,
    logarithmic: bool = False,
    mark: tuple[float, str] | None = None,
) -> str:
    """One line a row: 5th to 95th percentile as a line, the middle half as a box, the median as a stroke.

    logarithmic: values below 1 are drawn at 1. mark: a value with its meaning, as an upright line.
    """
    values = [value for _, of_row in rows for value in of_row] + ([mark[0]] if mark else [])
    scale = _Scale(values, logarithmic, LEFT, WIDTH - RIGHT)
    height = TOP + ROW * len(rows) + FOOT
    parts = [_text(LEFT, 20, title, size=14, weight=600)]
    parts += _ticks(scale, TOP, height - FOOT)
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, height - 8, axis, anchor="middle"))
    for number, (label, of_row) in enumerate(rows):
        parts += _strip(scale, TOP + ROW * number + ROW / 2, label, of_row)
    if mark:
        x = scale.at(mark[0])
        parts.append(_line(x, TOP, x, height - FOOT, MARK, 1.5, dashed=True))
        parts.append(_text(x + 4, TOP - 4, mark[1], colour=MARK, size=11))
    return _svg(height, parts)


def _strip(scale: "_Scale", y: float, label: str, values: Sequence[float]) -> list[str]:
    p05, p25, p50, p75, p95 = (scale.at(float(v)) for v in np.percentile(values, [5, 25, 50, 75, 95]))
    box = (
        f'<rect x="{p25:.1f}" y="{y - 6:.1f}" width="{max(p75 - p25, 1):.1f}" height="12" fill="{BOX}" '
        'opacity="0.35"/>'
    )
    return [
        _text(LEFT - 8, y + 4, f"{label} (n={len(values)})", anchor="end"),
        _line(p05, y, p95, y, BOX, 1.5),
        box,
        _line(p50, y - 8, p50, y + 8, INK, 2),
    ]


def scatter(title: str, x_axis: str, y_axis: str, dots: Sequence[Dot]) -> str:
    """x from 0 on a scale that spreads small values (square root), y a share from 0 to 1."""
    height, top, bottom = 420, TOP, 420 - FOOT
    most = max([dot.x for dot in dots] + [1e-9])
    left, right = 70, WIDTH - 220

    def at(x: float, y: float) -> tuple[float, float]:
        return left + math.sqrt(x / most) * (right - left), bottom - y * (bottom - top - 10)

    parts = [_text(left, 20, title, size=14, weight=600)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _, y = at(0, share)
        parts.append(_line(left, y, right, y, FAINT, 1))
        parts.append(_text(left - 8, y + 4, f"{share:.0%}", anchor="end", size=11))
    for value in _nice(0.0, most, 5):
        x, _ = at(value, 0)
        parts.append(_line(x, top, x, bottom, FAINT, 1))
        parts.append(_text(x, bottom + 16, f"{value:g}", anchor="middle", size=11))
    parts.append(_text((left + right) / 2, height - 8, x_axis, anchor="middle"))
    parts.append(
        f'<text x="16" y="{(top + bottom) / 2:.1f}" font-size="12" fill="{INK}" text-anchor="middle" '
        f'transform="rotate(-90 16 {(top + bottom) / 2:.1f})">{escape(y_axis)}</text>'
    )
    places = [at(dot.x, min(dot.y, 1.0)) for dot in dots]
    heights = _apart([y for _, y in places], 13, bottom)
    for dot, (x, y), label_y in zip(dots, places, heights, strict=True):
        colour = COLOURS[dot.group]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
        parts.append(_line(x, y, right + 10, label_y - 4, colour, 0.4))
        parts.append(_text(right + 12, label_y, dot.label, colour=colour, size=11))
    return _svg(height, parts)


def _apart(heights: Sequence[float], least: float, bottom: float) -> list[float]:
    """Labels at these heights, moved so far that none lies on another."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [0.0] * len(heights)
    last = -math.inf
    for i in order:
        last = placed[i] = max(heights[i] + 4, last + least)
    beyond = max(0.0, last - bottom - 10)
    return [place - beyond for place in placed]


class _Scale:
    """From values to pixels."""

    def __init__(self, values: Sequence[float], logarithmic: bool, left: float, right: float) -> None:
        self.logarithmic = logarithmic
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        self.low = 1.0 if logarithmic else min(low, 0.0)
        self.high = max(high, self.low * 10 if logarithmic else self.low + 1e-9)
        self._left, self._right = left, right

    def at(self, value: float) -> float:
        if self.logarithmic:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self._left + share * (self._right - self._left)

    def ticks(self) -> list[float]:
        if self.logarithmic:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            return [10.0**power for power in powers if self.low <= 10.0**power <= self.high]
        return _nice(self.low, self.high, 6)


def _nice(low: float, high: float, about: int) -> list[float]:
    """Round numbers from low to high."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next((many * power for many in (1, 2, 5, 10) if many * power >= rough), power)
    first = math.ceil(low / step)
    return [round(number * step, 10) for number in range(first, math.floor(high / step) + 1)]


def _ticks(scale: _Scale, top: float, bottom: float) -> list[str]:
    parts = []
    for value in scale.ticks():
        x = scale.at(value)
        parts.append(_line(x, top, x, bottom, FAINT, 1))
        parts.append(_text(x, bottom + 16, f"{value:g}", anchor="middle", size=11))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashes}/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    weight: int = 400,
    colour: str = INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif">'
    )
    return (
        "\n".join([head, f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>', *parts, "</svg>"])
        + "\n"
    )
