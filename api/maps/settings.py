"""Settings of the map."""

import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings

PLACES = ("{x}", "{y}", "{z}")
"""What a browser fills in: column and row of a tile, and how near one looks."""
SAFE = re.compile(r"^https?://[A-Za-z0-9.-]+(:\d{1,5})?/[^\s\"'<>\\^`|]*$")
"""Only what can stand in a content policy without being read as something else."""


class MapSettings(BaseSettings):
    """Part of `ApiSettings`."""

    map_tiles_url: str = Field(
        "",
        description="Address of map tiles with `{x}`, `{y}` and `{z}` in it (Web Mercator; 天地图 with "
        "its key, or a server of the house); several, separated by spaces, lie over each other. Browsers "
        "fetch them, and the content policy lets them ask these servers alone. Empty: the map draws its own "
        "ground and asks nobody. Tiles in GCJ-02 do not fit: everything would stand hundreds of metres away.",
    )
    map_attribution: str = Field(
        "", max_length=500, description="Whose tiles they are, shown on the map; most licences ask for it."
    )
    map_max_zoom: int = Field(
        18,
        ge=1,
        le=24,
        description="The nearest zoom for which the server has tiles; beyond, they are enlarged.",
    )

    @field_validator("map_tiles_url")
    @classmethod
    def _usable_addresses(cls, value: str) -> str:
        for address in value.split():
            if not SAFE.match(address):
                raise ValueError(f"{address!r} is no address of a tile server: write http(s)://host/path")
            if missing := [place for place in PLACES if place not in address]:
                raise ValueError(f"{address!r} has no {' and no '.join(missing)}: a browser fills them in")
        return value

    @model_validator(mode="after")
    def _tiles_say_whose_they_are(self) -> "MapSettings":
        if self.map_tiles_url.strip() and not self.map_attribution.strip():
            raise ValueError("map_tiles_url needs map_attribution: whose tiles they are")
        return self

    @property
    def map_tiles(self) -> tuple[str, ...]:
        """Addresses of tiles, the lowest layer first."""
        return tuple(self.map_tiles_url.split())

    @property
    def map_origins(self) -> tuple[str, ...]:
        """Servers of the tiles, as a content policy names them; each once."""
        parts = [urlsplit(address) for address in self.map_tiles]
        return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
