"""The loop between ingress and journal: batches, acknowledgement, pushing back, stopping, failing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alarm_rules.model import Site
from alarm_rules.reset import ResetAnswer
from gateway.journal_format import JournalFailed
from gateway.journal_reader import JournalReader
from gateway.pipeline import Limits
from tests.gateway.plant import Inner, Sample, at, make_site, told

DEADLINE_S = 20.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


@asynccontextmanager
async def running(site: Site, folder: Path, limits: Limits | None = None) -> AsyncIterator[Inner]:
    gateway = Inner(site, folder, limits=limits)
    loop = asyncio.create_task(gateway.pipeline.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield gateway
            await gateway.pipeline.stop()
            await loop
    finally:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError, JournalFailed):
            await loop
        gateway.close()


class Acknowledgements:
    """What was acknowledged, in order, with the journal's position at that time."""

    def __init__(self, gateway: Inner) -> None:
        self.gateway = gateway
        self.given: list[tuple[str, int]] = []
        self.changed = asyncio.Condition()

    def of(self, name: str):
        def committed() -> None:
            self.given.append((name, self.gateway.journal.position))
            asyncio.get_running_loop().create_task(self._tell(), name="tell")

        return committed

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, count: int) -> list[str]:
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.given) >= count)
        return [name for name, _ in self.given]


def committed_values(path: Path) -> list[float]:
    reader = JournalReader(path)
    found = reader.samples_after(0, 10**9)
    reader.close()
    return [] if found is None else found[1].value.tolist()


async def test_acknowledgement_comes_in_order_and_after_the_commit(site: Site, tmp_path: Path) -> None:
    async with running(site, tmp_path) as gateway:
        seen: list[bool] = []
        done = Acknowledgements(gateway)
        for k in range(20):
            acknowledge = done.of(str(k))

            def committed(k: int = k, acknowledge=acknowledge) -> None:
                seen.append(float(k) in committed_values(gateway.path))
                acknowledge()

            gateway.pipeline.submit(gateway.arrival([Sample("FT1", k, k)], committed=committed))
        assert await done.until(20) == [str(k) for k in range(20)]
        assert seen == [True] * 20


async def test_what_arrives_during_a_commit_is_one_batch(site: Site, tmp_path: Path) -> None:
    async with running(site, tmp_path) as gateway:
        done = Acknowledgements(gateway)
        gate = asyncio.Event()

        def first_is_committed() -> None:
            for k in range(1, 50):
                gateway.pipeline.submit(gateway.arrival([Sample("FT1", k, k)], committed=done.of(str(k))))
            gate.set()

        gateway.pipeline.submit(gateway.arrival([Sample("FT1", 0, 0)], committed=first_is_committed))
        await gate.wait()
        await done.until(49)
        assert {position for _, position in done.given} == {gateway.journal.position}


async def test_batch_is_cut_at_its_limit_but_never_within_an_arrival(site: Site, tmp_path: Path) -> None:
    async with running(site, tmp_path, Limits(batch_samples=10)) as gateway:
        done = Acknowledgements(gateway)
        for k, size in enumerate((4, 4, 4, 25, 1)):
            samples = [Sample("FT1", 100 * k + i, i) for i in range(size)]
            gateway.pipeline.submit(gateway.arrival(samples, committed=done.of(str(k))))
        assert await done.until(5) == list("01234")
        sizes = [len(batch.samples.point) for batch in gateway.journal.batches_after(0)]
        assert [size for size in sizes if size] == [8, 4, 25, 1]


async def test_lag_pauses_reading_and_catching_up_resumes_it(site: Site, tmp_path: Path) -> None:
    async with running(site, tmp_path, Limits(high_bytes=1000, low_bytes=300)) as gateway:
        told_: list[bool] = []
        gateway.pipeline.on_pause(told_.append)
        done = Acknowledgements(gateway)
        for k in range(20):
            gateway.pipeline.submit(
                gateway.arrival([Sample("FT1", k, k)], size=100, committed=done.of(str(k)))
            )
        assert told_ == [True]
        await done.until(20)
        assert told_ == [True, False]
        assert gateway.metrics.registry.get_sample_value("hazardwatch_pauses_total") == 1


