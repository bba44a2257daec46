"""The program that does the work behind changes of limits, as a process of its own: `hazardwatch limits`.

The alert service knows it by its command line and by the lines that it prints, nothing else: replaying
history takes the gateway's engine and a whole core for minutes, neither of which belongs into this process.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
import structlog

from api.bilingual import both

log = structlog.get_logger(__name__)

LONGEST_LINE = 64 * 2**20
LAST_WORDS = 2000
OWN_SETTINGS = "HAZARDWATCH_API_"
"""Names of settings that only this service needs; among them are its secrets."""
Command = Literal["test", "write"]


class ProgramRefused(Exception):
    """It cannot be done as wished; the message is the program's and says what would be right."""


class ProgramFailed(Exception):
    """The program has ended without a word: a fault, which the log describes."""


class LimitProgram:
    """Starts `hazardwatch limits COMMAND`."""

    def __init__(self, site: Path, history: Path | None, niceness: int) -> None:
        """history: data folder of the gateway; None: as its settings in the environment say."""
        self._site = site
        self._history = history
        self._niceness = niceness
        self._writing = asyncio.Lock()

    async def run(
        self, command: Command, given: Any, longest_s: float, tell: Callable[[float], None] = lambda _: None
    ) -> dict[str, Any]:
        """Its result. given: becomes JSON. tell: the share that is done.

        Raises ProgramRefused, ProgramFailed, TimeoutError. When it is cancelled the process is gone.
        """
        with tempfile.TemporaryFile() as errors:
            process = await self._start(command, errors)
            try:
                async with asyncio.timeout(longest_s):
                    result = await _talk(process, msgspec.json.encode(given), tell)
                    status = await process.wait()
            finally:
                await _end(process)
            if result is None:
                log.error("limits program failed", command=command, status=status, said=_last_words(errors))
                raise ProgramFailed(
                    both(
                        f"`hazardwatch limits {command}` 以状态 {status} 结束：日志中有其最后的输出",
                        f"hazardwatch limits {command} ended with status {status}: the log has its "
                        "last words",
                    )
                )
        return result

    async def write(self, change: dict[str, Any], longest_s: float) -> dict[str, Any]:
        """Name and fingerprint (`file`, `digest`) of an approved change in the site's files; one at a time.

        Raises ProgramRefused, ProgramFailed.
        """
        async with self._writing:
            try:
                return await self.run("write", change, longest_s)
            except TimeoutError as error:
                raise ProgramFailed(
                    both(
                        f"写入用时超过 {longest_s:g} 秒：请先查看站点文件夹",
                        f"writing took longer than {longest_s:g} s: look into the site's folder first",
                    )
                ) from error

    async def _start(self, command: Command, errors: IO[bytes]) -> asyncio.subprocess.Process:
        options = ["--site", str(self._site)]
        if command == "test" and self._history is not None:
            options += ["--data", str(self._history)]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hazardwatch",
            "limits",
            command,
            "-",
            *options,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment(os.environ),
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        with contextlib.suppress(ProcessLookupError):  # it may be over already
            os.setpriority(os.PRIO_PROCESS, process.pid, self._niceness)
        return process


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What the program is given of our environment."""
    return {name: value for name, value in ours.items() if not name.upper().startswith(OWN_SETTINGS)}


async def _talk(
    process: asyncio.subprocess.Process, given: bytes, tell: Callable[[float], None]
) -> dict[str, Any] | None:
    """Its result; None if it ends without one. Its input stays open: it ends itself when that closes."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        try:
            words = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError:
            log.warning("limits program said what is no answer", line=line[:200].decode(errors="replace"))
            continue
        if "progress" in words:
            tell(float(words["progress"]))
        if "refused" in words:
            raise ProgramRefused(str(words["refused"]))
        if "result" in words:
            return dict(words["result"])
    return None


async def _end(process: asyncio.subprocess.Process) -> None:
    """Gone, with whatever it has started, and its pipes closed: they would outlive the event loop else."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await process.stdin.wait_closed()
    await process.stdout.read()
    await asyncio.sleep(0)  # the transport ends itself in the next turn of the loop


def _last_words(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read()[-LAST_WORDS:].decode(errors="replace")
