"""The persons and devices that a rota can name, as the rotas see them."""

from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection

from api.auth.principal import Principal


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A receiver that can be put on call."""

    name: str
    """What people call him, or the device."""
    name_en: str = ""
    enterprise: str = ""
    """Empty: of the bureau, or everybody's."""
    login: str = ""
    """Name under which he logs in; empty if he never does."""
    reachable: bool = True
    """In use, and with at least one way to tell him something."""

    @property
    def names(self) -> tuple[str, ...]:
        """Whatever a calendar may call him."""
        return tuple(name for name in (self.name, self.name_en, self.login) if name)

    def is_principal(self, principal: Principal) -> bool:
        """Is this the person who is logged in?"""
        return bool(self.login) and self.login == principal.name


People = Callable[[Connection], Mapping[str, Person]]
"""Every receiver by id."""


def within(people: Mapping[str, Person], enterprise: str) -> dict[str, Person]:
    """Those whom a rota of this enterprise may name: its own, and everybody's."""
    return {one: person for one, person in people.items() if person.enterprise in ("", enterprise)}
