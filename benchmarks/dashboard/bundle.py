"""What has to come over the line before a page can be seen."""

import gzip
import re
from pathlib import Path
from typing import Any

MAP = re.compile(r"^(GlGround|maplibre)")
"""MapLibre and what draws with it: fetched only where a site has set up tiles for its map."""


def measure(built: Path) -> dict[str, Any]:
    """kB (1,000 bytes) of scripts and styles, compressed as the service sends them."""
    sizes = {
        file.name: len(gzip.compress(file.read_bytes(), 9)) / 1000
        for file in sorted((built / "assets").iterdir())
        if file.suffix in (".js", ".css")
    }
    if not sizes:
        raise RuntimeError(f"{built} holds no screens: run  make dashboard")
    of_map = {name for name in sizes if MAP.search(name)}
    first = _named_in((built / "index.html").read_text(), sizes)
    largest = sorted(sizes, key=lambda name: -sizes[name])[:8]
    return {
        "first_page_kb": round(sum(sizes[name] for name in first), 1),
        "all_without_map_kb": round(sum(size for name, size in sizes.items() if name not in of_map), 1),
        "map_kb": round(sum(sizes[name] for name in of_map), 1),
        "largest_kb": {name: round(sizes[name], 1) for name in largest},
    }


def _named_in(page: str, names: dict[str, float]) -> set[str]:
    return {name for name in names if name in page}
