"""A database of SQLite for the timelines; what must hold on PostgreSQL too takes `database_url`."""

from pathlib import Path

import pytest


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'alarms.sqlite'}"
