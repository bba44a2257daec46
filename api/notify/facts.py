"""What is known of each provider: its limits and what its codes mean, read from providers.yaml."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from api.notify.buckets import Rate
from api.notify.errors import MessageRefused, NotifyFailed, ProviderBusy, ProviderDown, TargetRefused

Meaning = Literal["busy", "down", "target", "message"]
WORDS = 300
"""Characters of a provider's answer that are kept."""


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one code of a provider's answer means."""

    means: Meaning
    pause_s: float | None = None


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel in providers.yaml."""

    rate: Rate
    long_rate: Rate | None = None
    """A second limit over a longer time."""
    title_characters: int
    body_bytes: int
    parameter_characters: int = 60
    """Longest value of a template variable."""
    source: str
    endpoint: str = ""
    unlisted: Meaning = "message"
    codes: Mapping[str, Code] = msgspec.field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    """Codes that no source at hand confirms."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        return (self.rate,) if self.long_rate is None else (self.rate, self.long_rate)

    def error_of(self, code: str, words: str) -> NotifyFailed:
        """The error that an answer with this code is."""
        known = self.codes.get(code) or Code(means=self.unlisted)
        told = f"{code}: {words}"[:WORDS]
        match known.means:
            case "busy":
                return ProviderBusy(told, known.pause_s)
            case "down":
                return ProviderDown(told, known.pause_s)
            case "target":
                return TargetRefused(told)
            case "message":
                return MessageRefused(told)


@cache
def providers() -> Mapping[str, Provider]:
    """All channels of providers.yaml."""
    text = files(__package__).joinpath("providers.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Provider])


def provider(channel: str) -> Provider:
    """The facts of one channel. KeyError if the file lacks it."""
    return providers()[channel]
