"""One running service for tests that only read or that use points of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.serving import Api, running_api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """A fresh service."""
    with running_api(tmp_path / "data") as running:
        yield running
