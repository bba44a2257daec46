"""Changes of receivers and targets: values that can be stored until a second person agrees, then applied.

A change carries addresses and secrets sealed only, so that a proposal that waits tells nobody's number.
Every applied change is audited, without the address.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from api.auth.principal import EVERYTHING, Scope
from api.bilingual import both
from api.notify.catalogue import adapter
from api.notify.errors import AddressWrong
from api.notify.outbox import BELL
from api.notify.vault import Vault, place
from api.store.outbox import move_to_lane
from api.store.receivers import (
    Receiver,
    ReceiverKind,
    SealedTarget,
    keep_receiver,
    keep_target,
    receiver_by_id,
    remove_receiver,
    remove_target,
    target_of,
)
from api.store.writer import Transaction

SHOWN = 4
"""Characters of an address that are shown."""


class ChangeRefused(Exception):
    """The change cannot be made as things are: says why."""


class UnknownReceiver(Exception):
    """No receiver or target has this id, or none that this person may see."""


class PutReceiver(msgspec.Struct, frozen=True, kw_only=True, tag="put_receiver"):
    """Add a receiver, or change what is known of him. `version` is the one that was seen; 0: new."""

    by: str
    id: str
    enterprise: str
    kind: ReceiverKind
    name: str
    name_en: str = ""
    login: str = ""
    enabled: bool = True
    note: str = ""
    version: int = 0


class RemoveReceiver(msgspec.Struct, frozen=True, kw_only=True, tag="remove_receiver"):
    """Remove a receiver with all his targets."""

    by: str
    id: str
    version: int


class PutTarget(msgspec.Struct, frozen=True, kw_only=True, tag="put_target"):
    """Add a target (number None) or change one. What is "" of the sealed fields stays as it is."""

    by: str
    receiver: str
    number: int | None
    sealed_for: int
    """Number that the sealed values are bound to: a new target gets it."""
    version: int = 0
    channel: str
    label: str = ""
    sealed_address: str = ""
    sealed_secret: str = ""
    forget_secret: bool = False
    hint: str = ""
    lane: str = ""
    options: Mapping[str, str] = msgspec.field(default_factory=dict)
    enabled: bool = True


class RemoveTarget(msgspec.Struct, frozen=True, kw_only=True, tag="remove_target"):
    """Remove a target."""

    by: str
    receiver: str
    number: int
    version: int


TargetChange = PutReceiver | RemoveReceiver | PutTarget | RemoveTarget


def encode_change(change: TargetChange) -> str:
    """As JSON, for a proposal that waits."""
    return msgspec.json.encode(change).decode()


def decode_change(text: str) -> TargetChange:
    """The change again. ValueError if it is none."""
    change: TargetChange = msgspec.json.decode(text, type=TargetChange)
    return change


def put_target(
    vault: Vault,
    *,
    by: str,
    receiver: str,
    number: int | None,
    new_number: int,
    version: int,
    channel: str,
    label: str,
    address: str,
    secret: str,
    forget_secret: bool,
    options: Mapping[str, str],
    enabled: bool,
) -> PutTarget:
    """The change with everything secret sealed. AddressWrong for an address that cannot be one.

    new_number is what a new target will be: sealed values are bound to it.
    """
    form = adapter(channel).form
    known = {field.name for field in form.options}
    if unknown := sorted(set(options) - known):
        raise AddressWrong(
            both(
                f"{channel} 没有选项 {unknown[0]}：可用的是 {'、'.join(sorted(known)) or '无'}",
                f"{channel} has no option {unknown[0]!r}: it has {', '.join(sorted(known)) or 'none'}",
            )
        )
    if secret and form.secret is None:
        raise AddressWrong(both(f"{channel} 的通知方式没有密钥", f"a target of {channel} has no secret"))
    address = address.strip()
    if address or number is None:
        form.check(address, secret, options)
    n = new_number if number is None else number
    return PutTarget(
        by=by,
        receiver=receiver,
        number=number,
        sealed_for=n,
        version=version,
        channel=channel,
        label=label,
        sealed_address=vault.seal(place(receiver, n, "address"), address),
        sealed_secret=vault.seal(place(receiver, n, "secret"), secret),
        forget_secret=forget_secret,
        hint=hint_of(address),
        lane=vault.mark(f"{channel}\n{address}") if address else "",
        options=dict(options),
        enabled=enabled,
    )


def hint_of(address: str) -> str:
    """What of an address may be shown: its end, if that does not give it away."""
    if not address:
        return ""
    return "…" + address[-SHOWN:] if len(address) >= 3 * SHOWN else "…"


def apply_change(
    tx: Transaction, change: TargetChange, scope: Scope = EVERYTHING
) -> Receiver | SealedTarget | None:
    """Make the change and audit it; gives what stands now, None after a removal.

    UnknownReceiver for what is not there or not in sight; ChangeRefused if somebody has changed it
    since it was seen. Nothing is written then.
    """
    match change:
        case PutReceiver():
            return _put_receiver(tx, change, scope)
        case RemoveReceiver():
            receiver = _seen(tx, change.id, scope)
            _same_version(receiver.version, change.version, change.id)
            remove_receiver(tx.connection, change.id)
            _audit(tx, change.by, "receiver.remove", receiver, receiver.name)
        case PutTarget():
            return _put_target(tx, change, scope)
        case RemoveTarget():
            receiver = _seen(tx, change.receiver, scope)
            target = _target_seen(tx, change.receiver, change.number)
            _same_version(target.version, change.version, f"{change.receiver}/{change.number}")
            remove_target(tx.connection, change.receiver, change.number)
            _audit(tx, change.by, "target.remove", receiver, _told(target))
    return None


def look_at(tx: Transaction, change: TargetChange, scope: Scope) -> None:
    """May this person ask for the change at all? Raises UnknownReceiver; a proposal needs that as well."""
    match change:
        case PutReceiver():
            if not _is_his(change.enterprise, scope):
                raise UnknownReceiver(
                    both(f"没有企业 {change.enterprise!r}", f"there is no enterprise {change.enterprise!r}")
                )
        case RemoveReceiver():
            _seen(tx, change.id, scope)
        case PutTarget() | RemoveTarget():
            _seen(tx, change.receiver, scope)


def _is_his(enterprise: str, scope: Scope) -> bool:
    """The bureau's own receivers are changed by the bureau only."""
    return scope.sees(enterprise) and (enterprise != "" or scope.enterprises is None)


