"""Starting, watching and ending the processes of a demonstration."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GRACE_S = 4.0
"""How long a process may take to end after SIGTERM; then it is killed."""
POLL_S = 0.05


class ProcessEnded(Exception):
    """A process ended that should run on."""


def free_port(preferred: int) -> int:
    """The preferred port of this machine, or any free one when that is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("no port is free on 127.0.0.1")


@dataclass
class Processes:
    """Children that end together. Use as `async with`."""

    log_folder: Path
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    _begins: dict[str, int] = field(default_factory=dict)
    """Where in its log file each process began to write."""

    async def __aenter__(self) -> "Processes":
        self.log_folder.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def start(
        self, name: str, *arguments: str, settings: Mapping[str, str], output: int | None = None
    ) -> asyncio.subprocess.Process:
        """Start `hazardwatch ARGUMENTS`; its log goes to `{name}.log`."""
        with self._log(name).open("ab") as log:
            self._begins[name] = log.tell()
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "hazardwatch",
                *arguments,
                env={**os.environ, **settings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output if output is not None else log,
                stderr=log,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def _log(self, name: str) -> Path:
        return self.log_folder / f"{name}.log"

    async def until_ready(
        self,
        name: str,
        ready: Callable[[], Awaitable[bool]],
        deadline_s: float,
        *,
        show: Callable[[bytes], None] | None = None,
    ) -> None:
        """Wait until `ready`; ProcessEnded with the end of its log if the process gave up before.

        show: is given what the process writes meanwhile, because a first start takes long.
        """
        process = self.running[name]
        shown = self._begins[name]
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline_s
        while loop.time() < end:
            if show is not None and (words := self._words(name, shown)):
                show(words)
                shown += len(words)
            if process.returncode is not None:
                raise self._ended(name)
            if await ready():
                return
            await asyncio.sleep(POLL_S)
        raise ProcessEnded(f"{name} is not ready after {deadline_s:g} s: {self.last_words(name)}")

    def has_said(self, name: str, words: bytes) -> bool:
        """Are these words in its log since its start?"""
        return words in self._words(name, self._begins[name])

    def _words(self, name: str, begin: int) -> bytes:
        try:
            with self._log(name).open("rb") as log:
                log.seek(begin)
                return log.read()
        except OSError:
            return b""

    def last_words(self, name: str) -> str:
        """The end of what a process has written since its start."""
        lines = self._words(name, self._begins[name]).decode(errors="replace").splitlines()
        return "\n".join(lines[-15:]) or f"it left no word in {self._log(name)}"

    def _ended(self, name: str) -> ProcessEnded:
        status = self.running[name].returncode
        how = f"was ended by signal {-status}" if status and status < 0 else f"ended with status {status}"
        return ProcessEnded(f"{name} {how}; its last words:\n{self.last_words(name)}")

    async def first_to_end(self, *names: str) -> ProcessEnded:
        """Wait until any of these processes ends (none named: any of all); what to say of it."""
        waits = {asyncio.create_task(self.running[name].wait(), name=name) for name in names or self.running}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return self._ended(next(iter(done)).get_name())
        finally:
            for wait in waits:
                wait.cancel()

    async def end(self) -> None:
        """End all, the newest first, politely and then for good."""
        alive = [p for p in reversed(self.running.values()) if p.returncode is None]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        _, late = (
            await asyncio.wait({asyncio.create_task(p.wait()) for p in alive}, timeout=GRACE_S)
            if alive
            else ((), ())
        )
        if late:
            for process in alive:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await asyncio.gather(*(p.wait() for p in alive))
        self.running.clear()
