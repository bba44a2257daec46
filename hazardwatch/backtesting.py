"""`hazardwatch backtest`: stored history through changed rules, shown beside the rules in force."""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import msgspec

from alarm_rules.load import load_changed_site, load_site, load_site_files
from alarm_rules.model import Site
from evaluation.backtest import Backtest, backtest
from evaluation.comparing import Shifted, Told
from evaluation.history_reading import Evidence, history_in, read_range
from evaluation.truth_changes import Event, TruthChanges, read_events
from gateway.recording import read_offset
from gateway.settings import GatewaySettings
from gateway.warm_up import warm_up
from hazardwatch.output import KernelProgress, console

NAMED = 12
"""So many alarms, rules and points are named in the text; `--json` names all."""


def in_force_and_changed(
    site: Path, rules: Path, *, whole: bool | None, in_force: Path | None = None
) -> tuple[Site, Site]:
    """The site as it is, and as it would be with these rules. Raises SiteInvalid.

    site: folder, or register file. in_force: its rules, where they are not beside the register.
    """
    if in_force is None:
        return load_site(site), load_changed_site(site, rules, whole=whole)
    return load_site_files([site], [in_force]), load_changed_site(site, rules, whole=True)


def run_backtest(
    sites: tuple[Site, Site],
    history: str,
    data: Path | None,
    settings: GatewaySettings,
    truth: Path | None,
    *,
    utc_offset: str,
    as_json: bool,
) -> Backtest:
    """Back-test and print. Raises ValueError, RecordingInvalid, HistoryUnavailable, OSError."""
    zone = read_offset(utc_offset)
    events = None if truth is None else read_events(truth, zone)
    result = replay_both(sites, history, data, settings, utc_offset=utc_offset, truth=events)
    if as_json:
        print(msgspec.json.encode(result).decode())
    else:
        _print(lines_of(result, zone))
    return result


def replay_both(
    sites: tuple[Site, Site],
    history: str,
    data: Path | None,
    settings: GatewaySettings,
    *,
    utc_offset: str,
    truth: Sequence[Event] | None = None,
) -> Backtest:
    """Back-test over the range of history that the text says. Raises as `run_backtest`."""
    span = read_range(history, time.time_ns(), read_offset(utc_offset))
    warm_up(KernelProgress())
    with history_in(data, settings) as store:
        return backtest(store, *sites, span, truth=truth).result


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def lines_of(result: Backtest, zone: tzinfo = UTC) -> list[str]:
    """The text that a person reads."""
    totals, days = result.totals, result.per_day
    lines = [
        f"{moment(result.start, zone)} to {moment(result.end, zone)}: {result.samples} samples in "
        f"{result.seconds:g} s ({result.samples_per_s:.0f}/s); warm-up {_span(result.warm_up_s)}, of which "
        f"the history has {_span(result.warm_up_heard_s)}",
        *_evidence_lines(result.evidence, result.rules_without_data, zone),
        f"{len(result.rule_changes)} facts of the rules differ",
        *(
            f"  {change.rule} {change.field or change.kind}: {_shown(change.old)} → {_shown(change.new)}"
            for change in result.rule_changes[:NAMED]
        ),
        f"alarms and announcements: {totals.before} → {totals.after}; alarms a day {days.before:g} → "
        f"{days.after:g}",
        f"gained {totals.gained} ({totals.gained_apart} at a time that no alarm of the rule told of before), "
        f"lost {totals.lost} ({totals.lost_apart} at a time that none tells of now), "
        f"shifted {totals.shifted}, unchanged {totals.unchanged}",
        *(f"  {name}: {count.before} → {count.after}" for name, count in result.by_class.items()),
        *(f"  {name}: {count.before} → {count.after}" for name, count in result.by_priority.items()),
        *_of_rules(result),
        *(_told("gained", each, zone) for each in _first_apart(result.gained)),
        *(_told("lost", each, zone) for each in _first_apart(result.lost)),
        *(_moved(each, zone) for each in result.shifted[:NAMED]),
        *(_truth_lines(result.truth) if result.truth else ()),
    ]
    return lines


def _evidence_lines(evidence: Evidence, without: list[str], zone: tzinfo) -> list[str]:
    lines = [
        f"history: {evidence.days_with_data:g} of {evidence.days:g} days with data, "
        f"{evidence.points_with_data} of {evidence.points} points"
    ]
    lines += [
        f"  gap {moment(gap.start, zone)} to {moment(gap.end, zone)} ({gap.hours:g} h) without any sample"
        for gap in evidence.gaps[:NAMED]
    ]
    lines += [
        f"  {each.point}: heard {each.heard_percent:g} % of the time, "
        f"silent for up to {_span(each.longest_silence_s)}"
        for each in evidence.points_partly_heard[:NAMED]
    ]
    if without:
        lines.append(f"  no data, so nothing is proved, for {len(without)} rules: {_some(without)}")
    return lines


def _of_rules(result: Backtest) -> list[str]:
    differing = [each for each in result.by_rule if each.gained or each.lost or each.shifted]
    return [
        f"  {each.rule} ({each.priority}): {each.before} → {each.after}, gained {each.gained}, "
        f"lost {each.lost}, shifted {each.shifted}"
        for each in differing[:NAMED]
    ]


def _first_apart(told: Iterable[Told]) -> list[Told]:
    """Those that nothing else tells of; what was only merged or split is counted, not listed."""
    return [each for each in told if not each.within_other][:NAMED]


def _told(word: str, each: Told, zone: tzinfo) -> str:
    return f"{word}: {each.rule} ({each.priority}) {moment(each.began, zone)} for {_span(each.duration_s)}"


def _moved(each: Shifted, zone: tzinfo) -> str:
    return (
        f"shifted: {each.rule} {moment(each.began_before, zone)} begins {each.begins_later_s:+g} s, "
        f"lasts {each.lasts_longer_s:+g} s"
    )


def _truth_lines(truth: TruthChanges) -> list[str]:
    lines = [f"true events: {truth.events}, seen {truth.seen_before} → {truth.seen_after}"]
    if truth.newly_missed:
        lines.append(f"  NEWLY MISSED: {_some(truth.newly_missed)}")
    if truth.newly_seen:
        lines.append(f"  newly seen: {_some(truth.newly_seen)}")
    lines += [
        f"  {each.event}: delay {_shown(each.delay_before_s)} s → {_shown(each.delay_after_s)} s"
        for each in truth.changed[:NAMED]
    ]
    return lines


def moment(ns: int, zone: tzinfo = UTC) -> str:
    """`2026-10-01 08:00:00+00:00`."""
    return datetime.fromtimestamp(ns / 1e9, zone).isoformat(" ", "seconds")


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:g} s"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
