"""The policy file: the shipped `policy.yaml`, with the sections that a site replaces by its own."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from api.desks.audience import Audience
from api.desks.commitment_day import CommitmentPolicy
from api.desks.duty_plan import DutyCheckPolicy
from api.desks.errors import PolicyInvalid
from api.desks.handover import ShiftPolicy
from api.desks.level_policy import LevelPolicy
from api.desks.order_progress import SupervisionPolicy
from api.desks.warning_policy import WarningPolicy

SHIPPED = Path(__file__).with_name("policy.yaml")
MAX_BYTES = 1024 * 1024


class DeskPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures of the desks. `label` and `sources` of each section say where they come from."""

    levels: LevelPolicy
    warnings: WarningPolicy
    supervision: SupervisionPolicy
    duty_checks: DutyCheckPolicy
    commitments: CommitmentPolicy
    shifts: ShiftPolicy
    audiences: tuple[Audience, ...] = ()
    """Who stands for an authority; see `api.desks.telling`."""

    @property
    def fingerprint(self) -> str:
        """Twelve characters that change with any figure: kept beside what was decided by it."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=6).hexdigest()


def load_policy(site_file: Path | None = None) -> DeskPolicy:
    """The policy in force. PolicyInvalid names the file and the place of the mistake."""
    sections = dict(_shipped())
    if site_file is not None:
        sections |= _sections(site_file)
    try:
        return msgspec.convert(sections, DeskPolicy)
    except msgspec.ValidationError as error:
        raise PolicyInvalid(
            f"{site_file or SHIPPED}: {error}: see the shipped policy for what stands there"
        ) from error


@cache
def _shipped() -> dict[str, Any]:
    return _sections(SHIPPED)


def _sections(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise PolicyInvalid(f"{file}: larger than {MAX_BYTES} bytes: this is no policy")
        content = yaml.load(text.decode(), Loader=_PlainLoader)
    except OSError as error:
        raise PolicyInvalid(f"{file}: {error.strerror}: name a readable file in DESK_POLICY") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = " ".join(str(error).split())
        raise PolicyInvalid(f"{file}: not YAML: {place}: correct it there") from error
    if not isinstance(content, dict):
        raise PolicyInvalid(f"{file}: holds no sections: begin with one such as `warnings:`")
    return content


class _PlainLoader(yaml.SafeLoader):
    """Refuses a key that stands twice: the second would silently win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                line = node.value[number][0].start_mark.line + 1
                raise yaml.constructor.ConstructorError(None, None, f"line {line}: {key!r} stands twice")
        return super().construct_mapping(node, deep)
