"""The font of PDF reports: one with Chinese glyphs."""
# mypy: disable-error-code="import-untyped"

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

BUILT_IN = "STSong-Light"
EMBEDDED = "report-font"


class FontUnusable(ValueError):
    """The font of the settings cannot be used; the message says why."""


@cache
def font_of(path: Path | None) -> str:
    """Name of the font, registered with reportlab.

    Without a path it is STSong-Light: named in the file, not embedded, and replaced by a Chinese font of
    the viewer's. Raises FontUnusable.
    """
    if path is None:
        pdfmetrics.registerFont(UnicodeCIDFont(BUILT_IN))
        return BUILT_IN
    try:
        pdfmetrics.registerFont(TTFont(EMBEDDED, str(path)))
    except (TTFError, OSError) as error:
        raise FontUnusable(
            f"report_font {path}: {error}: name a TrueType font (.ttf, .ttc) with glyf outlines, or none"
        ) from error
    return EMBEDDED
