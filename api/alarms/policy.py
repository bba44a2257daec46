"""What a site has decided about putting alarms aside: a data file, checked when the service starts."""

from functools import cache
from pathlib import Path

import msgspec

from alarm_rules.model import Priority
from api.alarms.model import AlarmClass, HoldKind

DEFAULT = Path(__file__).with_name("policy.yaml")


class ByPriority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds for each priority."""

    LOW: int
    MEDIUM: int
    HIGH: int
    CRITICAL: int

    def __post_init__(self) -> None:
        if min(self.LOW, self.MEDIUM, self.HIGH, self.CRITICAL) < 0:
            raise ValueError("seconds cannot be negative")

    def of(self, priority: Priority) -> int:
        """Seconds for this priority."""
        seconds: int = getattr(self, priority.name)
        return seconds


class AlarmPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the comments in `policy.yaml`."""

    source: str
    shelve_max_s: ByPriority
    out_of_service_max_s: ByPriority
    gas_fault_shelve_alone_s: int
    re_alarm_s: ByPriority
    proposal_expires_s: int
    reset_answer_s: int

    def __post_init__(self) -> None:
        if self.proposal_expires_s <= 0 or self.reset_answer_s <= 0:
            raise ValueError("proposal_expires_s and reset_answer_s must be above 0")
        if self.gas_fault_shelve_alone_s < 0:
            raise ValueError("gas_fault_shelve_alone_s cannot be negative")

    def longest_s(self, kind: HoldKind, priority: Priority) -> int:
        """How long a hold of this kind may last, in seconds; 0: not at all."""
        table = self.shelve_max_s if kind == "shelved" else self.out_of_service_max_s
        return table.of(priority)

    def asks_again_after_s(self, priority: Priority, alarm_class: AlarmClass) -> int:
        """When an answered alarm that is still active needs an answer again, in seconds; 0: never."""
        return 0 if alarm_class == "advisory" else self.re_alarm_s.of(priority)


def load_policy(file: Path | None = None) -> AlarmPolicy:
    """The policy in a file, or the one that this release carries. ValueError names file and mistake."""
    path = file or DEFAULT
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=AlarmPolicy)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{path}: {error}; compare it with {DEFAULT}") from error


@cache
def default_policy() -> AlarmPolicy:
    """The policy that this release carries."""
    return load_policy()
