"""One call of a provider: the target is opened, the text is composed, and what came of it is written down."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

import structlog

from api.bilingual import both
from api.notify.digest import Form
from api.notify.errors import NotifyFailed, Retriable, TargetRefused, Unclear
from api.notify.facts import WORDS, provider
from api.notify.port import Clock, NotConfigured, Notifier, Receipt, Target
from api.notify.shipping import compose
from api.notify.vault import SealBroken, Vault, place
from api.store.outbox import Row
from api.store.receivers import SealedTarget

log = structlog.get_logger(__name__)

GRACE_S = 2.0
"""An adapter keeps its own time-out; one that does not is cut off so much later."""
SHORTEST_SECRET = 6


class Load(NamedTuple):
    """Rows of the outbox that go in one call."""

    form: Form
    rows: tuple[Row, ...]
    target: SealedTarget | None
    lease: str


class Result(NamedTuple):
    """What came of a load: a receipt or an error."""

    load: Load
    started_at: int
    ended_at: int
    receipt: Receipt | None
    error: NotifyFailed | None


class Sender:
    """Sends loads through the notifier of their channel."""

    def __init__(
        self,
        notifiers: Mapping[str, Notifier | NotConfigured],
        vault: Vault,
        clock: Clock,
        timeout_s: float,
    ) -> None:
        self._notifiers = notifiers
        self._vault = vault
        self._clock = clock
        self._timeout_s = timeout_s

    async def send(self, load: Load) -> Result:
        """Never raises but for cancellation: a failure is a result."""
        started = self._clock()
        receipt, error = None, None
        try:
            receipt = await self._send(load)
        except NotifyFailed as failed:
            error = failed
        return Result(load, started, self._clock(), receipt, error)

    async def _send(self, load: Load) -> Receipt:
        channel = load.rows[0].message.channel
        target = self._open(load.target)
        message = compose(
            load.form,
            [row.message for row in load.rows],
            provider(channel),
            min(row.created_at for row in load.rows),
        )
        try:
            async with asyncio.timeout(self._timeout_s + GRACE_S):
                receipt = await self._notifier(channel).send(message, target)
        except NotifyFailed as failed:
            failed.words = without_secrets(failed.words, target)
            raise
        except TimeoutError as error:
            raise Unclear(
                both(f"{self._timeout_s:g} 秒内没有应答", f"no answer within {self._timeout_s:g} s")
            ) from error
        except Exception as error:
            # A mistake in an adapter costs its own message an attempt, and nobody else's.
            log.exception("notifier failed in a way it should not", channel=channel, key=message.key)
            raise Retriable(
                both(f"内部错误：{type(error).__name__}", f"internal error: {type(error).__name__}")
            ) from error
        return Receipt(
            reference=receipt.reference[:WORDS], words=without_secrets(receipt.words[:WORDS], target)
        )

    def _notifier(self, channel: str) -> Notifier:
        notifier = self._notifiers[channel]
        if isinstance(notifier, NotConfigured):
            raise TargetRefused(str(notifier))
        return notifier

    def _open(self, sealed: SealedTarget | None) -> Target:
        if sealed is None:
            raise TargetRefused(both("通知目标已删除", "the target was removed"))
        if not sealed.enabled:
            raise TargetRefused(both("通知目标已停用", "the target is switched off"))
        try:
            return open_target(self._vault, sealed)
        except SealBroken as error:
            raise TargetRefused(str(error)) from error


def open_target(vault: Vault, sealed: SealedTarget) -> Target:
    """The target with its address and secret. Raises SealBroken."""

    def opened(field: str, value: str) -> str:
        return vault.open(place(sealed.receiver, sealed.number, field), value)

    return Target(
        receiver=sealed.receiver,
        number=sealed.number,
        channel=sealed.channel,
        address=opened("address", sealed.sealed_address),
        secret=opened("secret", sealed.sealed_secret),
        options=sealed.options,
    )


def without_secrets(words: str, target: Target) -> str:
    """A provider's words without the address and the secret, should they repeat them."""
    for secret in (target.secret, target.address, *target.address.replace("=", "/").split("/")):
        if len(secret) >= SHORTEST_SECRET:
            words = words.replace(secret, "…")
    return words