async def test_holding_for_the_disk_keeps_reading_stopped_after_the_lag_is_gone(
    site: Site, tmp_path: Path
) -> None:
    async with running(site, tmp_path) as gateway:
        told_: list[bool] = []
        gateway.pipeline.on_pause(told_.append)
        gateway.pipeline.hold(True)
        done = Acknowledgements(gateway)
        gateway.pipeline.submit(gateway.arrival([Sample("FT1", 1, 1)], committed=done.of("a")))
        await done.until(1)
        assert told_ == [True]
        gateway.pipeline.hold(False)
        assert told_ == [True, False]


async def test_deadline_passes_with_nobody_sending(site: Site, tmp_path: Path) -> None:
    async with running(site, tmp_path) as gateway:
        changed = asyncio.Event()
        gateway.pipeline.on_commit(lambda changes: changed.set() if changes else None)
        gateway.clock.set(at(100))
        await changed.wait()
        assert told(gateway.changes()) == ["PT1.STALE on 17", "LT1.STALE on 30"]


async def test_stopping_commits_what_was_received_and_resets_that_were_asked(
    site: Site, tmp_path: Path
) -> None:
    async with running(site, tmp_path) as gateway:
        done = Acknowledgements(gateway)
        high, low = Sample("LT1", 1, 11.5), Sample("LT1", 2, 5.0)
        gateway.pipeline.submit(gateway.arrival([high, low], committed=done.of("a")))
        await done.until(1)
        gateway.pipeline.submit(gateway.arrival([Sample("FT1", 3, 3)], committed=done.of("b")))
        gateway.pipeline.reset(["E001/LT1.HH"])
        await gateway.pipeline.stop()
        assert await done.until(2) == ["a", "b"]
    assert told(gateway.changes())[-1] == "LT1.HH off 0"


async def test_resets_of_one_batch_are_answered_each_for_itself_once_they_are_on_disk(
    site: Site, tmp_path: Path
) -> None:
    answers: dict[str, tuple[ResetAnswer, list[str]]] = {}
    async with running(site, tmp_path) as gateway:
        everybody = asyncio.Event()

        def ask(name: str, *rules: str) -> None:
            def answered(answer: ResetAnswer) -> None:
                answers[name] = (answer, told(gateway.changes()))
                if len(answers) == 3:
                    everybody.set()

            gateway.pipeline.reset([f"E001/{rule}" for rule in rules], answered)

        held = [Sample("LT1", 1, 11.5), Sample("LT1", 2, 5.0), Sample("PT1", 1, 20, "bad_sensor_failure")]
        gateway.pipeline.submit(gateway.arrival(held))
        ask("first", "LT1.HH", "NO.SUCH")
        ask("second", "LT1.HH", "PT1.FAULT")
        ask("third")
        async with asyncio.timeout(DEADLINE_S):
            await everybody.wait()
    assert answers["first"][0] == ResetAnswer(reset=("E001/LT1.HH",), unknown=("E001/NO.SUCH",))
    assert answers["second"][0] == ResetAnswer(reset=("E001/LT1.HH",), still_true=("E001/PT1.FAULT",))
    assert answers["third"][0] == ResetAnswer()
    assert all(kept[-1].startswith("LT1.HH off") for _, kept in answers.values())


async def test_failed_commit_acknowledges_nothing_and_ends_the_loop(site: Site, tmp_path: Path) -> None:
    gateway = Inner(site, tmp_path)
    done = Acknowledgements(gateway)
    gateway.pipeline.submit(gateway.arrival([Sample("LT1", 1, 10.5)], committed=done.of("a")))
    loop = asyncio.create_task(gateway.pipeline.run())
    await done.until(1)
    pages = gateway.journal._db.execute("PRAGMA page_count").fetchone()[0]
    gateway.journal._db.execute(f"PRAGMA max_page_count={pages + 1}")
    big = [Sample("LT1", 2 + 0.0001 * k, 11.5) for k in range(10_000)]
    gateway.pipeline.submit(gateway.arrival(big, committed=done.of("b")))
    with pytest.raises(JournalFailed, match=r"full.*free disk space"):
        async with asyncio.timeout(DEADLINE_S):
            await loop
    assert [name for name, _ in done.given] == ["a"]
    gateway.close(snapshot=False)
    gateway = Inner(site, tmp_path, now=3)
    assert committed_values(gateway.path) == [10.5]
    assert gateway.active() == {"LT1.H"}
    assert told(gateway.judge(4, *big)) == ["LT1.HH on 2"]
    gateway.close()
