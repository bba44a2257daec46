"""Condition changes on their way to the alert service: all of them, in order, whatever it does."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alarm_rules.model import Site
from gateway import conditions
from gateway.conditions import CURSOR, AlertService, ConditionForwarder, ValueForwarder, wait_after
from tests.gateway.alert_service import Intake, serving
from tests.gateway.plant import Inner, Sample, make_site
from tests.gateway.processes import free_port

DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "intake.token"
    file.write_text("secret\n")
    return file


@pytest.fixture
def intake() -> Intake:
    return Intake()


class Forwarding:
    """An inner gateway with the follower beside it."""

    def __init__(self, gateway: Inner, url: str, token: Path, timeout_s: float) -> None:
        self.gateway = gateway
        self.service = AlertService(url, token, timeout_s)
        self.forwarder = ConditionForwarder(
            "gw1", self.service, gateway.journal, gateway.pipeline, gateway.metrics
        )
        self.now = 0

    def swing(self, times: int = 1) -> None:
        """One change of LT1.H a time."""
        for _ in range(times):
            self.now += 1
            self.gateway.judge(self.now, Sample("LT1", self.now, 10.5 if self.now % 2 else 5.0))

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the follower go on until something holds."""
        while not condition():
            await asyncio.to_thread(_breathe)

    def failures(self, what: str) -> float:
        labels = {"what": what}
        value = self.gateway.metrics.registry.get_sample_value
        return value("hazardwatch_delivery_failures_total", labels) or 0.0


def _breathe() -> None:
    threading.Event().wait(0.005)


