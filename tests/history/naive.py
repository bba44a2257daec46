"""Obvious twins of what history computes."""

from detectors.quality import FIRST_BAD
from gateway.history.port import HistoryColumns


def thinned(
    block: HistoryColumns, start: int, end: int, max_points: int
) -> list[tuple[int, float | None, int]]:
    """What `History.read` promises for one point's rising samples."""
    samples = [
        (time, value, quality)
        for time, value, quality in zip(
            block.source_time.tolist(), block.value.tolist(), block.quality.tolist(), strict=True
        )
        if start <= time < end
    ]
    if len(samples) > max_points:
        buckets = max_points // 2
        width = (end - start + buckets - 1) // buckets
        samples = [
            sample
            for bucket in range(buckets)
            for sample in _extremes([s for s in samples if (s[0] - start) // width == bucket])
        ]
    return [(time, None if value != value else value, quality) for time, value, quality in samples]


def _extremes(samples: list[tuple[int, float, int]]) -> list[tuple[int, float, int]]:
    usable = [s for s in samples if s[2] < FIRST_BAD and s[1] == s[1]]
    if not usable:
        return samples[:1]
    lowest = min(usable, key=lambda s: s[1])
    highest = max(usable, key=lambda s: s[1])
    return sorted({lowest, highest})
