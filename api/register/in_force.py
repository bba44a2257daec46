"""Who runs which register: the files, this service and the gateway, enterprise by enterprise.

Nothing is remembered: each state is read from what is, so "waiting for the gateway" ends by itself when the
gateway has started with the files.
"""

import asyncio
from pathlib import Path
from typing import Literal, NamedTuple

import httpx
import msgspec

from alarm_rules.fingerprint import fingerprints
from alarm_rules.load import check_site
from alarm_rules.model import Site

State = Literal["in_force", "waiting_gateway", "waiting_service", "waiting_both", "unknown", "unreadable"]
Signature = tuple[tuple[str, int, int], ...]


class InForce(NamedTuple):
    """One enterprise."""

    enterprise: str
    state: State
    files: str
    """Fingerprints; empty where not known."""
    service: str
    gateway: str


class RegisterState(NamedTuple):
    """All of them."""

    enterprises: list[InForce]
    findings: int
    """Mistakes in the files as they are now: a process that starts now would not begin."""
    gateway_trouble: str
    """Why the gateway could not be asked; empty when it answered."""


class _Files(NamedTuple):
    signature: Signature
    prints: dict[str, str]
    findings: int


class _Status(msgspec.Struct):
    fingerprints: dict[str, str] = {}


class RegisterWatch:
    """Asked by screens now and then; files are read again only when one of them has changed."""

    def __init__(self, folder: Path, site: Site, gateway: httpx.AsyncClient) -> None:
        """site: what this service runs. gateway: its HTTP side; the client belongs to whoever made it."""
        self._folder, self._site, self._gateway = folder, site, gateway
        self._own: dict[str, str] = {}
        self._files = _Files((), {}, 0)
        self._one = asyncio.Lock()

    async def state(self) -> RegisterState:
        """What runs where."""
        async with self._one:
            files = await asyncio.to_thread(self._read_files)
            if not self._own:
                self._own = await asyncio.to_thread(fingerprints, self._site)
        running, trouble = await self._ask_gateway()
        names = dict.fromkeys((*self._own, *files.prints))
        states = [
            _state_of(
                name, files, self._own.get(name, ""), None if running is None else running.get(name, "")
            )
            for name in names
        ]
        return RegisterState(states, files.findings, trouble)

    async def _ask_gateway(self) -> tuple[dict[str, str] | None, str]:
        try:
            answer = await self._gateway.get("/status")
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=_Status).fingerprints, ""
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            return None, str(error) or type(error).__name__

    def _read_files(self) -> _Files:
        signature = _signature(self._folder)
        if signature != self._files.signature:
            site, findings = check_site(self._folder)
            self._files = _Files(signature, fingerprints(site) if site else {}, len(findings))
        return self._files


def _state_of(name: str, files: _Files, own: str, running: str | None) -> InForce:
    written = files.prints.get(name, "")
    state: State
    if files.findings:
        state = "unreadable"
    elif running is None:
        state = "unknown" if own == written else "waiting_service"
    elif own == written:
        state = "in_force" if running == written else "waiting_gateway"
    else:
        state = "waiting_service" if running == written else "waiting_both"
    return InForce(name, state, written, own, running or "")


def _signature(folder: Path) -> Signature:
    paths = sorted(folder.iterdir()) if folder.is_dir() else [folder] if folder.exists() else []
    return tuple(
        (path.name, path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
        if path.is_file() and not path.name.startswith(".")
    )
