"""Receivers and targets for the routes: reads in scope, and makes changes of what persons ask for."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

import msgspec

from alarm_rules.model import Priority
from api.approvals.kinds import TARGET
from api.approvals.service import Approvals
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.notify.catalogue import adapters
from api.notify.changes import (
    PutReceiver,
    RemoveReceiver,
    RemoveTarget,
    TargetChange,
    UnknownReceiver,
    apply_change,
    look_at,
    put_target,
    subject_of,
)
from api.notify.facts import provider
from api.notify.message import Message
from api.notify.outbox import enqueue
from api.notify.port import Adapter, Field, NotConfigured, Notifier
from api.notify.schemas import ChannelView, FieldView
from api.notify.settling import TELLS_VERIFIED
from api.notify.vault import Vault
from api.store.receivers import (
    Receiver,
    ReceiverKind,
    SealedTarget,
    next_target_number,
    page_of_receivers,
    receiver_by_id,
    target_of,
    targets_of,
)
from api.store.writer import Reader, Transaction, Writer

TEST_TITLE = both("【测试】通知通道测试", "[test] Test message")
TEST_BODY = both(
    "这是一条测试消息，收到即表示该通道可用，无需处理。",
    "This is a test message. That it arrived shows that this way works; nothing has to be done.",
)


T = TypeVar("T")


class Waits(NamedTuple):
    """The change is not made yet: a second person has to agree to this proposal."""

    proposal: str


Gate = Callable[[Transaction, str, dict[str, Any], Principal, str], str | None]
"""(transaction, subject, change as JSON values, who asks, reason): applies the change by
`api.notify.changes.apply_change` and returns None, or keeps it and returns the id of the proposal."""


def asking(approvals: Approvals) -> Gate:
    """A gate that lets the two-person policy decide."""

    def gate(tx: Transaction, subject: str, change: dict[str, Any], by: Principal, reason: str) -> str | None:
        proposal = approvals.propose(tx, TARGET, subject, change, by, reason)
        return None if proposal.state == "applied" else proposal.id

    return gate


class Directory:
    """Who can be told, and how."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        vault: Vault,
        notifiers: Mapping[str, Notifier | NotConfigured],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._vault = vault
        self._notifiers = notifiers
        self.gate: Gate | None = None
        """Set by whoever asks a second person; without it every change is made at once."""

    def channels(self) -> list[ChannelView]:
        """All channels by name."""
        sandbox = self._notifiers["sandbox"]
        return [
            _channel(adapter, self._notifiers[channel], kept=self._notifiers[channel] is sandbox)
            for channel, adapter in adapters().items()
        ]

    async def page(
        self,
        scope: Scope,
        after: str | None,
        limit: int,
        enterprise: str | None,
        kind: ReceiverKind | None,
    ) -> list[tuple[Receiver, list[SealedTarget]]]:
        """Receivers by id, each with the targets of the whole page."""

        def job(connection: Any) -> list[tuple[Receiver, list[SealedTarget]]]:
            found = page_of_receivers(connection, scope, after, limit, enterprise, kind)
            targets = targets_of(connection, [receiver.id for receiver in found])
            return [(receiver, targets) for receiver in found]

        return await self._reader.run(job)

    async def receiver(self, scope: Scope, receiver_id: str) -> tuple[Receiver, list[SealedTarget]]:
        """One receiver. Raises UnknownReceiver."""
        receiver = await self._reader.run(lambda c: receiver_by_id(c, receiver_id, scope))
        if receiver is None:
            raise UnknownReceiver(both(f"没有通知对象 {receiver_id}", f"there is no receiver {receiver_id}"))
        return receiver, await self._reader.run(lambda c: targets_of(c, [receiver_id]))

    async def put_receiver(
        self, by: Principal, receiver_id: str, version: int, fields: Mapping[str, Any], reason: str
    ) -> Receiver | Waits:
        """Add (version 0) or change. Raises UnknownReceiver or ChangeRefused."""
        change = PutReceiver(by=_actor(by), id=receiver_id, version=version, **fields)

        def job(tx: Transaction) -> Receiver | Waits:
            waits = self._change(tx, change, by, reason)
            return waits or _there(receiver_by_id(tx.connection, receiver_id, by.scope))

        return await self._writer.run(job)

    async def remove_receiver(
        self, by: Principal, receiver_id: str, version: int, reason: str
    ) -> Waits | None:
        """Raises UnknownReceiver or ChangeRefused."""
        change = RemoveReceiver(by=_actor(by), id=receiver_id, version=version)
        return await self._writer.run(lambda tx: self._change(tx, change, by, reason))

    async def put_target(
        self,
        by: Principal,
        receiver_id: str,
        number: int | None,
        version: int,
        fields: Mapping[str, Any],
        reason: str,
    ) -> SealedTarget | Waits:
        """Add (number None) or change. Raises AddressWrong, UnknownReceiver or ChangeRefused."""

        def job(tx: Transaction) -> SealedTarget | Waits:
            new_number = next_target_number(tx.connection, receiver_id)
            change = put_target(
                self._vault,
                by=_actor(by),
                receiver=receiver_id,
                number=number,
                new_number=new_number,
                version=version,
                **fields,
            )
            waits = self._change(tx, change, by, reason)
            return waits or _there(target_of(tx.connection, receiver_id, change.sealed_for))

        return await self._writer.run(job)

    async def remove_target(
        self, by: Principal, receiver_id: str, number: int, version: int, reason: str
    ) -> Waits | None:
        """Raises UnknownReceiver or ChangeRefused."""
        change = RemoveTarget(by=_actor(by), receiver=receiver_id, number=number, version=version)
        return await self._writer.run(lambda tx: self._change(tx, change, by, reason))

    async def test(self, by: Principal, receiver_id: str, number: int) -> str:
        """Send a test message; its key. Raises UnknownReceiver."""
        key = f"test/{receiver_id}/{number}/{uuid4().hex}"

        def job(tx: Transaction) -> None:
            receiver = receiver_by_id(tx.connection, receiver_id, by.scope)
            target = target_of(tx.connection, receiver_id, number)
            if receiver is None or target is None:
                raise UnknownReceiver(
                    both(
                        f"通知对象 {receiver_id} 没有第 {number} 个通知方式",
                        f"there is no target {number} of a receiver {receiver_id}",
                    )
                )
            enqueue(tx, [_test_message(key, receiver, target)])
            tx.audit(_actor(by), "target.test", f"receiver:{receiver_id}", str(number), receiver.enterprise)

        await self._writer.run(job)
        return key

    def _change(self, tx: Transaction, change: TargetChange, by: Principal, reason: str) -> Waits | None:
        if self.gate is None:
            apply_change(tx, change, by.scope)
            return None
        look_at(tx, change, by.scope)
        proposal = self.gate(tx, subject_of(change), msgspec.to_builtins(change), by, reason)
        return Waits(proposal) if proposal else None


