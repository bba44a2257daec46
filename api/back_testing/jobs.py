"""The queue of back-tests: one runs at a time, each can be cancelled, none is lost without a word."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from pydantic import ValidationError

from api.auth.principal import Scope
from api.back_testing.metrics import BackTestMetrics
from api.back_testing.model import OVER, BackTest, BackTestRefused, State, UnknownBackTest, Wished
from api.back_testing.program import LimitProgram, ProgramFailed, ProgramRefused
from api.back_testing.schemas import ResultBody
from api.back_testing.settings import BackTestSettings
from api.back_testing.shelf import BackTestShelf
from api.bilingual import both, joined
from api.invalid_input import told
from api.store.writer import Clock
from api.tickers import working

log = structlog.get_logger(__name__)

Tell = Callable[[BackTest], None]


class BackTests:
    """All of it runs in the event loop; files are written in threads."""

    def __init__(
        self,
        program: LimitProgram,
        shelf: BackTestShelf,
        settings: BackTestSettings,
        clock: Clock,
        metrics: BackTestMetrics,
        digest_of: Callable[[str], str],
        tell: Tell,
    ) -> None:
        """digest_of: fingerprint of an enterprise's rules in force. tell: a job has changed."""
        self.program = program
        self._shelf = shelf
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._digest_of = digest_of
        self._tell = tell
        self._jobs: dict[str, BackTest] = {}
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._running: tuple[str, asyncio.Task[dict[str, Any]]] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work through the queue until the block ends. What was under way before is told as interrupted."""
        for job in await asyncio.to_thread(self._shelf.jobs):
            if job.state not in OVER:
                job = msgspec.structs.replace(  # noqa: PLW2901 (the same one, put right)
                    job,
                    state="interrupted",
                    ended_at=self._clock(),
                    words=both(
                        "报警服务在此期间重启过：请再次运行",
                        "the alert service was restarted meanwhile: run it again",
                    ),
                )
                await asyncio.to_thread(self._shelf.put, job)
            self._jobs[job.id] = job
        async with working(self._work(), "back-tests"):
            yield

    async def ask(
        self, enterprise: str, changes: tuple[Wished, ...], span: tuple[int, int], reason: str, by: str
    ) -> BackTest:
        """Put a wish that was checked into the queue. Raises BackTestRefused when that is full."""
        if len(self._waiting) >= self._settings.back_test_waiting:
            raise BackTestRefused(
                both(
                    f"已有 {len(self._waiting)} 项回测在排队：请稍后再试",
                    f"{len(self._waiting)} back-tests wait already: come back later",
                )
            )
        job = BackTest(
            id=secrets.token_hex(8),
            enterprise=enterprise,
            changes=changes,
            start=span[0],
            end=span[1],
            reason=reason,
            by=by,
            asked_at=self._clock(),
        )
        self._jobs[job.id] = job
        self._waiting.append(job.id)
        await asyncio.to_thread(self._shelf.put, job)
        await self._forget_old()
        self._wake.set()
        self._tell(job)
        return job

    def find(self, job_id: str, scope: Scope) -> BackTest:
        """Raises UnknownBackTest."""
        job = self._jobs.get(job_id)
        if job is None or not scope.sees(job.enterprise):
            raise UnknownBackTest(both(f"没有回测 {job_id}", f"there is no back-test {job_id}"))
        return job

    def all(self, scope: Scope) -> list[BackTest]:
        """Those in sight, the newest first."""
        return [job for job in reversed(self._jobs.values()) if scope.sees(job.enterprise)]

    def ahead(self, job: BackTest) -> int:
        """So many run before it."""
        if job.id not in self._waiting:
            return 0
        return self._waiting.index(job.id) + (self._running is not None)

    async def result(self, job: BackTest) -> ResultBody | None:
        """What came out; None unless it is done."""
        found = await asyncio.to_thread(self._shelf.result, job.id) if job.state == "done" else None
        return None if found is None else ResultBody.model_validate(found)

    async def cancel(self, job_id: str, scope: Scope, by: str) -> BackTest:
        """End it. Raises UnknownBackTest, and BackTestRefused when it is over already."""
        job = self.find(job_id, scope)
        if job.state in OVER:
            raise BackTestRefused(
                both(
                    f"回测 {job_id} 的状态为 {job.state}：没有可取消的",
                    f"back-test {job_id} is {job.state}: there is nothing to cancel",
                )
            )
        await self._settle(job_id, "cancelled", words=f"cancelled by {by}")
        if job_id in self._waiting:
            self._waiting.remove(job_id)
        if self._running is not None and self._running[0] == job_id:
            self._running[1].cancel()
        return self._jobs[job_id]

    async def note_proposed(self, job_id: str, change_id: str) -> BackTest:
        """A change of limits was proposed from it."""
        return await self._change(job_id, proposed=change_id)

    async def _work(self) -> None:
        while True:
            while self._waiting:
                await self._run(self._waiting.popleft())
            self._wake.clear()
            await self._wake.wait()

    async def _run(self, job_id: str) -> None:
        job = await self._change(job_id, state="running", started_at=self._clock())
        if job.state in OVER:  # cancelled in this very moment
            return
        task = asyncio.create_task(
            self.program.run(
                "test",
                wish_of(job),
                self._settings.back_test_longest_s,
                lambda share: self._note(job_id, share),
            ),
            name=f"back-test {job_id}",
        )
        self._running = (job_id, task)
        try:
            result = await task
            self._check(job, result)
        except asyncio.CancelledError:
            if self._jobs[job_id].state != "cancelled":  # the service ends
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                raise
        except (ProgramRefused, BackTestRefused) as refused:
            await self._settle(job_id, "refused", words=str(refused))
        except ProgramFailed as failed:
            await self._settle(job_id, "failed", words=str(failed))
        except TimeoutError:
            words = both(
                f"用时超过 {self._settings.back_test_longest_s:g} 秒：请选较短的历史",
                f"took longer than {self._settings.back_test_longest_s:g} s: choose a shorter history",
            )
            await self._settle(job_id, "timed_out", words=words)
        else:
            await self._settle(job_id, "done", result=result)
        finally:
            self._running = None

    def _check(self, job: BackTest, result: dict[str, Any]) -> None:
        """A result that could not be proposed is none. Raises BackTestRefused."""
        try:
            made = ResultBody.model_validate(result)
        except ValidationError as error:
            beginning = both("结果无法作为一项更改提出", "the result cannot be proposed as one change")
            remedy = both("请减少更改", "wish fewer changes")
            words = joined([joined([beginning, told(error.errors()[0])], "：", ": "), remedy])
            raise BackTestRefused(words) from error
        if made.body.based_on != self._digest_of(job.enterprise):
            raise BackTestRefused(
                both(
                    f"站点文件中已不是 {job.enterprise} 正在生效的规则：请重启网关和报警服务后再次运行",
                    f"the site's files no longer hold the rules of {job.enterprise} that are in "
                    "force: restart gateway and alert service, and run it again",
                )
            )

    def _note(self, job_id: str, share: float) -> None:
        self._jobs[job_id] = msgspec.structs.replace(self._jobs[job_id], progress=share)
        self._tell(self._jobs[job_id])

    async def _settle(
        self, job_id: str, state: State, words: str = "", result: dict[str, Any] | None = None
    ) -> None:
        if self._jobs[job_id].state in OVER:
            return
        self._metrics.ended.labels(state).inc()
        await self._change(job_id, result, state=state, words=words, ended_at=self._clock())

    async def _change(self, job_id: str, result: dict[str, Any] | None = None, **facts: Any) -> BackTest:
        async with self._writing:
            if result is not None:  # done only once its result can be read
                job = msgspec.structs.replace(self._jobs[job_id], **facts)
                await asyncio.to_thread(self._shelf.put, job, result)
                self._jobs[job_id] = job
            else:
                self._jobs[job_id] = msgspec.structs.replace(self._jobs[job_id], **facts)
                await asyncio.to_thread(self._shelf.put, self._jobs[job_id])
        self._tell(self._jobs[job_id])
        return self._jobs[job_id]

    async def _forget_old(self) -> None:
        over = [job.id for job in self._jobs.values() if job.state in OVER]
        for job_id in over[: max(0, len(over) - self._settings.back_test_kept)]:
            del self._jobs[job_id]
            await asyncio.to_thread(self._shelf.forget, job_id)


def wish_of(job: BackTest) -> dict[str, Any]:
    """What `hazardwatch limits test` is given."""
    return {
        "changes": [
            {"rule": each.rule, "field": each.field, "new": each.new} if each.field else {"rule": each.rule}
            for each in job.changes
        ],
        "start": job.start,
        "end": job.end,
        "reason": job.reason,
        "person": job.by,
    }
