"""The trend of an alarm's point as a small picture, for a slow network and a phone without scripts."""

from collections.abc import Iterator
from html import escape
from typing import Literal, NamedTuple

from alarm_rules.model import Limits
from api.answering.words import Language, word
from api.history import Series
from api.notify.texts import SHANGHAI, local_time

Theme = Literal["light", "dark"]
WIDTH, HEIGHT = 420, 220
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 26, 26
"""Margins, in the picture's own units."""
SAMPLES = 240
BEFORE_NS = 30 * 60 * 10**9
"""Shown before the onset."""
URGENT = ("LL", "HH")
COLOURS: dict[Theme, dict[str, str]] = {
    "light": {
        "ground": "#ffffff",
        "text": "#545e65",
        "line": "#26506b",
        "limit": "#b45500",
        "urgent": "#b3172a",
    },
    "dark": {
        "ground": "#20262a",
        "text": "#a3adb4",
        "line": "#a9c9de",
        "limit": "#ffa04d",
        "urgent": "#ff6b78",
    },
}


class Frame(NamedTuple):
    """What the picture spans: times in ns UTC, values in the point's unit."""

    start: int
    end: int
    low: float
    high: float

    def x(self, time: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (time - self.start) / (self.end - self.start)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.low) / (self.high - self.low)


def span_of(onset: int, now: int) -> tuple[int, int]:
    """From before the onset until now, ns UTC."""
    return onset - BEFORE_NS, max(now, onset + 10**9)


def trend_picture(
    series: Series,
    limits: Limits,
    span: tuple[int, int],
    onset: int,
    theme: Theme,
    language: Language,
    unit: str = "",
) -> str:
    """SVG with the samples, the limits and the onset. A bad sample is a gap in the line."""
    shown = _readable(series)
    if not any(shown):
        return words_picture(word("no_history", language), theme)
    known = [value for run in shown for _, value in run]
    drawn = {name: limit for name in ("LL", "L", "H", "HH") if (limit := getattr(limits, name)) is not None}
    low, high = min([*known, *drawn.values()]), max([*known, *drawn.values()])
    room = 0.08 * ((high - low) or abs(high) or 1.0)
    # What is never below nothing (a concentration, a level) has no axis below it.
    floor = max(low - room, 0.0) if low >= 0 else low - room
    frame = Frame(*span, floor, high + room)
    colour = COLOURS[theme]
    parts = [
        *_limits(drawn, frame, colour),
        *_lines(shown, frame, colour),
        *_limit_names(drawn, frame, colour),
        *_axis(frame, colour, onset, language),
        _text(LEFT - 6, 14, unit, colour["text"], "end"),
    ]
    return _picture(parts, theme)


def words_picture(words: str, theme: Theme) -> str:
    """A picture that says why there is no trend."""
    text = _text(WIDTH / 2, HEIGHT / 2, words, COLOURS[theme]["text"], "middle")
    return _picture([text], theme)


def _readable(series: Series) -> list[list[tuple[int, float]]]:
    """The samples that can be believed, as runs between the gaps."""
    runs: list[list[tuple[int, float]]] = [[]]
    for time, value, quality in zip(series.source_time, series.value, series.quality_names(), strict=True):
        if value is not None and not quality.startswith("bad"):
            runs[-1].append((time, value))
        elif runs[-1]:
            runs.append([])
    return runs


def _limits(drawn: dict[str, float], frame: Frame, colour: dict[str, str]) -> Iterator[str]:
    for name, value in drawn.items():
        ink, y = colour["urgent" if name in URGENT else "limit"], frame.y(value)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{ink}" stroke-dasharray="7 4"/>'


def _limit_names(drawn: dict[str, float], frame: Frame, colour: dict[str, str]) -> Iterator[str]:
    """Above the lines of the samples, on a ground of their own."""
    for name, value in drawn.items():
        ink, y = colour["urgent" if name in URGENT else "limit"], frame.y(value)
        # H and HH often stand close together: their names stand at the two ends of the lines.
        x, anchor = (WIDTH - RIGHT - 4, "end") if name in URGENT else (LEFT + 4, "start")
        yield _text(x, y - 4, f"{name} {value:g}", ink, anchor, colour["ground"])


def _lines(runs: list[list[tuple[int, float]]], frame: Frame, colour: dict[str, str]) -> Iterator[str]:
    for run in runs:
        places = "L".join(f"{frame.x(time):.1f} {frame.y(value):.1f}" for time, value in run)
        # A lone sample is a dot: a path of one place is not drawn.
        path = f"M{places}" if len(run) > 1 else f"M{places}h.1" if run else ""
        if path:
            yield (
                f'<path d="{path}" stroke="{colour["line"]}" stroke-width="2.5" fill="none" '
                'stroke-linejoin="round" stroke-linecap="round"/>'
            )


def _axis(frame: Frame, colour: dict[str, str], onset: int, language: Language) -> Iterator[str]:
    ink = colour["text"]
    for value in (frame.low, (frame.low + frame.high) / 2, frame.high):
        yield _text(LEFT - 6, min(max(frame.y(value) + 5, 16), HEIGHT - BOTTOM), f"{value:.3g}", ink, "end")
    yield f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" stroke="{ink}" fill="none"/>'
    x = frame.x(onset)
    yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{colour["urgent"]}" stroke-width="1.5"/>'
    yield _text(x, TOP - 7, f"{word('since', language)} {_clock(onset)}", colour["urgent"], "middle")
    yield _text(LEFT, HEIGHT - 6, _clock(frame.start), ink, "start")
    yield _text(WIDTH - RIGHT, HEIGHT - 6, _clock(frame.end), ink, "end")


def _clock(time: int) -> str:
    return local_time(time, SHANGHAI)[11:16]


def _text(x: float, y: float, words: str, ink: str, anchor: str, ground: str = "") -> str:
    behind = f'stroke="{ground}" stroke-width="4" paint-order="stroke" ' if ground else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}" text-anchor="{anchor}" font-size="16" {behind}'
        f'font-family="sans-serif">{escape(words)}</text>'
    )


def _picture(parts: list[str], theme: Theme) -> str:
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{COLOURS[theme]["ground"]}"/>'
    body = "".join([ground, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{body}</svg>'
