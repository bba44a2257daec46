"""The kinds of change that can be proposed: what a second person is shown, and how each is made."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from alarm_rules.model import Enterprise, Ladder
from api.approvals.model import ApprovalKind, Described, Json, Proposal, ProposalRefused
from api.approvals.service import Approvals
from api.approvals.tops import TopContacts
from api.auth.directory import Directory
from api.auth.errors import UnknownThing
from api.auth.grant import Grant
from api.auth.people import People, RightsRefused
from api.auth.powers import role_faults
from api.auth.principal import EVERYTHING, Principal, Role
from api.auth.records import User, user_id
from api.bilingual import both, joined
from api.notify import changes
from api.store.receivers import Receiver, SealedTarget, receiver_by_id, target_of
from api.store.users import user_by_id
from api.store.writer import Transaction

TOP_CONTACT, GIVES_POWER = "top_contact", "gives_power"
"""Traits that the policy may ask for."""
POWERS: frozenset[str] = frozenset({"system_administrator", "bureau_administrator", "auditor"})
"""Roles that manage persons, limits or the bureau, or watch over those who do."""
MANY_ENTERPRISES = "*"
"""Stands for more than one enterprise: only who sees all of them sees the proposal."""
ROLE, TARGET = "role", "notification_target"


class RightsChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other roles, another scope, or both; None: as before."""

    roles: frozenset[Role] | None = None
    scope: Grant | None = None


def role_kind(register: Sequence[Enterprise], directory: Directory) -> ApprovalKind:
    """What a person may do and see. Subject: his name; change: `{"roles": [...], "scope": {...}}`."""
    people = People(register)

    def describe(connection: Connection, subject: str, change: Json) -> Described:
        wish = _rights_change(change)
        user = user_by_id(connection, user_id(subject))
        if user is None:
            raise UnknownThing(both(f"没有用户 {subject!r}", f"there is no user {subject!r}"))
        if faults := role_faults(wish.roles or user.roles):
            raise RightsRefused(joined(faults))
        old, new = (
            _rights(user.roles, user.grant),
            _rights(wish.roles or user.roles, wish.scope or user.grant),
        )
        return Described(
            title=both(f"更改 {user.name} 的权限", f"change the rights of {user.name}"),
            old=old,
            new=new,
            version=_fingerprint(user),
            enterprise=_tenant(user.grant),
            traits=_traits(user, wish),
        )

    def apply(tx: Transaction, proposal: Proposal, by: Principal) -> None:
        wish = _rights_change(proposal.change)
        changed = people.change_rights(tx, by, proposal.subject, wish.roles, wish.scope)
        tx.then(lambda: directory.committed(changed.version, changed.user, *changed.ended))

    return ApprovalKind(name=ROLE, permission="user.manage", describe=describe, apply=apply)


def check_new_person(approvals: Approvals, by: Principal, roles: frozenset[str], grant: Grant) -> None:
    """A new person begins without power where giving it takes two. Raises ProposalRefused.

    What `by` may not give at all is refused elsewhere, with that reason.
    """
    if role_faults(roles) or (grant.everything and by.scope != EVERYTHING):
        return
    gives = frozenset({GIVES_POWER} if roles & POWERS or grant.everything else ())
    if gives and approvals.needs_two(ROLE, gives):
        raise ProposalRefused(
            both(
                "授予这些权限须经第二人同意：请先以普通角色和范围添加人员，再更改其权限；更改须等另一名管理员同意",
                "giving these rights takes a second person: add the person with an ordinary role and scope, "
                "then change his rights; the change waits until another administrator agrees",
            )
        )


def check_reset(approvals: Approvals, by: Principal, user: User) -> None:
    """Who resets a password can log in with it. Where giving power takes two persons, nobody takes over the
    account of one who has it: he would agree to his own proposals. Raises ProposalRefused."""
    powerful = bool(user.roles & POWERS) or user.grant.everything
    if by.user != user.id and powerful and approvals.needs_two(ROLE, frozenset({GIVES_POWER})):
        raise ProposalRefused(
            both(
                f"{user.name} 是管理员或审计员，或可看到全部企业："
                f"此类账户只能在服务所在的机器上重置：`hazardwatch user reset` {user.name}",
                f"{user.name} is an administrator or auditor, or sees every enterprise: such an "
                f"account is reset at the machine itself, by  hazardwatch user reset {user.name}",
            )
        )


