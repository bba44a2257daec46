"""Persons who log in: for system administrators to manage, for auditors to see."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Response

from api.approvals.kinds import ROLE, RightsChange, check_new_person, check_reset
from api.approvals.schemas import ProposalView, proposal_view
from api.auth.errors import UnknownThing
from api.auth.principal import Principal, Role
from api.auth.records import User, user_id
from api.auth.schemas import RightsRequest, UserPage, UserRequest, UserView, UserWithPassword, user_fields
from api.bilingual import both
from api.guards import require
from api.parts import Parts, PartsOf
from api.schemas import ProblemView

router = APIRouter(
    prefix="/users",
    tags=["users"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)

Reader = Annotated[Principal, Depends(require("user.read"))]
Manager = Annotated[Principal, Depends(require("user.manage"))]


@router.get("")
async def list_users(
    parts: PartsOf,
    reader: Reader,
    after: Annotated[str | None, Query(description="`next` of the page before.", max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Persons on the page at most.")] = 100,
) -> UserPage:
    """The persons whose whole scope the caller sees, by name."""
    found = [u for u in parts.auth.administration.visible(reader) if after is None or u.id > user_id(after)]
    shown = found[:limit]
    return UserPage(
        users=[UserView(**_fields(parts, user)) for user in shown],
        next=shown[-1].name if len(found) > limit else None,
    )


@router.post("", status_code=201)
async def add_user(body: UserRequest, parts: PartsOf, manager: Manager) -> UserWithPassword:
    """A new person; the answer has the one-time password, shown only now."""
    roles, grant = frozenset[str](body.roles), body.scope.grant()
    check_new_person(parts.approvals, manager, roles, grant)
    user, password = await parts.auth.administration.add(manager, body.name, roles, grant)
    return _with_password(parts, user, password)


@router.get("/{name}")
async def show_user(name: str, parts: PartsOf, reader: Reader) -> UserView:
    """One person."""
    for user in parts.auth.administration.visible(reader):
        if user.id == user_id(name):
            return UserView(**_fields(parts, user))
    raise UnknownThing(both(f"没有用户 {name!r}", f"there is no user {name!r}"))


@router.put(
    "/{name}/rights",
    responses={202: {"model": ProposalView, "description": "Waits for a second person to agree."}},
)
async def change_rights(
    name: str,
    body: RightsRequest,
    parts: PartsOf,
    manager: Manager,
    answer: Response,
    reason: Annotated[str, Query(max_length=1000, description="Why; a second person reads it.")] = "",
) -> UserView | ProposalView:
    """Other roles, another scope, or both; counts at once, unless it gives so much power that a second
    administrator has to agree. Nobody changes his own."""
    roles = None if body.roles is None else frozenset[Role](body.roles)
    wish = RightsChange(roles, body.scope.grant() if body.scope else None)
    parts.auth.administration.check_sight(manager, name)
    change = msgspec.to_builtins(wish)
    waits = await parts.writer.run(
        lambda tx: parts.approvals.propose_if_two(tx, ROLE, name, change, manager, reason)
    )
    if waits is not None:
        answer.status_code = 202
        return proposal_view(waits, may_approve=False)
    user = await parts.auth.administration.change_rights(manager, name, wish.roles, wish.scope)
    return UserView(**_fields(parts, user))


@router.post("/{name}/disable")
async def disable_user(name: str, parts: PartsOf, manager: Manager) -> UserView:
    """Let nobody in with this account any more; its logins and keys end at once."""
    user = await parts.auth.administration.switch(manager, name, disabled=True)
    return UserView(**_fields(parts, user))


@router.post("/{name}/enable")
async def enable_user(name: str, parts: PartsOf, manager: Manager) -> UserView:
    """Let the person in again."""
    user = await parts.auth.administration.switch(manager, name, disabled=False)
    return UserView(**_fields(parts, user))


@router.post("/{name}/reset")
async def reset_user(name: str, parts: PartsOf, manager: Manager) -> UserWithPassword:
    """A new one-time password and no second factor, for a person who lost them; his logins end. Accounts
    with power (administrators, auditors, those who see everything) are reset at the machine itself."""
    parts.auth.administration.check_sight(manager, name)
    check_reset(parts.approvals, manager, parts.auth.access.directory.users[user_id(name)])
    user, password = await parts.auth.administration.reset(manager, name)
    return _with_password(parts, user, password)


@router.post("/{name}/logout")
async def end_sessions(name: str, parts: PartsOf, manager: Manager) -> UserView:
    """End every login of a person at once."""
    user = await parts.auth.administration.end_sessions(manager, name)
    return UserView(**_fields(parts, user))


def _with_password(parts: Parts, user: User, password: str) -> UserWithPassword:
    return UserWithPassword(**_fields(parts, user), one_time_password=password)


def _fields(parts: Parts, user: User) -> dict[str, object]:
    return user_fields(user, parts.auth.access.directory, parts.clock())
