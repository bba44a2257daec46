"""Keys of gateways and wall displays, and of persons' own programs: made, listed, withdrawn."""

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from alarm_rules.model import Enterprise
from api.auth.access import key_digest, new_key
from api.auth.caller import LOOPBACK_NETWORKS, network_from
from api.auth.directory import Directory
from api.auth.errors import AccessConflict, AccessRefused, NotAllowed, UnknownThing
from api.auth.grant import Grant, grant_faults, grant_text, is_within, scope_of
from api.auth.metrics import AuthMetrics
from api.auth.people import MAX_NAME, actor_name
from api.auth.principal import Principal
from api.auth.records import ApiKey, KeyKind
from api.bilingual import both, joined
from api.store.access import count_access_change
from api.store.sessions import add_key, all_keys, change_keys
from api.store.writer import Transaction

DAY_NS = 86_400 * 1_000_000_000
PERSONAL_DAYS = 365
"""A person's own key lives so long at most: it is renewed, or forgotten with the program it was for."""


class KeyRequestRefused(AccessRefused):
    """A key that nobody can have."""

    STATUS, KIND = 422, "key-refused"


class KeyWish(NamedTuple):
    """What kind of key is asked for."""

    kind: KeyKind
    name: str
    grant: Grant = Grant()
    networks: tuple[str, ...] = LOOPBACK_NETWORKS
    days: float | None = None


class MachineKeys:
    """Jobs for `Writer.run`."""

    def __init__(self, directory: Directory, enterprises: Sequence[Enterprise], metrics: AuthMetrics) -> None:
        self._directory = directory
        self._register = enterprises
        self._metrics = metrics

    def add(self, tx: Transaction, by: Principal, wish: KeyWish) -> tuple[ApiKey, str]:
        """A new key and its text, which is shown only now.

        A gateway may have several, so that one can be replaced without a pause.
        Raises KeyRequestRefused or NotAllowed.
        """
        self._check(by, wish)
        text = new_key(wish.kind)
        personal = wish.kind == "personal"
        days = min(wish.days or PERSONAL_DAYS, PERSONAL_DAYS) if personal else wish.days
        key = ApiKey(
            id=secrets.token_hex(6),
            kind=wish.kind,
            name=wish.name.strip(),
            owner=by.user if personal else "",
            grant=Grant() if personal else wish.grant,
            networks=wish.networks if wish.kind == "display" else (),
            digest=key_digest(text),
            created=tx.now,
            created_by=by.name,
            ends=tx.now + int(days * DAY_NS) if days else 0,
        )
        add_key(tx.connection, key)
        tx.audit(actor_name(by), "key.add", key.id, f"{key.kind} {key.name!r} for {grant_text(key.grant)}")
        self._tell(tx, key)
        return key, text

    def revoke(self, tx: Transaction, by: Principal, key_id: str) -> None:
        """Withdraw a key; counts from the commit on.

        Raises UnknownThing, NotAllowed or AccessConflict.
        """
        key = next((k for k in self.in_sight(all_keys(tx.connection), by) if k.id == key_id), None)
        if key is None:
            raise UnknownThing(both(f"没有密钥 {key_id!r}", f"there is no key {key_id!r}"))
        if not (self._is_own(key, by) or by.may("key.manage")):
            raise NotAllowed(
                both(
                    "密钥只能由其所有者或系统管理员收回",
                    "only its owner or a system administrator withdraws a key",
                )
            )
        if key.revoked:
            raise AccessConflict(
                both(
                    f"密钥 {key_id} 已由 {key.revoked_by} 收回",
                    f"key {key_id} was withdrawn already, by {key.revoked_by}",
                )
            )
        fields = {"revoked": tx.now, "revoked_by": by.name}
        change_keys(tx.connection, [key.id], **fields)
        tx.audit(actor_name(by), "key.revoke", key.id, f"{key.kind} {key.name!r}")
        self._tell(tx, msgspec.structs.replace(key, **fields))
        tx.then(self._metrics.keys_revoked.labels(key.kind).inc)

    def in_sight(self, keys: Iterable[ApiKey], by: Principal) -> list[ApiKey]:
        """One's own, and for those who may read keys the machines' keys within their scope; by id."""
        may_read = by.may("key.read")
        found = [key for key in keys if self._is_own(key, by) or (may_read and self._covers(key, by))]
        return sorted(found, key=lambda key: key.id)

    def _is_own(self, key: ApiKey, by: Principal) -> bool:
        return key.kind == "personal" and bool(by.user) and key.owner == by.user

    def _covers(self, key: ApiKey, by: Principal) -> bool:
        grant = key.grant
        if key.kind == "personal":
            owner = self._directory.users.get(key.owner)
            grant = owner.grant if owner else Grant()
        return is_within(scope_of(grant, self._register), by.scope)

    def _check(self, by: Principal, wish: KeyWish) -> None:
        name = wish.name.strip()
        if not name or not name.isprintable() or len(name) > MAX_NAME:
            raise KeyRequestRefused(
                both(
                    f"{name!r} 不能作为名称：请用 1 至 {MAX_NAME} 个可显示字符",
                    f"{name!r} is no name: give 1 to {MAX_NAME} printable characters",
                )
            )
        if wish.kind == "personal":
            if not by.session:
                raise NotAllowed(
                    both(
                        "个人密钥须由本人登录后生成，不能用密钥生成",
                        "a key of one's own is made by a person who is logged in, not by a key",
                    )
                )
            return
        if not by.may("key.manage"):
            raise NotAllowed(
                both(
                    "网关和大屏的密钥由系统管理员生成",
                    "keys of gateways and displays are made by a system administrator",
                )
            )
        if faults := grant_faults(wish.grant, self._register):
            raise KeyRequestRefused(joined(faults))
        if not is_within(scope_of(wish.grant, self._register), by.scope):
            raise NotAllowed(
                both("该密钥的可见范围大于您本人的范围", "this key would see more than you see yourself")
            )
        for network in wish.networks:
            _check_network(network)

    def _tell(self, tx: Transaction, key: ApiKey) -> None:
        version = count_access_change(tx.connection)
        tx.then(lambda: self._directory.committed(version, key))


def _check_network(text: str) -> None:
    try:
        network_from(text)
    except ValueError as error:
        raise KeyRequestRefused(
            both(
                f"{text!r} 不是网络地址：请写 192.168.1.20 或 192.168.1.0/24",
                f"{text!r} is no network: write 192.168.1.20 or 192.168.1.0/24",
            )
        ) from error
