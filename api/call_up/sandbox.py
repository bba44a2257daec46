"""A caller that phones nobody: for trying things out, for drills and for tests.

What each receiver will do is written down beforehand, call by call; who is not in the script never answers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection
from yaml import YAMLError

from api.call_up.model import CallReport, Outcome
from api.call_up.port import Dial
from api.store.writer import Transaction

SECOND_NS = 1_000_000_000


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody does with one call."""

    outcome: Outcome
    after_s: float = 1.0
    """From the ringing until the call is over."""
    listened_s: float | None = None
    pressed: str = ""


class ScriptInvalid(Exception):
    """The file of a script cannot be used."""


NEVER = Behaviour(outcome="no_answer", after_s=30.0)


def read_script(file: Path) -> dict[str, list[Behaviour]]:
    """What each receiver does, from `zhang: [{outcome: busy}, {outcome: answered, pressed: "1"}]`.

    Raises ScriptInvalid.
    """
    try:
        return msgspec.yaml.decode(file.read_bytes(), type=dict[str, list[Behaviour]])
    except OSError as error:
        raise ScriptInvalid(f"{file} cannot be read: {error.strerror}") from error
    except (msgspec.MsgspecError, YAMLError) as error:
        raise ScriptInvalid(f"{file}: {error}") from error


class SandboxCaller:
    """Follows a script: receiver -> what he does with his first, second, ... call; the last goes on."""

    def __init__(self, script: Mapping[str, Sequence[Behaviour]] | None = None) -> None:
        self._script = dict(script or {})
        self._calls: dict[str, Behaviour] = {}
        self.placed: list[Dial] = []
        """Every call, in order."""

    def dial(self, _tx: Transaction, dial: Dial) -> None:
        if dial.call_id in self._calls:
            return
        earlier = sum(call.receiver == dial.receiver for call in self.placed)
        script = self._script.get(dial.receiver) or (NEVER,)
        self._calls[dial.call_id] = script[min(earlier, len(script) - 1)]
        self.placed.append(dial)

    def outcome_of(self, _connection: Connection, dial: Dial, now: int) -> CallReport | None:
        behaviour = self._calls.get(dial.call_id)
        if behaviour is None:
            return None
        if now < dial.called_at + behaviour.after_s * SECOND_NS:
            return None
        return CallReport(
            call_id=dial.call_id,
            outcome=behaviour.outcome,
            listened_s=behaviour.listened_s,
            pressed=behaviour.pressed,
            note="sandbox",
        )
