"""Durable timers: once each, in order, whatever happens in between; on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from api.store.database import Database
from api.store.errors import StoreConflict
from api.store.timers import Timer, drop_timer, drop_timers, due_timers, next_due, set_timer, set_timers
from api.store.writer import Reader, Transaction, Writer
from api.timers import TOLD_AFTER, Handler, TimerMetrics, TimerWorker, retry_after_s

SECOND = 1_000_000_000


class Bench:
    """A database with a clock that is moved by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 0
        self.writer = Writer(database, lambda: self.now)
        self.reader = Reader(database)
        self.fired: list[str] = []
        self.told: dict[str, bool] = {}

    def worker(self, handler: Handler | None = None) -> TimerWorker:
        handlers = {"k": handler or self.note}
        metrics = TimerMetrics(CollectorRegistry())
        return TimerWorker(self.writer, self.reader, lambda: self.now, metrics, handlers, self.report)

    def note(self, tx: Transaction, timer: Timer) -> None:
        tx.then(lambda: self.fired.append(timer.key))

    def report(self, tx: Transaction, kind: str, about: str, active: bool, text: str) -> None:
        assert kind == "timer_failing"
        tx.then(lambda: self.told.__setitem__(about, active))

    async def set(self, *timers: tuple[str, int]) -> None:
        made = [Timer(key=key, kind="k", subject="s", due_at=due * SECOND) for key, due in timers]
        await self.writer.run(lambda tx: set_timers(tx, made))

    async def keys(self) -> list[str]:
        return [timer.key for timer in await self.reader.run(lambda c: due_timers(c, 1 << 62, 100))]


@asynccontextmanager
async def opened(url: str, *, sole: bool = True) -> AsyncIterator[Bench]:
    database = Database.open(url, sole=sole)
    bench = Bench(database)
    yield bench
    bench.reader.close()
    bench.writer.close()
    database.close()


async def test_timers_fire_when_due_and_in_order(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("late", 9), ("b", 2), ("a", 2), ("first", 1))
        worker = bench.worker()
        assert await worker.fire_due() == 0
        bench.now = 2 * SECOND
        assert await worker.fire_due() == 3
        assert bench.fired == ["first", "a", "b"]
        assert await bench.keys() == ["late"]


async def test_timers_due_while_nobody_ran_fire_at_the_next_start(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("a", 1), ("b", 2))
    async with opened(database_url) as bench:
        bench.now = 100 * SECOND
        await bench.worker().fire_due()
        assert bench.fired == ["a", "b"]


async def test_timer_that_sets_another_due_one_is_followed_by_it(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("a", 1))
        bench.now = 5 * SECOND

        def handler(tx: Transaction, timer: Timer) -> None:
            tx.then(lambda: bench.fired.append(timer.key))
            if timer.key == "a":
                set_timer(tx, Timer(key="b", kind="k", subject="s", due_at=2 * SECOND))

        await bench.worker(handler).fire_due()
        assert bench.fired == ["a", "b"]


async def test_timer_set_again_is_moved_and_dropped_ones_never_fire(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("a", 1), ("b", 1), ("c", 1))
        await bench.set(("a", 50))
        assert await bench.writer.run(lambda tx: drop_timer(tx, "b")) is True
        assert await bench.writer.run(lambda tx: drop_timer(tx, "b")) is False
        bench.now = 10 * SECOND
        await bench.worker().fire_due()
        assert bench.fired == ["c"]
        assert await bench.reader.run(next_due) == 50 * SECOND
        assert await bench.writer.run(lambda tx: drop_timers(tx, "k", "s")) == 1
        assert await bench.reader.run(next_due) is None


async def test_failing_timer_holds_up_no_other_and_comes_again(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("a", 1), ("bad", 1), ("c", 1))
        bench.now = SECOND
        failing = {"bad"}

        def handler(tx: Transaction, timer: Timer) -> None:
            if timer.key in failing:
                raise ValueError("not yet")
            tx.then(lambda: bench.fired.append(timer.key))

        worker = bench.worker(handler)
        assert await worker.fire_due() == 2
        await asyncio.sleep(0)
        assert sorted(bench.fired) == ["a", "c"]
        failing.clear()
        bench.now += SECOND
        assert await worker.fire_due() == 1
        await asyncio.sleep(0)
        assert sorted(bench.fired) == ["a", "bad", "c"]


async def test_timer_whose_store_conflict_never_ends_holds_up_no_other_kind(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("a", 1), ("bad", 1), ("c", 2))
        bench.now = 2 * SECOND

        def handler(tx: Transaction, timer: Timer) -> None:
            if timer.key == "bad":
                raise StoreConflict("twice the same key")
            bench.note(tx, timer)

        assert await bench.worker(handler).fire_due() == 2
        await asyncio.sleep(0)
        assert sorted(bench.fired) == ["a", "c"]
        assert await bench.keys() == ["bad"]


async def test_timer_that_goes_on_failing_is_told_until_it_is_handled(database_url: str) -> None:
    async with opened(database_url) as bench:
        await bench.set(("bad", 1))
        failing = {"bad"}

        def handler(tx: Transaction, timer: Timer) -> None:
            if timer.key in failing:
                raise ValueError("not yet")

        worker = bench.worker(handler)

        async def look() -> None:
            bench.now = max(bench.now, await bench.reader.run(next_due) or 0)
            await worker.fire_due()
            await worker.tell_failing()
            await asyncio.sleep(0)

        for _ in range(TOLD_AFTER - 1):
            await look()
            assert bench.told == {"timer:k": False}
        await look()
        assert bench.told == {"timer:k": True}
        failing.clear()
        await look()
        assert bench.told == {"timer:k": False}


@given(st.integers(1, 10_000))
def test_wait_after_a_failure_grows_from_a_second_to_half_a_minute(version: int) -> None:
    waits = [
        retry_after_s(Timer(key="a", kind="k", subject="s", due_at=0, version=v))
        for v in (version, version + 1)
    ]
    assert 1 <= waits[0] <= waits[1] <= 30
    assert waits[1] == 30 or waits[1] == 2 * waits[0]


async def test_two_workers_fire_each_timer_once(database_url: str) -> None:
    async with opened(database_url) as one:
        other = Bench(Database.open(database_url, sole=False))
        await one.set(*((f"t{n:03}", n) for n in range(200)))
        one.now = other.now = 1000 * SECOND
        handled = await asyncio.gather(one.worker().fire_due(), other.worker().fire_due())
        await asyncio.sleep(0)
        fired = one.fired + other.fired
        other.reader.close()
        other.writer.close()
        other.database.close()
    assert sum(handled) == 200
    assert sorted(fired) == sorted({f"t{n:03}" for n in range(200)})
