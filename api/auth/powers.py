"""What an administrator may do to persons: separated powers, as pure decisions.

Nobody changes his own rights, so a second administrator is needed for those of the first. The first
administrator of all is made at the machine itself, on the command line.
"""

from collections.abc import Iterable

from api.auth.grant import is_within
from api.auth.principal import ASSIGNABLE, Principal, Scope
from api.auth.records import User
from api.bilingual import both

ADMINISTRATOR = "system_administrator"
ACTING = frozenset(
    {"operator", "enterprise_supervisor", "bureau_duty_officer", "bureau_administrator", "on_call"}
)
APART = (ADMINISTRATOR, "auditor")
"""Each of these stands alone among the roles that change something: who runs the system does not answer
its alarms, and who checks the record does neither."""


def role_faults(roles: Iterable[str]) -> tuple[str, ...]:
    """Why nobody may hold these roles together; empty if somebody may."""
    held = frozenset(roles)
    faults = [
        both(
            f"没有角色 {role}：可用的是 {'、'.join(ASSIGNABLE)}",
            f"unknown role {role!r}: one of {', '.join(ASSIGNABLE)}",
        )
        for role in sorted(held - set(ASSIGNABLE))
    ]
    if not held:
        faults.append(
            both(
                f"人员须有角色：请从 {'、'.join(ASSIGNABLE)} 中选一个或多个",
                f"a person needs a role: one or more of {', '.join(ASSIGNABLE)}",
            )
        )
    for role in APART:
        others = held & (ACTING | (set(APART) - {role}))
        if role in held and others:
            faults.append(
                both(
                    f"{role} 不能与 {'、'.join(sorted(others))} 同时授予：这些权力是分开的",
                    f"{role} goes with none of {', '.join(sorted(others))}: these powers are separated",
                )
            )
    return tuple(dict.fromkeys(faults))


def refusal(actor: Principal, target: User | None, new_scope: Scope) -> str | None:
    """Why this administrator may not give this scope to this person (None: a new one); None if he may.

    `actor.user` is empty at the command line, where whoever can write the data folder is in charge anyway.
    """
    if target is not None and actor.user == target.id:
        return both(
            "任何人不得更改自己的权限：请由另一名系统管理员更改",
            "nobody changes his own rights: ask another system administrator",
        )
    if not is_within(new_scope, actor.scope):
        return both(
            "这会使该人员看到的范围超过您自己", "this would let the person see more than you see yourself"
        )
    return None


def leaves_no_administrator(
    users: Iterable[User], target: User, roles: Iterable[str], *, disabled: bool
) -> bool:
    """Would nobody be left who manages persons after this change?"""
    if ADMINISTRATOR not in target.roles or target.disabled:
        return False
    if ADMINISTRATOR in roles and not disabled:
        return False
    return not any(
        ADMINISTRATOR in user.roles and not user.disabled for user in users if user.id != target.id
    )
