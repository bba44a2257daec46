"""What holds for all tests: under continuous integration nothing is skipped.

A test whose outside part (a broker, a database, a browser) is missing is skipped on a developer's
machine and says what to install. Where `CI=true`, the same skip is a failure: otherwise a part that was
not installed would leave the promise that it tests unproven, and nobody would notice.
"""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.store.databases import copy_postgresql, copy_sqlite, new_database, running_postgresql

pytest_plugins = ("pytester",)

Report = pytest.TestReport | pytest.CollectReport


def pytest_configure() -> None:
    """Processes that tests start end at Ctrl-C: a shell that runs the tests in the background has this
    process ignore it, and every child would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _under_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def _fail_if_skipped(report: Report) -> Report:
    if _under_ci() and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"CI=true allows no skipped test. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return _fail_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return _fail_if_skipped((yield))


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command that a test runs in this process sets up logs for itself; the next test starts without."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL for the whole run; skips where none is installed."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind, with all tables and no rows."""
    if request.param == "sqlite":
        copy_sqlite(tmp_path / "alarms.sqlite")
        return f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    return copy_postgresql(request.getfixturevalue("postgresql_server"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'alarms.sqlite'}"
    return new_database(request.getfixturevalue("postgresql_server"))
