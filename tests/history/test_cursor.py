"""The follower: all that the journal has comes into history, in order, whatever happens to it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.history.compression import CompressionRule, Compressor
from gateway.history.cursor import HistoryWriter, Pace, retry_delay_s
from gateway.history.embedded import EmbeddedHistory
from gateway.history.influxdb import InfluxHistory
from gateway.history.port import HistoryUnavailable, RejectedSample
from gateway.history.troubles import Troubles
from tests.history.fault_proxy import Answer, Drop, DropAnswer, FaultProxy
from tests.history.influx_server import InfluxServer
from tests.history.memory import MemoryHistory, MemoryJournal
from tests.history.samples import HOUR, SECOND, T0, Sample

QUICK = Pace(
    seal_every_s=0.0,
    first_retry_s=0.001,
    longest_retry_s=0.01,
    operator_retry_s=0.001,
    unavailable_after_s=0.0,
    maintain_every_s=0.001,
    look_again_s=0.01,
)
AWAY = HistoryUnavailable("it is away")
FORBIDDEN = HistoryUnavailable("the token is wrong", operator_needed=True)


class Follower:
    """A writer with everything around it."""

    def __init__(self) -> None:
        self.journal, self.history = MemoryJournal(), MemoryHistory()
        self.troubles: list[tuple[str, str | None]] = []
        self.told = threading.Semaphore(0)
        self.writer: HistoryWriter | None = None

    def start(self, pace: Pace = QUICK, position: int = 0, **others) -> HistoryWriter:
        self.writer = HistoryWriter(
            self.journal, self.history, position, on_trouble=self.tell, pace=pace, **others
        )
        self.writer.start()
        return self.writer

    def tell(self, kind: str, text: str | None) -> None:
        self.troubles.append((kind, text))
        self.told.release()


@pytest.fixture
def follower() -> Iterator[Follower]:
    follower = Follower()
    yield follower
    if follower.writer is not None:
        follower.history.release.set()
        assert follower.writer.stop()


def batch(number: int) -> list[Sample]:
    return [("a", T0 + number, float(number), 0)]


def values(history: MemoryHistory) -> list[float]:
    return [value for _, _, value in history.written]


def test_backlog_is_written_in_order(follower: Follower) -> None:
    for number in range(100):
        follower.journal.append(batch(number))
    writer = follower.start(QUICK._replace(max_samples=7))
    follower.journal.wait_for_commit(100)
    assert values(follower.history) == list(range(100))
    assert max(follower.history.sizes) <= 7
    assert follower.journal.committed == sorted(follower.journal.committed)
    assert (writer.counters.position, writer.counters.written_samples) == (100, 100)


def test_following_begins_behind_the_given_position(follower: Follower) -> None:
    for number in range(5):
        follower.journal.append(batch(number))
    follower.start(position=3)
    follower.journal.wait_for_commit(5)
    assert values(follower.history) == [3.0, 4.0]


def test_wake_brings_new_samples_at_once(follower: Follower) -> None:
    writer = follower.start(QUICK._replace(look_again_s=600.0))
    for number in range(3):
        follower.journal.append(batch(number))
        writer.wake()
        follower.journal.wait_for_commit(number + 1)
    assert values(follower.history) == [0.0, 1.0, 2.0]


def test_samples_of_some_seconds_are_one_write(follower: Follower) -> None:
    for number in range(50):
        follower.journal.append(batch(number))
    follower.start()
    follower.journal.wait_for_commit(50)
    assert follower.history.sizes == [50]


def test_block_larger_than_the_limit_is_written_whole(follower: Follower) -> None:
    follower.journal.append([("a", T0 + k, float(k), 0) for k in range(20)])
    follower.journal.append(batch(20))
    follower.start(QUICK._replace(max_samples=7))
    follower.journal.wait_for_commit(2)
    assert follower.history.sizes == [20, 1]


def test_batch_without_samples_moves_the_position(follower: Follower) -> None:
    follower.journal.append([])
    follower.start()
    follower.journal.wait_for_commit(1)
    assert follower.history.sizes == []


def test_changed_table_of_names_begins_a_new_write(follower: Follower) -> None:
    follower.journal.append(batch(0))
    follower.journal.append([("z", T0, 1.0, 0)], ("y", "z"))
    follower.journal.append([("y", T0, 2.0, 0)], ("y", "z"))
    follower.start()
    follower.journal.wait_for_commit(3)
    assert follower.history.sizes == [1, 2]
    assert [point for point, _, _ in follower.history.written] == ["a", "z", "y"]


def test_outage_is_waited_out_and_nothing_is_passed_over(follower: Follower) -> None:
    for number in range(20):
        follower.journal.append(batch(number))
    follower.history.failures.extend([AWAY] * 5 + [None, AWAY, AWAY])
    writer = follower.start(QUICK._replace(max_samples=5))
    follower.journal.wait_for_commit(20)
    assert values(follower.history) == list(range(20))
    assert writer.counters.failures == 7
    began_and_ended = [(kind, text is None) for kind, text in follower.troubles]
    assert began_and_ended == [("history_unavailable", False), ("history_unavailable", True)] * 2


def test_setting_that_needs_a_person_is_told_at_once_and_tried_on(follower: Follower) -> None:
    follower.journal.append(batch(0))
    follower.history.failures.extend([FORBIDDEN, FORBIDDEN])
    follower.start(QUICK._replace(unavailable_after_s=1e9))
    follower.journal.wait_for_commit(1)
    assert follower.told.acquire(timeout=20)
    assert follower.troubles[0] == ("history_unavailable", "the token is wrong")


def test_rejected_samples_are_in_quarantine_before_the_position_moves(follower: Follower) -> None:
    class Careful(MemoryJournal):
        def commit(self, position: int) -> None:
            assert [each.value for each in self.rejected] == [3.0, 5.0]
            super().commit(position)

    follower.journal = Careful()
    for number in range(8):
        follower.journal.append(batch(number))
    follower.history.refuse = {3.0, 5.0}
    writer = follower.start()
    follower.journal.wait_for_commit(8)
    assert follower.told.acquire(timeout=20)
    assert values(follower.history) == [0.0, 1.0, 2.0, 4.0, 6.0, 7.0]
    assert (writer.counters.rejected_samples, writer.counters.written_samples) == (2, 6)
    kind, text = follower.troubles[0]
    assert kind == "history_rejected"
    assert "it is odd" in str(text)


@pytest.mark.parametrize("where", ["journal", "history"])
def test_unforeseen_failure_is_told_and_followed_on_from_the_last_position(
    follower: Follower, where: str
) -> None:
    for number in range(10):
        follower.journal.append(batch(number))
    if where == "journal":
        follower.journal.broken = 1
    else:
        follower.history.failures.append(ZeroDivisionError("a mistake in a driver"))
    follower.start()
    follower.journal.wait_for_commit(10)
    assert values(follower.history) == list(range(10))
    assert follower.troubles[0][0] == "history_unavailable"
    assert ("disk failed" if where == "journal" else "ZeroDivisionError") in str(follower.troubles[0][1])


def test_stop_writes_what_is_there(follower: Follower) -> None:
    writer = follower.start(Pace(seal_every_s=600.0))
    follower.journal.append(batch(0))
    writer.wake()
    follower.journal.append(batch(1))
    assert writer.stop()
    assert values(follower.history) == [0.0, 1.0]
    assert follower.journal.committed[-1] == 2


def test_stop_in_an_outage_gives_up_at_once_and_passes_nothing(follower: Follower) -> None:
    follower.journal.append(batch(0))
    follower.history.always = AWAY
    writer = follower.start(Pace(seal_every_s=0.0, first_retry_s=600.0, longest_retry_s=600.0))
    assert follower.history.failed.acquire(timeout=20)
    assert writer.stop()
    assert follower.journal.committed == []


def test_stop_does_not_wait_for_a_hanging_history(follower: Follower) -> None:
    follower.journal.append(batch(0))
    follower.history.release.clear()
    writer = follower.start()
    assert not writer.stop(timeout_s=0.1)
    assert follower.journal.committed == []


def test_maintenance_runs_beside_and_its_failure_is_told(follower: Follower) -> None:
    follower.history.maintenance_failure = HistoryUnavailable("hours cannot be made")
    writer = follower.start()
    assert follower.told.acquire(timeout=20)
    assert follower.troubles[0][0] == "history_maintenance"
    follower.history.maintenance_failure = None
    assert follower.told.acquire(timeout=20)
    assert follower.troubles[1] == ("history_maintenance", None)
    assert writer.counters.maintenance_failures >= 1


def test_position_waits_behind_a_sample_that_compression_holds(follower: Follower) -> None:
    # Batches of one sample of a straight line: the newest is always held back.
    for number in range(10):
        follower.journal.append([("a", T0 + number * SECOND, float(number), 0)])
    follower.start(
        QUICK._replace(max_samples=1),
        compression=Compressor({"a": CompressionRule("swinging_door", 0.1, 3600.0)}),
        now=lambda: T0,
    )
    follower.journal.wait_for_commit(9)
    assert follower.journal.committed[-1] == 9
    assert values(follower.history) == [0.0]
    assert follower.writer is not None
    assert follower.writer.stop()
    assert follower.journal.committed[-1] == 10
    assert values(follower.history) == [0.0, 9.0]


def test_delay_doubles_to_its_limit_and_keeps_a_distance() -> None:
    pace = Pace()
    whole = [retry_delay_s(pace, n, AWAY, 1.0) for n in range(1, 10)]
    assert whole == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]
    assert [retry_delay_s(pace, n, AWAY, 0.0) for n in (1, 7, 10_000)] == [0.25, 15.0, 15.0]


def test_delay_is_at_least_what_the_store_asked_for() -> None:
    asking = HistoryUnavailable("later", retry_after_s=12.0)
    assert retry_delay_s(Pace(), 1, asking, 0.5) == 12.0
    assert retry_delay_s(Pace(), 9, asking, 1.0) == 30.0
    tomorrow = HistoryUnavailable("later", retry_after_s=86_400.0)
    assert retry_delay_s(Pace(), 1, tomorrow, 0.5) == 300.0


def test_short_outage_is_no_condition_and_a_long_one_is_told_once() -> None:
    now = [100.0]
    told: list[tuple[str, bool]] = []
    troubles = Troubles(
        lambda kind, text: told.append((kind, text is not None)),
        lambda: now[0],
        after_s=10.0,
        rejected_for_s=600.0,
    )
    troubles.failed(AWAY, 1)
    now[0] += 9.9
    troubles.failed(AWAY, 2)
    troubles.wrote([])
    assert told == []
    troubles.failed(AWAY, 1)
    now[0] += 10.0
    troubles.failed(AWAY, 2)
    troubles.failed(AWAY, 3)
    assert told == [("history_unavailable", True)]
    troubles.wrote([])
    assert told[1:] == [("history_unavailable", False)]


def test_rejection_is_told_once_and_ends_when_none_came_for_long() -> None:
    now = [0.0]
    told: list[str | None] = []
    troubles = Troubles(
        lambda kind, text: told.append(text), lambda: now[0], after_s=10.0, rejected_for_s=600.0
    )
    sample = RejectedSample("e/P", T0, 1.0, 0, "field type conflict")
    for _ in range(5):
        now[0] += 599.0
        troubles.wrote([sample])
        troubles.pass_time()
    assert len(told) == 1
    assert "field type conflict" in str(told[0])
    now[0] += 600.0
    troubles.pass_time()
    assert told[1:] == [None]


def test_influxdb_that_goes_wrong_in_every_way_gets_all_samples_in_order(
    follower: Follower, proxy: FaultProxy, influx_server: InfluxServer
) -> None:
    bucket = influx_server.create_database()
    history = InfluxHistory(proxy.url, "", "-", bucket, timeout_s=5.0)
    follower.history = history  # type: ignore[assignment]
    proxy.faults.extend(
        [
            Answer(503),
            None,
            Drop(),
            Answer(429, {"Retry-After": "0"}),
            DropAnswer(),
            None,
            Answer(401),
            Drop(),
        ]
    )
    for number in range(40):
        follower.journal.append([("a", T0 + number * SECOND, float(number), 0)])
    writer = HistoryWriter(
        follower.journal, history, 0, on_trouble=follower.tell, pace=QUICK._replace(max_samples=4)
    )
    writer.start()
    follower.journal.wait_for_commit(40)
    assert writer.stop()
    assert history.read("a", T0, T0 + HOUR, 100).value.tolist() == list(range(40))
    assert writer.counters.failures == 6
    assert follower.troubles[-1] == ("history_unavailable", None)
    history.close()


@pytest.mark.slow
def test_influxdb_killed_and_started_again_gets_all_samples(follower: Follower, tmp_path: Path) -> None:
    server = InfluxServer(tmp_path)
    server.start()
    history = InfluxHistory(server.url, "", "-", server.create_database(), timeout_s=5.0)
    for number in range(20):
        follower.journal.append([("a", T0 + number * SECOND, float(number), 0)])
    writer = HistoryWriter(
        follower.journal, history, 0, on_trouble=follower.tell, pace=QUICK._replace(max_samples=4)
    )
    writer.start()
    follower.journal.wait_for_commit(20)
    server.kill()
    for number in range(20, 60):
        follower.journal.append([("a", T0 + number * SECOND, float(number), 0)])
    writer.wake()
    assert follower.told.acquire(timeout=20)
    assert follower.troubles[-1][0] == "history_unavailable"
    server.start()
    follower.journal.wait_for_commit(60)
    assert writer.stop()
    assert history.read("a", T0, T0 + HOUR, 100).value.tolist() == list(range(60))
    history.close()
    server.kill()


def test_embedded_history_follows_a_journal(follower: Follower, tmp_path: Path) -> None:
    history = EmbeddedHistory(tmp_path / "h")
    for number in range(300):
        follower.journal.append([(name, T0 + number * 60 * SECOND, float(number), 0) for name in "abc"])
    writer = HistoryWriter(
        follower.journal,
        history,
        0,
        on_trouble=follower.tell,
        pace=QUICK._replace(max_samples=30),
        now=lambda: T0 + 9 * HOUR,
    )
    writer.start()
    follower.journal.wait_for_commit(300)
    assert writer.stop()
    for name in "abc":
        assert history.read(name, T0, T0 + 9 * HOUR, 1000).value.tolist() == list(range(300))
    assert follower.troubles == []
    history.close()
