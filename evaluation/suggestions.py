"""What a history suggests, as it is shown and written."""

import msgspec

from evaluation.history_reading import Evidence
from evaluation.nuisance import Effect, Wishes


class RuleEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the history shows of one rule as it is."""

    samples: int
    days_with_data: float
    alarms: int
    repeats: int
    """That began soon after the end of the one before."""
    short: int
    """Too short to be acted on."""
    per_day: float


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One change that would have done enough."""

    what: str
    """`deadband`, `off_delay`, `deadband and off_delay`, `on_delay` or `limit`."""
    override: dict[str, object]
    """As a file of changes has it."""
    backtest: Effect
    alarms_per_day: tuple[float, float]
    """Before and after."""
    recommended: bool = False
    """The one that `--write` takes."""
    advice_only: bool = False
    """A person has to decide it: it is never written unless asked for."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that annoys, and what could be done."""

    rule: str
    point: str
    name: str
    priority: str
    evidence: RuleEvidence
    proposals: list[Proposal]
    refused: list[str]
    """What is not proposed for it, with the reason."""


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a history suggests. Times are ns UTC."""

    start: int
    end: int
    warm_up_s: float
    wishes: Wishes
    evidence: Evidence
    suggestions: list[Suggestion]
    rules_looked_at: int
    rules_that_annoy: int
    tried: int
    """Changed rules that were judged."""
    samples: int
    """Judged in both passes."""
    seconds: float


class TooLittleHistory(ValueError):
    """The history holds too little to conclude anything from; the message says how much is needed."""