def _put_receiver(tx: Transaction, change: PutReceiver, scope: Scope) -> Receiver:
    if not _is_his(change.enterprise, scope):
        raise UnknownReceiver(
            both(f"没有企业 {change.enterprise!r}", f"there is no enterprise {change.enterprise!r}")
        )
    before = receiver_by_id(tx.connection, change.id, EVERYTHING)
    if before is not None and (change.version == 0 or not scope.sees(before.enterprise)):
        raise ChangeRefused(
            both(f"编号 {change.id} 已被使用，请另选", f"the id {change.id} is taken: choose another one")
        )
    if before is None and change.version:
        raise UnknownReceiver(both(f"没有通知对象 {change.id}", f"there is no receiver {change.id}"))
    if before is not None:
        _same_version(before.version, change.version, change.id)
    fields = msgspec.structs.asdict(change)
    by = fields.pop("by")
    after = Receiver(**fields | {"version": change.version + 1, "changed_at": tx.now, "changed_by": by})
    keep_receiver(tx.connection, after)
    told = f"{after.kind} {after.name}" + ("" if after.enabled else ", switched off")
    _audit(tx, by, "receiver.change" if before else "receiver.add", after, told)
    return after


def _put_target(tx: Transaction, change: PutTarget, scope: Scope) -> SealedTarget:
    receiver = _seen(tx, change.receiver, scope)
    if change.number is None:
        number, before = change.sealed_for, None
        if target_of(tx.connection, change.receiver, number) is not None:
            raise ChangeRefused(
                both(
                    f"{change.receiver} 期间新增了通知方式，请重新填写",
                    f"{change.receiver} got another target meanwhile: enter this one again",
                )
            )
    else:
        number = change.number
        before = _target_seen(tx, change.receiver, number)
        _same_version(before.version, change.version, f"{change.receiver}/{number}")
    after = _changed(change, before, number, tx.now)
    keep_target(tx.connection, after)
    if before is not None and before.lane != after.lane:
        move_to_lane(tx.connection, change.receiver, number, after.lane)
    _audit(tx, change.by, "target.change" if before else "target.add", receiver, _told(after))
    tx.then(lambda: BELL.ring(1, {}))
    return after