def target_kind(ladders: Iterable[Ladder], permission: str) -> ApprovalKind:
    """Who is told, and where. Subject: the receiver's id, with `/number` for one of his targets; change:
    an `api.notify.changes.TargetChange` as JSON, made by the routes of receivers, which seal addresses."""
    top = TopContacts(ladders)

    def describe(connection: Connection, subject: str, change: Json) -> Described:
        wish = _target_change(change)
        receiver_id = (
            wish.id if isinstance(wish, changes.PutReceiver | changes.RemoveReceiver) else wish.receiver
        )
        receiver = receiver_by_id(connection, receiver_id, EVERYTHING)
        target = _target(connection, wish)
        enterprise = receiver.enterprise if receiver else getattr(wish, "enterprise", "")
        logins = {receiver.login if receiver else "", getattr(wish, "login", "")}
        return Described(
            title=both(f"更改通知对象 {subject}", f"change of notification target {subject}"),
            old=_standing(receiver, target, wish),
            new=changes.change_facts(wish),
            version=f"{receiver.version if receiver else 0}.{target.version if target else 0}",
            enterprise=enterprise or MANY_ENTERPRISES,  # the bureau's own: as changes.py lets them be changed
            traits=frozenset({TOP_CONTACT} if top.has(connection, receiver_id, logins) else ()),
        )

    def apply(tx: Transaction, proposal: Proposal, by: Principal) -> None:
        changes.apply_change(tx, _target_change(proposal.change), by.scope)

    return ApprovalKind(
        name=TARGET,
        permission=permission,
        describe=describe,
        apply=apply,
        own_route="the routes of /receivers",
    )


def _tenant(grant: Grant) -> str:
    """Whose affair the rights of a person are: those of his one enterprise, or of nobody who sees less
    than everything."""
    if len(grant.enterprises) == 1 and not grant.regions and not grant.everything:
        return grant.enterprises[0]
    return MANY_ENTERPRISES


def _traits(user: User, wish: RightsChange) -> frozenset[str]:
    gained = (wish.roles or frozenset()) - user.roles
    widened = wish.scope is not None and wish.scope.everything and not user.grant.everything
    return frozenset({GIVES_POWER} if widened or gained & POWERS else ())


def _rights_change(change: Json) -> RightsChange:
    try:
        wish = msgspec.convert(change, RightsChange)
    except msgspec.ValidationError as error:
        raise ProposalRefused(
            both(
                f"权限更改的写法是 `roles`: [...], `scope`: {{...}}：{error}",
                f"a change of rights is {{roles: [...], scope: {{...}}}}: {error}",
            )
        ) from error
    return wish


def _rights(roles: Collection[str], grant: Grant) -> dict[str, Any]:
    return {"roles": sorted(roles), "scope": msgspec.to_builtins(grant)}


def _fingerprint(user: User) -> str:
    return msgspec.json.encode([_rights(user.roles, user.grant), bool(user.disabled)]).decode()


def _target_change(change: Json) -> changes.TargetChange:
    try:
        return changes.decode_change(msgspec.json.encode(change).decode())
    except ValueError as error:
        raise ProposalRefused(
            both(f"不是对接收人或通知目标的更改：{error}", f"not a change of a receiver or target: {error}")
        ) from error


def _target(connection: Connection, wish: changes.TargetChange) -> SealedTarget | None:
    if isinstance(wish, changes.PutReceiver | changes.RemoveReceiver) or wish.number is None:
        return None
    target = target_of(connection, wish.receiver, wish.number)
    if target is None:
        raise ProposalRefused(
            both(
                f"通知对象 {wish.receiver} 没有第 {wish.number} 个通知方式",
                f"receiver {wish.receiver} has no target {wish.number}",
            )
        )
    return target


def _standing(
    receiver: Receiver | None, target: SealedTarget | None, wish: changes.TargetChange
) -> dict[str, Any]:
    """What stands now; of a target nothing sealed."""
    if target is not None:
        facts = msgspec.to_builtins(target)
        return {
            name: value for name, value in facts.items() if not name.startswith("sealed") and name != "lane"
        }
    about_receiver = isinstance(wish, changes.PutReceiver | changes.RemoveReceiver)
    if receiver is None or not about_receiver:
        return {}
    facts = msgspec.to_builtins(receiver)
    return dict(facts)
