"""The port to everything that can tell a person something, and what an adapter file registers."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import msgspec

from api.notify.message import Outgoing
from api.notify.settings import NotifySettings

Clock = Callable[[], int]
"""ns UTC."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message goes, opened for the moment of sending. Its printed form tells no secret."""

    receiver: str
    number: int
    channel: str
    address: str
    secret: str = ""
    options: Mapping[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Target({self.receiver!r}, {self.number}, {self.channel!r})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("receiver", self.receiver), ("number", self.number), ("channel", self.channel)]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The provider has taken the message."""

    reference: str = ""
    """The provider's id of it; for a call the id by which its outcome is asked for."""
    words: str = ""


class Notifier(Protocol):
    """One channel. Made once; several sends may run at the same time, never two to one target."""

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        """Return once the provider has taken the message. Raises api.notify.errors.NotifyFailed.

        Never retries, never waits for a rate limit: the worker does. May be cancelled at any time.
        """
        ...

    async def close(self) -> None:
        """Give everything free. Called once, at the end."""
        ...


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a target of this channel needs, for the form that asks for it."""

    name: str
    title: str
    title_en: str
    required: bool = True
    example: str = ""


class AddressForm(msgspec.Struct, frozen=True, kw_only=True):
    """What makes up a target of a channel. `check` raises AddressWrong."""

    address: Field
    secret: Field | None = None
    options: tuple[Field, ...] = ()
    check: Callable[[str, str, Mapping[str, str]], None]
    secret_address: bool = False
    """The address itself is a key (a robot's token): only its end is ever shown."""


class SandboxKeep(Protocol):
    """Stores a message that is shown instead of sent; the same key is stored once."""

    def __call__(self, message: Outgoing, target: Target) -> Awaitable[None]: ...


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter may use of the service."""

    settings: NotifySettings
    clock: Clock
    keep: SandboxKeep


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """What a file in `adapters/` registers as ADAPTER. Its channel is the name of the file."""

    channel: str
    name: str
    name_en: str
    form: AddressForm
    make: Callable[[Surroundings], Notifier]
    """May raise NotConfigured: the channel is listed with the reason, its messages become dead letters."""
    merges: bool = True
    """May several messages be merged into a digest? Not for machines and not for calls."""
    configured_by: tuple[str, ...] = ()
    """Settings without which it cannot work."""


class NotConfigured(Exception):
    """A channel lacks a setting: names it."""