@asynccontextmanager
async def forwarding(
    site: Site, folder: Path, url: str, token: Path, *, timeout_s: float = 5.0
) -> AsyncIterator[Forwarding]:
    gateway = Inner(site, folder)
    parts = Forwarding(gateway, url, token, timeout_s)
    parts.now = gateway.journal.sequence
    task = asyncio.create_task(parts.forwarder.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield parts
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await parts.service.close()
        parts.forwarder.close()
        gateway.close()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow at once: how long they wait is tested by itself."""
    monkeypatch.setattr(conditions, "LONGEST_WAIT_S", 0.01)


async def test_changes_arrive_in_order_with_the_token(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            parts.swing(5)
            assert await asyncio.to_thread(intake.wait, 5) == [1, 2, 3, 4, 5]
            await parts.until(lambda: parts.gateway.journal.cursor(CURSOR) == 5)
            assert intake.tokens == {"Bearer secret"}
            assert intake.taken == parts.gateway.changes()
            await parts.until(lambda: parts.forwarder.failing == "")


@pytest.mark.parametrize(
    "trouble",
    [
        (503, "later"),
        (500, ""),
        (401, "token"),
        (302, ""),
        (200, "no json"),
        (200, '{"accepted_through": "x"}'),
        (409, "not ours"),
        (409, '{"expected": 99}'),
        (409, '{"expected": -1}'),
        "drop",
        "lose",
        "hang",
    ],
    ids=str,
)
async def test_refused_delivery_is_repeated_until_it_is_taken(
    site: Site, tmp_path: Path, token: Path, intake: Intake, trouble: object
) -> None:
    intake.script.extend([trouble, trouble])
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token, timeout_s=0.3) as parts:
            parts.swing(3)
            assert await asyncio.to_thread(intake.wait, 3) == [1, 2, 3]
            await parts.until(lambda: parts.gateway.journal.cursor(CURSOR) == 3)
            assert parts.failures("conditions") == 2
            parts.swing(1)
            assert await asyncio.to_thread(intake.wait, 4) == [1, 2, 3, 4]
            await parts.until(lambda: parts.forwarder.failing == "")


async def test_why_it_fails_is_known_while_it_fails(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            intake.script.extend([(503, "store is away")] * 10_000)
            parts.swing(1)
            await parts.until(lambda: parts.forwarder.failing)
            assert "503 store is away" in parts.forwarder.failing
            assert parts.gateway.metrics.registry.get_sample_value("hazardwatch_changes_undelivered") == 1
            intake.script.clear()
            await asyncio.to_thread(intake.wait, 1)


async def test_token_that_appears_later_is_used(site: Site, tmp_path: Path, intake: Intake) -> None:
    file = tmp_path / "intake.token"
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, file) as parts:
            parts.swing(1)
            await parts.until(lambda: "intake.token" in parts.forwarder.failing)
            file.write_text("fresh")
            await asyncio.to_thread(intake.wait, 1)
            assert intake.tokens == {"Bearer fresh"}


async def test_service_that_is_away_for_a_while_gets_everything_in_order(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    port = free_port()
    async with forwarding(site, tmp_path, f"http://127.0.0.1:{port}", token) as parts:
        for _ in range(3):
            parts.swing(4)
            await parts.until(lambda: parts.forwarder.failing)
            with serving(intake, port):
                parts.swing(4)
                await asyncio.to_thread(intake.wait, parts.gateway.journal.sequence)
                await parts.until(lambda: parts.forwarder.failing == "")
        assert intake.taken == parts.gateway.changes()
        assert len(intake.taken) > 24


async def test_large_backlog_goes_in_portions(
    site: Site, tmp_path: Path, token: Path, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "CHANGES_AT_ONCE", 10)
    gateway = Inner(site, tmp_path)
    for second in range(1, 36):
        gateway.judge(second, Sample("LT1", second, 10.5 if second % 2 else 5.0))
    count = gateway.journal.sequence
    gateway.close()
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token):
            await asyncio.to_thread(intake.wait, count)
            assert [len(delivery) for delivery in intake.deliveries] == [10, 10, 10, count - 30]


async def test_cursor_survives_a_restart_of_the_gateway(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            parts.swing(3)
            await asyncio.to_thread(intake.wait, 3)
            await parts.until(lambda: parts.gateway.journal.cursor(CURSOR) == 3)
        async with forwarding(site, tmp_path, url, token) as parts:
            parts.swing(2)
            assert await asyncio.to_thread(intake.wait, 5) == [1, 2, 3, 4, 5]
        assert sorted(number for delivery in intake.deliveries for number in delivery) == [1, 2, 3, 4, 5]


async def test_service_whose_store_was_set_back_is_given_again_what_it_lost(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            parts.swing(6)
            await asyncio.to_thread(intake.wait, 6)
            await parts.until(lambda: parts.gateway.journal.cursor(CURSOR) == 6)
            intake.forget(2)
            parts.swing(1)
            assert await asyncio.to_thread(intake.wait, 7) == [1, 2, 3, 4, 5, 6, 7]
            assert parts.failures("gap") == 1
            await parts.until(lambda: parts.gateway.journal.cursor(CURSOR) == 7)


async def test_service_that_asks_for_forgotten_changes_gets_the_kept_ones_as_a_new_journal(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            journal = parts.gateway.journal
            before = journal.journal_id
            parts.swing(6)
            await asyncio.to_thread(intake.wait, 6)
            await parts.until(lambda: journal.cursor(CURSOR) == 6)
            assert journal.forget_changes_before(2**62, 4) == 4
            intake.forget(0)
            parts.swing(1)
            await asyncio.to_thread(intake.wait, 3)
            assert journal.journal_id != before
            assert intake.positions == {journal.journal_id: 3}
            parts.swing(1)
            assert await asyncio.to_thread(intake.wait, 4) == [1, 2, 3, 4]
            assert [change.onset for change in intake.taken] == [c.onset for c in parts.gateway.changes()]


async def test_journal_that_was_set_back_loses_no_change(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    """Its old numbers are taken already; what happens now must not look like a repetition."""
    with serving(intake) as url:
        async with forwarding(site, tmp_path, url, token) as parts:
            journal = parts.gateway.journal
            parts.swing(2)
            await asyncio.to_thread(intake.wait, 2)
            await parts.until(lambda: journal.cursor(CURSOR) == 2)
            intake.positions[journal.journal_id] = 40
            parts.swing(2)
            assert await asyncio.to_thread(intake.wait, 4) == [1, 2, 41, 42]
            await parts.until(lambda: journal.cursor(CURSOR) == 42)
            parts.swing(1)
            assert await asyncio.to_thread(intake.wait, 5) == [1, 2, 41, 42, 43]
            assert parts.failures("journal_set_back") == 1


def test_waiting_doubles_with_jitter_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for failures in range(1, 40):
        longest = min(10.0, 0.1 * 2 ** min(failures, 10))
        waits = [wait_after(failures) for _ in range(50)]
        assert longest / 2 <= min(waits) <= max(waits) <= longest
        assert len(set(waits)) > 1


async def test_newest_values_go_once_and_all_of_them_now_and_then(
    site: Site, tmp_path: Path, token: Path, intake: Intake
) -> None:
    with serving(intake) as url:
        gateway = Inner(site, tmp_path)
        service = AlertService(url, token)
        values = ValueForwarder(
            "gw1", service, gateway.journal, gateway.pipeline, gateway.metrics, gateway.clock
        )
        gateway.judge(1, Sample("LT1", 1, 5.0), Sample("PT1", 1, 20.0, "bad_sensor_failure"))
        await values._deliver(False)
        gateway.judge(2, Sample("LT1", 2, 6.0))
        await values._deliver(False)
        await values._deliver(True)
        await service.close()
        gateway.close()
    first, second, complete = intake.values
    assert {(v.point, v.value, v.quality) for v in first.values} == {
        ("E001/LT1", 5.0, "good"),
        ("E001/PT1", 20.0, "bad_sensor_failure"),
    }
    assert [(v.point, v.value) for v in second.values] == [("E001/LT1", 6.0)]
    assert (complete.complete, len(complete.values)) == (True, 2)
