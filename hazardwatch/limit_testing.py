"""A wished change of limits, tried on history: what would be proposed, with both back-tests."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from alarm_rules.changes import Scalar, digest
from alarm_rules.load import load_changed_site, load_site
from alarm_rules.model import Site
from api.bilingual import both
from detectors.parameters import watched_rules
from evaluation.backtest import backtest
from evaluation.history_reading import Range, Scanned, history_in
from evaluation.proposing import body_of
from gateway.history.port import HistoryColumns
from gateway.settings import GatewaySettings
from gateway.warm_up import warm_up
from hazardwatch.limit_files import ChangeRefused, Fact, Owner, enterprise_of, facts_between, text_of
from hazardwatch.output import KernelProgress

STEP = 0.01
"""Progress is told when it has grown by so much."""


class WishedFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact of a rule in force as it shall be; without a field the rule is switched off."""

    rule: str
    field: str = ""
    new: Scalar = None


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change, and over which history it is tried; ns UTC."""

    changes: list[WishedFact]
    start: int
    end: int
    reason: str
    person: str


def try_on_history(
    wish: Wish, folder: Path | None, data: Path | None, tell: Callable[[float], None]
) -> dict[str, Any]:
    """`body` of the proposal, `points` that were replayed, and `rules` with an alarm on either side.

    tell: the share that is done. Raises SiteInvalid, ChangeRefused, HistoryUnavailable, ValueError, OSError.
    """
    settings = GatewaySettings()
    before, after = _both(folder or settings.site, wish)
    facts = facts_between(before, after)
    enterprise = enterprise_of(facts)
    points = concerned(before, {fact.rule for fact in facts})
    warm_up(KernelProgress())
    with history_in(data, settings) as store:
        followed = _Followed(store, tell)
        result = backtest(followed, before, after, Range(wish.start, wish.end), points=points).result
    told = [fact._asdict() for fact in facts]
    body = body_of(result, enterprise, digest(before, enterprise), wish.reason, told)
    rules = [msgspec.to_builtins(each) for each in result.by_rule]
    return {"body": body, "points": None if points is None else sorted(points), "rules": rules}


def _both(site: Path, wish: Wish) -> tuple[Site, Site]:
    """The site as it is, and with the change."""
    wanted = [
        Fact(each.rule, "changed" if each.field else "disabled", each.field, None, each.new)
        for each in wish.changes
    ]
    before = load_site(site)
    known = {rule.id for rule in before.rules}
    if strange := sorted({fact.rule for fact in wanted} - known):
        raise ChangeRefused(
            both(
                f"{strange[0]} 不是在用的规则：请到规则页查找",
                f"{strange[0]} is no rule in force: look it up among the rules",
            )
        )
    with tempfile.TemporaryDirectory(prefix="hazardwatch-limits-") as folder:
        file = Path(folder) / "changes.yaml"
        file.write_text(text_of(wanted, Owner(wish.reason, wish.person)), encoding="utf-8")
        return before, load_changed_site(site, file, whole=False)


def concerned(site: Site, changed: set[str]) -> frozenset[str] | None:
    """Points whose rules have to be replayed: nothing else can differ. None: all, because rules over rules
    watch some of those that change."""
    if any(changed.intersection(watched_rules(rule.params)) for rule in site.rules):
        return None
    return frozenset(rule.point for rule in site.rules if rule.id in changed)


class _Followed:
    """A history that tells how far its scan has come."""

    def __init__(self, history: Scanned, tell: Callable[[float], None]) -> None:
        self._history, self._tell = history, tell

    def scan(self, start: int, end: int, points: frozenset[str] | None = None) -> Iterator[HistoryColumns]:
        """See `gateway.history.port.History.scan`."""
        told = 0.0
        for piece in self._history.scan(start, end, points):
            yield piece
            if piece.source_time.size:
                share = min(1.0, max(0.0, (int(piece.source_time[-1]) - start) / (end - start)))
                if share >= told + STEP:
                    told = share
                    self._tell(round(share, 3))
