"""A person or program that has been recognised: name, roles, and the enterprises in sight."""

from typing import Literal, get_args

import msgspec

from api.auth.permissions import PERMISSIONS

Role = Literal[
    "operator",
    "enterprise_supervisor",
    "bureau_duty_officer",
    "bureau_administrator",
    "on_call",
    "auditor",
    "system_administrator",
    "viewer",
    "display",
]
ASSIGNABLE: tuple[Role, ...] = tuple(role for role in get_args(Role) if role != "display")
"""Roles that a person may be given."""
Hold = Literal["", "password-change", "second-factor"]


class Scope(msgspec.Struct, frozen=True):
    """Which enterprises are in sight; None: all of them, nothing is sight of none."""

    enterprises: frozenset[str] | None = frozenset()

    def sees(self, enterprise: str) -> bool:
        """Rows of no enterprise ("") are everybody's."""
        return self.enterprises is None or enterprise == "" or enterprise in self.enterprises


EVERYTHING = Scope(None)


class Principal(msgspec.Struct, frozen=True):
    """Who is speaking: a named person or machine, with the rights of its roles."""

    name: str
    roles: frozenset[str]
    scope: Scope = EVERYTHING
    via: str = ""
    """By what it was recognised: `session:ID`, `key:ID`, or empty for a key of the operators file."""
    user: str = ""
    """User id of a person with an account; empty for machines and keys of the operators file."""
    hold: Hold = ""
    """What has to be done first; until then the roles are empty."""

    def may(self, permission: str) -> bool:
        """KeyError for a permission that nobody has declared."""
        return not self.roles.isdisjoint(PERMISSIONS[permission])

    def sees(self, enterprise: str) -> bool:
        return self.scope.sees(enterprise)

    @property
    def session(self) -> str:
        """Id of the login that speaks; empty if it is none."""
        return self.via.removeprefix("session:") if self.via.startswith("session:") else ""
