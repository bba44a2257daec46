"""Moments for timelines, ns UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

S = 1_000_000_000
MINUTE, HOUR, DAY = 60 * S, 3600 * S, 86400 * S
SHANGHAI = ZoneInfo("Asia/Shanghai")
T0 = round(datetime(2026, 6, 21, 8, 0, tzinfo=SHANGHAI).timestamp()) * S
"""A summer morning at eight."""


def local(day: int, hour: int, minute: int = 0) -> int:
    """A moment of June 2026 in Shanghai."""
    return round(datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI).timestamp()) * S