def _there(found: T | None) -> T:
    assert found is not None  # it was written in this transaction
    return found


def _test_message(key: str, receiver: Receiver, target: SealedTarget) -> Message:
    return Message(
        key=key,
        kind="probe",
        receiver=receiver.id,
        channel=target.channel,
        priority=Priority.LOW,
        enterprise=receiver.enterprise,
        title=TEST_TITLE,
        body=TEST_BODY,
        detail={"target": target.number, TELLS_VERIFIED: target.version},
    )


def _channel(adapter: Adapter, notifier: Notifier | NotConfigured, *, kept: bool) -> ChannelView:
    facts, form = provider(adapter.channel), adapter.form
    missing = isinstance(notifier, NotConfigured)
    return ChannelView(
        channel=adapter.channel,
        name=adapter.name,
        name_en=adapter.name_en,
        ready=not missing,
        reason=str(notifier) if missing else "",
        sandbox=kept,
        address=_field(form.address),
        secret=_field(form.secret) if form.secret else None,
        options=[_field(field) for field in form.options],
        messages=facts.rate.messages,
        per_s=facts.rate.per_s,
        source=facts.source,
    )


def _field(field: Field) -> FieldView:
    return FieldView(**{name: getattr(field, name) for name in FieldView.model_fields})


def _actor(by: Principal) -> str:
    return f"operator:{by.name}"
