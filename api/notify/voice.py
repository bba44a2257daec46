"""Calls to persons: what a voice channel can tell beyond "taken", and how a call-up learns of it.

A call is placed by `Notifier.send`; its receipt has the provider's id. What became of it comes later,
by a report of the provider or by asking. `answered` alone is no answer to an alarm: a person who picks
up and hangs up has heard nothing. `listened_s` and `keypad` tell what he did.
"""

from typing import Protocol

import msgspec

from api.notify.port import Notifier


class CallOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a call, as the provider tells it."""

    reference: str
    answered: bool
    listened_s: float = 0.0
    keypad: str = ""
    """Keys that were pressed, as far as the provider tells; "" for none."""
    words: str = ""

    def heard_out(self, message_s: float) -> bool:
        """Did the person listen to the whole message?"""
        return self.answered and self.listened_s >= message_s


class VoiceNotifier(Notifier, Protocol):
    """A channel that calls persons."""

    async def outcome(self, reference: str, placed_at: int) -> CallOutcome | None:
        """What became of a call placed at this time (ns UTC); None while the provider does not know.

        Raises NotifyFailed if the provider cannot be asked.
        """
        ...

    def read_report(self, content: bytes) -> list[CallOutcome]:
        """Outcomes in a report that the provider posted. ValueError if it is none of its reports."""
        ...
