"""The parts of logins, keys and limits, put together; and what they do by themselves from time to time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from alarm_rules.model import Enterprise
from api.auth.access import Access, Use
from api.auth.administration import Administration
from api.auth.directory import Directory
from api.auth.hashing import Hashing
from api.auth.keys import Operators
from api.auth.logins import Logins
from api.auth.machine_keys import MachineKeys
from api.auth.metrics import AuthMetrics
from api.auth.own_account import OwnAccount
from api.auth.passwords import Passwords
from api.auth.people import People
from api.auth.settings import AuthSettings
from api.auth.signing_keys import open_ring
from api.auth.throttle import Patience, Throttle
from api.store.access import access_version_of, all_access
from api.store.errors import StoreConflict, StoreUnavailable
from api.store.sessions import change_keys, forget_sessions
from api.store.writer import Clock, Reader, Transaction, Writer
from api.tickers import working

log = structlog.get_logger(__name__)

WATCH_S = 1.0
"""How soon a change by the command line, or by another process, counts here."""
HOUSEKEEPING_S = 60.0
DAY_NS = 86_400 * 1_000_000_000
SESSIONS_KEPT_DAYS = 90
"""Ended logins tell from where a person usually comes."""
SIGNING_KEY_FILE = "signing-keys.json"


@dataclass(frozen=True)
class Auth:
    """Everything about who may speak."""

    access: Access
    logins: Logins
    own_account: OwnAccount
    administration: Administration
    machine_keys: MachineKeys
    metrics: AuthMetrics
    settings: AuthSettings


def assemble(
    settings: AuthSettings,
    data_folder: Path,
    operators: Operators,
    register: Sequence[Enterprise],
    writer: Writer,
    registry: CollectorRegistry,
    clock: Clock,
) -> Auth:
    """Make the parts. SigningKeysRefused if the signing keys are not to be trusted.

    Nobody is known until `running` has begun.
    """
    ring = open_ring(settings.signing_keys_file or data_folder / SIGNING_KEY_FILE, clock())
    directory = Directory(
        register,
        idle_s=settings.session_idle_minutes * 60,
        second_factor_roles=settings.second_factor_roles,
    )
    access = Access(directory, ring, operators, clock)
    metrics = AuthMetrics(registry)
    hashing = Hashing(Passwords(), settings.hashing_at_once)
    longest_s = settings.login_longest_delay_s
    throttle = Throttle(
        Patience(free=settings.login_free_attempts, longest_s=longest_s),
        Patience(free=settings.login_free_attempts_address, longest_s=longest_s),
    )
    logins = Logins(access, writer, hashing, throttle, settings, metrics, clock)
    return Auth(
        access=access,
        logins=logins,
        own_account=OwnAccount(access, writer, hashing, logins),
        administration=Administration(People(register), directory, writer, hashing, metrics),
        machine_keys=MachineKeys(directory, register, metrics),
        metrics=metrics,
        settings=settings,
    )


@asynccontextmanager
async def running(auth: Auth, writer: Writer, reader: Reader, clock: Clock) -> AsyncIterator[None]:
    """Load everybody, and keep up with the store as long as the block lasts."""
    await refresh_directory(auth, reader)
    try:
        async with (
            working(_watch(auth, reader), "auth-watch", vital=True),
            working(_keep_house(auth, writer, clock), "auth-housekeeping", vital=True),
        ):
            yield
    finally:
        with suppress(StoreUnavailable, StoreConflict):
            await store_uses(auth, writer)


async def refresh_directory(auth: Auth, reader: Reader) -> None:
    """Load everything anew if another process has written. Raises StoreUnavailable."""
    directory = auth.access.directory
    if await reader.run(access_version_of) != directory.version or directory.version < 0:
        directory.load(await reader.run(all_access))


async def store_uses(auth: Auth, writer: Writer) -> None:
    """Store when keys were used last. Raises StoreUnavailable; then they are kept for the next time."""
    uses = dict(auth.access.uses)
    if not uses:
        return
    await writer.run(partial(_write_uses, uses=uses))
    for key_id, use in uses.items():
        if auth.access.uses.get(key_id) == use:
            del auth.access.uses[key_id]


def _write_uses(tx: Transaction, uses: dict[str, Use]) -> None:
    for key_id, use in uses.items():
        change_keys(tx.connection, [key_id], used=use.time, used_from=use.address)


async def _watch(auth: Auth, reader: Reader) -> None:
    while True:
        await asyncio.sleep(WATCH_S)
        try:
            await refresh_directory(auth, reader)
        except StoreUnavailable as error:
            log.warning(
                "logins and keys cannot be read anew; those of before stay in force", error=str(error)
            )


async def _keep_house(auth: Auth, writer: Writer, clock: Clock) -> None:
    settings = auth.settings
    keep_days = settings.session_hours / 24 + 1
    while True:
        try:
            if auth.access.ring.rotate_if_due(settings.signing_key_days, keep_days, clock()):
                log.info("signing keys changed", current=auth.access.ring.current)
            await store_uses(auth, writer)
            await writer.run(lambda tx: forget_sessions(tx.connection, tx.now - SESSIONS_KEPT_DAYS * DAY_NS))
        except (StoreUnavailable, StoreConflict, OSError) as error:
            auth.metrics.housekeeping_failures.inc()
            log.warning("keys not changed, or their last use not stored; tried again", error=str(error))
        await asyncio.sleep(HOUSEKEEPING_S)
