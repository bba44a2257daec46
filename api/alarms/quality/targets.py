"""What the figures are measured against: a data file with its sources, checked when the service starts."""

from pathlib import Path
from typing import Literal

import msgspec

DEFAULT = Path(__file__).with_name("targets.yaml")
Verdict = Literal["good", "fair", "bad", "none"]


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The target of one figure. `near`: as close to `aim` as `bad_off` allows."""

    unit: str
    better: Literal["lower", "near"]
    source: str
    good: float | None = None
    bad: float | None = None
    aim: float | None = None
    bad_off: float | None = None

    def __post_init__(self) -> None:
        if self.better == "near" and (self.aim is None or self.bad_off is None):
            raise ValueError("better: near needs aim and bad_off")
        if self.better == "lower" and self.good is None:
            raise ValueError("better: lower needs good")

    def judge(self, value: float | None) -> Verdict:
        """How good is this value? `none` without one."""
        if value is None:
            return "none"
        if self.aim is not None and self.bad_off is not None:
            return "good" if abs(value - self.aim) <= self.bad_off else "bad"
        assert self.good is not None
        if value <= self.good:
            return "good"
        return "bad" if self.bad is None or value > self.bad else "fair"


class Targets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All targets, with the sources that they name."""

    sources: dict[str, str]
    targets: dict[str, Target]

    def __post_init__(self) -> None:
        for name, target in self.targets.items():
            if target.source not in self.sources:
                raise ValueError(f"{name}: source {target.source!r} is not under sources")

    def source_of(self, name: str) -> str:
        """Where the target of this figure comes from."""
        return self.sources[self.targets[name].source]


def load_targets(file: Path | None = None) -> Targets:
    """The targets in a file, or those that this release carries. ValueError names file and mistake."""
    path = file or DEFAULT
    try:
        targets = msgspec.yaml.decode(path.read_bytes(), type=Targets)
        lacking = sorted(_read(DEFAULT).targets.keys() ^ targets.targets.keys())
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}; compare it with {DEFAULT}") from error
    if lacking:
        raise ValueError(f"{path}: missing or unknown: {', '.join(lacking)}; compare it with {DEFAULT}")
    return targets


def _read(path: Path) -> Targets:
    return msgspec.yaml.decode(path.read_bytes(), type=Targets)
