"""A desk on each kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.notify.desk import Desk, open_desk


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite and on PostgreSQL."""
    async with open_desk(database_url, tmp_path) as one:
        yield one


@pytest.fixture
async def quick_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """On SQLite only, for what does not touch the database's own ways."""
    async with open_desk(f"sqlite:///{tmp_path / 'alarms.sqlite'}", tmp_path) as one:
        yield one
