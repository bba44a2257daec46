"""An office for each test: most timelines on SQLite, some of every desk on PostgreSQL, too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.desks.office import Office, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(f"sqlite:///{tmp_path / 'desks.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Office]:
    """On SQLite, and again on PostgreSQL."""
    async with open_office(database_url) as opened:
        yield opened
