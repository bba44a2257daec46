"""`hazardwatch suggest`: what the history proposes for the rules that annoy, and a file of it."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from alarm_rules.load import load_site
from alarm_rules.model import Site
from api.bilingual import both
from evaluation.history_reading import history_in, read_range
from evaluation.nuisance import Effect, Wishes
from evaluation.suggest import suggest
from evaluation.suggestions import Proposal, Suggestion, Suggestions
from gateway.recording import read_offset
from gateway.settings import GatewaySettings
from gateway.warm_up import warm_up
from hazardwatch.backtesting import moment
from hazardwatch.output import KernelProgress, console


def run_suggest(
    site: Path,
    history: str,
    data: Path | None,
    settings: GatewaySettings,
    wishes: Wishes,
    *,
    points: Sequence[str],
    rules: Sequence[str],
    write: Path | None,
    with_advice: bool,
    utc_offset: str,
    as_json: bool,
) -> None:
    """Look at the history and print what it suggests; write the recommended changes where asked.

    Raises SiteInvalid, TooLittleHistory, HistoryUnavailable, ValueError, OSError.
    """
    loaded = load_site(site)
    span = read_range(history, time.time_ns(), read_offset(utc_offset))
    if write is not None and write.exists():
        raise ValueError(f"{write} exists already: name a new file")
    warm_up(KernelProgress())
    with history_in(data, settings) as store:
        found = suggest(
            store,
            loaded,
            span,
            wishes,
            points=[_full(name, loaded) for name in points] or None,
            rules=[_full(name, loaded) for name in rules] or None,
        )
    written = write is not None and _write(write, found, with_advice=with_advice)
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    for line in lines_of(found):
        _print(line)
    if write is not None:
        _print(
            f"{write} written: try it with  hazardwatch backtest --rules {write} --history {history}"
            if written
            else f"nothing to write into {write}"
        )


def _print(line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _full(name: str, site: Site) -> str:
    """The enterprise may be left out where there is only one."""
    return name if "/" in name or len(site.enterprises) != 1 else f"{site.enterprises[0].id}/{name}"


def chosen(suggestion: Suggestion, *, with_advice: bool) -> Proposal | None:
    """The proposal of a rule that is written."""
    for proposal in suggestion.proposals:
        if proposal.recommended or (with_advice and proposal.advice_only):
            return proposal
    return None


def text_of(found: Suggestions, *, with_advice: bool) -> str:
    """A file of changes with the chosen proposals; empty if there are none."""
    override: dict[str, Any] = {}
    for each in found.suggestions:
        proposal = chosen(each, with_advice=with_advice)
        if proposal is not None:
            days, (before, after) = each.evidence.days_with_data, proposal.alarms_per_day
            reason = both(
                f"由 {days:g} 天历史数据建议：每天报警 {before:g} → {after:g} 条",
                f"suggested from {days:g} days of history: {before:g} → {after:g} alarms a day",
            )
            override[each.rule] = proposal.override | {"reason": reason}
    if not override:
        return ""
    heading = f"# Suggested from history {moment(found.start)} to {moment(found.end)}; review it.\n"
    return heading + yaml.safe_dump({"override": override}, allow_unicode=True, sort_keys=False, width=100)


def _write(path: Path, found: Suggestions, *, with_advice: bool) -> bool:
    text = text_of(found, with_advice=with_advice)
    if text:
        path.write_text(text, encoding="utf-8")
    return bool(text)


def lines_of(found: Suggestions) -> list[str]:
    """The text that a person reads."""
    evidence = found.evidence
    lines = [
        f"{moment(found.start)} to {moment(found.end)}: {evidence.days_with_data:g} of {evidence.days:g} "
        f"days with data, {evidence.samples} samples; warm-up {found.warm_up_s:g} s",
        f"{found.rules_that_annoy} of {found.rules_looked_at} rules annoy; {found.tried} changes of them "
        f"were tried in {found.seconds:g} s",
    ]
    for each in found.suggestions:
        lines += _rule_lines(each)
    return lines


def _rule_lines(each: Suggestion) -> list[str]:
    seen = each.evidence
    lines = [
        f"{each.rule} ({each.priority}) {each.name}: {seen.alarms} alarms, {seen.per_day:g} a day, "
        f"{seen.repeats} of them repeats, {seen.short} too short to act on"
    ]
    for proposal in each.proposals:
        mark = "→" if proposal.recommended else "(advice)" if proposal.advice_only else "or"
        before, after = proposal.alarms_per_day
        lines.append(
            f"  {mark} {_values(proposal.override)}: {before:g} → {after:g} alarms a day; "
            f"{_effect(proposal.backtest)}"
        )
    lines += [f"  not proposed: {reason}" for reason in each.refused]
    return lines


def _values(override: dict[str, object]) -> str:
    inside = override.get("when")
    given = (dict(inside) if isinstance(inside, dict) else {}) | {
        name: value for name, value in override.items() if name != "when"
    }
    return ", ".join(f"{name} {value:g}" for name, value in given.items() if isinstance(value, int | float))


def _effect(told: Effect) -> str:
    return (
        f"repeats {told.repeats_before} → {told.repeats_after}, of {told.true_before} true alarms "
        f"{told.true_lost} lost, {told.true_hidden} hidden, delayed by {told.delay_s:g} s at most"
    )
