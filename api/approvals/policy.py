"""Which changes take two persons: a file that a site may replace."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from alarm_rules.yaml_lines import SAFE_LOADER

SHIPPED = Path(__file__).with_name("policy.yaml")


class PolicyInvalid(ValueError):
    """The file cannot be used; the message names it, the place and the remedy."""


class KindPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for one kind of change."""

    two_persons: bool = True
    two_persons_for: tuple[str, ...] = ()
    """With `two_persons: false`: still two for changes with one of these traits."""
    expires_hours: float | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    status: str
    source: str
    default: KindPolicy
    """For kinds that the file does not name."""
    kinds: dict[str, KindPolicy]

    def needs_two(self, kind: str, traits: frozenset[str]) -> bool:
        """Does a change of this kind with these traits take a second person?"""
        rule = self.kinds.get(kind, self.default)
        return rule.two_persons or not traits.isdisjoint(rule.two_persons_for)

    def expires_s(self, kind: str) -> float:
        """Seconds until a proposal of this kind that nobody decided is void."""
        rule = self.kinds.get(kind, self.default)
        hours = rule.expires_hours or self.default.expires_hours
        assert hours is not None  # checked when the file was read
        return hours * 3600.0


def load_policy(file: Path | None = None) -> Policy:
    """The policy of this file, or the shipped one. Raises PolicyInvalid or OSError."""
    path = file or SHIPPED
    try:
        content: Any = yaml.load(path.read_text(), SAFE_LOADER)
    except yaml.YAMLError as error:
        raise PolicyInvalid(f"{path}: not YAML: {error}") from error
    try:
        policy = msgspec.convert(content, Policy)
    except msgspec.ValidationError as error:
        raise PolicyInvalid(f"{path}: {error}: compare it with {SHIPPED.name} of the release") from error
    _check(policy, path)
    return policy


def _check(policy: Policy, path: Path) -> None:
    if policy.default.expires_hours is None:
        raise PolicyInvalid(f"{path}: default has no expires_hours: give the hours a proposal may wait")
    for name, rule in (("default", policy.default), *policy.kinds.items()):
        if rule.expires_hours is not None and not 0 < rule.expires_hours <= 24 * 90:
            raise PolicyInvalid(
                f"{path}: expires_hours of {name} is {rule.expires_hours}: more than 0, at most 2160"
            )