def _changed(change: PutTarget, before: SealedTarget | None, number: int, now: int) -> SealedTarget:
    if before is None:
        before = SealedTarget(
            receiver=change.receiver, number=number, channel="", sealed_address="", lane="", version=0
        )
        if not change.sealed_address:
            raise ChangeRefused(both("新的通知方式须填写地址", "a new target needs an address"))
    elif before.channel != change.channel and not change.sealed_address:
        raise ChangeRefused(both("更换渠道须填写新的地址", "another channel needs another address"))
    moved = bool(change.sealed_address or change.sealed_secret or change.forget_secret)
    kept_secret = "" if change.forget_secret else before.sealed_secret
    return SealedTarget(
        receiver=change.receiver,
        number=number,
        channel=change.channel,
        label=change.label,
        sealed_address=change.sealed_address or before.sealed_address,
        sealed_secret=change.sealed_secret or kept_secret,
        hint=change.hint or before.hint,
        lane=change.lane or before.lane,
        options=change.options,
        enabled=change.enabled,
        verified_at=None if moved else before.verified_at,
        version=before.version + 1,
        changed_at=now,
        changed_by=change.by,
    )


def _seen(tx: Transaction, receiver_id: str, scope: Scope) -> Receiver:
    receiver = receiver_by_id(tx.connection, receiver_id, scope)
    if receiver is None or not _is_his(receiver.enterprise, scope):
        raise UnknownReceiver(both(f"没有通知对象 {receiver_id}", f"there is no receiver {receiver_id}"))
    return receiver


def _target_seen(tx: Transaction, receiver_id: str, number: int) -> SealedTarget:
    target = target_of(tx.connection, receiver_id, number)
    if target is None:
        raise UnknownReceiver(
            both(
                f"通知对象 {receiver_id} 没有第 {number} 个通知方式",
                f"receiver {receiver_id} has no target {number}",
            )
        )
    return target


def _same_version(stands: int, seen: int, what: str) -> None:
    if stands != seen:
        raise ChangeRefused(
            both(
                f"{what} 已被他人更改（现为第 {stands} 版，不是第 {seen} 版），请重新查看",
                f"{what} was changed by somebody else (version {stands}, not {seen}): look again",
            )
        )


def _told(target: SealedTarget) -> str:
    state = "" if target.enabled else ", switched off"
    return f"{target.number}: {target.channel} {target.hint}{state}"


def _audit(tx: Transaction, by: str, action: str, receiver: Receiver, text: str) -> None:
    tx.audit(by, action, f"receiver:{receiver.id}", text, receiver.enterprise)


def subject_of(change: TargetChange) -> str:
    """Which receiver or target a change is about: `li.wei`, `li.wei/2`, `li.wei/new`."""
    match change:
        case PutReceiver() | RemoveReceiver():
            return change.id
        case PutTarget():
            return f"{change.receiver}/{change.number or 'new'}"
        case RemoveTarget():
            return f"{change.receiver}/{change.number}"


def change_facts(change: TargetChange) -> dict[str, Any]:
    """What a second person is shown of a proposed change; no secrets."""
    hidden = {"sealed_address", "sealed_secret", "sealed_for", "lane"}
    facts = {name: value for name, value in msgspec.to_builtins(change).items() if name not in hidden}
    return facts | ({"new_address": bool(change.sealed_address)} if isinstance(change, PutTarget) else {})
