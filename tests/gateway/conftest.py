"""Fixtures of the gateway's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.warm_up import warm_up
from tests.gateway.endpoint import Endpoint


@pytest.fixture(scope="session")
def kernels() -> None:
    """Every kernel is ready: a test's deadline is not for the compiler."""
    warm_up(lambda *_: None)


@pytest.fixture(scope="module")
def shared_endpoint(kernels: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One gateway for the tests of a module that do not mind what the others sent."""
    with Endpoint(tmp_path_factory.mktemp("endpoint")) as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(kernels: None, tmp_path: Path) -> Iterator[Endpoint]:
    """A fresh gateway on the event loop that the gateway command runs on."""
    with Endpoint(tmp_path) as fresh:
        yield fresh


@pytest.fixture(params=["uvloop", "asyncio"])
def either_endpoint(request: pytest.FixtureRequest, kernels: None, tmp_path: Path) -> Iterator[Endpoint]:
    """A fresh gateway on each of the two event loops, for what the loops do differently."""
    with Endpoint(tmp_path, loop=request.param) as fresh:
        yield fresh
