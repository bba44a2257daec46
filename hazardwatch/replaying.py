"""`hazardwatch replay`: lines on standard output, one for each condition change, then the summary."""

import math
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, tzinfo
from pathlib import Path

import msgspec

from alarm_rules.condition import ConditionChange
from alarm_rules.load import load_site, load_site_files
from alarm_rules.model import Site
from gateway.journal_reader import JournalReader
from gateway.recording import check_recording, read_offset, read_recording, read_truth
from gateway.replay import Replay
from gateway.replay_summary import ReplaySummary
from gateway.warm_up import warm_up
from hazardwatch.output import KernelProgress, english, errors


def replay_recording(
    recording: Path,
    register: Path,
    rules: Path | None,
    truth: Path | None,
    data: Path | None,
    speed: float,
    *,
    utc_offset: str,
    as_json: bool,
) -> None:
    """Replay and print. Raises SiteInvalid, RecordingInvalid, JournalDamaged, JournalFailed, OSError, and
    RuntimeError when the data folder is in use, and ValueError when no sample of it could be used."""
    if speed < 0 or not math.isfinite(speed):
        raise ValueError(f"speed {speed:g} must be 0 (as fast as it goes) or a number of times real time")
    zone = read_offset(utc_offset)
    site = _site(register, rules)
    check_recording(recording, zone)
    events = read_truth(truth, zone) if truth else None
    warm_up(KernelProgress())
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hazardwatch-replay-")))
        folder.mkdir(parents=True, exist_ok=True)
        replay = Replay(site, folder)
        stack.callback(replay.close)
        started = time.perf_counter()
        for change in replay.run(read_recording(recording, zone), speed):
            print(msgspec.json.encode(change).decode() if as_json else _line(change, zone), flush=speed > 0)
        replay.finish()
        summary = replay.summary(time.perf_counter() - started, events)
        refused = None if summary.samples or summary.moments_before else _first_refusal(folder)
    print(msgspec.json.encode(summary).decode() if as_json else _text(summary))
    if refused:
        raise ValueError(f"{recording}: no sample of it could be used: {refused}")


def _site(register: Path, rules: Path | None) -> Site:
    if rules is None:
        site = load_site(register)
    elif register.is_dir():
        raise ValueError(f"{register} is a folder, which holds its own rules: leave --rules away")
    else:
        site = load_site_files([register], [rules])
    if not site.rules:
        errors.print(
            f"{rules or register}: no rules, so nothing can alarm: give --rules, or add packs: [...]",
            style="yellow",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    return site


def _first_refusal(folder: Path) -> str | None:
    reader = JournalReader(folder / "journal.sqlite")
    try:
        return next((english(row.reason) for row in reader.quarantine(limit=1)), None)
    finally:
        reader.close()


def _line(change: ConditionChange, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(change.source_time / 1e9, zone).strftime("%Y-%m-%d %H:%M:%S")
    what = "began" if change.active else "ended"
    if change.active and change.cause == "latched":
        what = "is over, its latch holds it"
    value = "" if change.value is None else f" at {change.value:g}"
    figure = "" if change.figure is None else f" ({change.figure:g})"
    return f"{at}  {change.rule} {what}{value}{figure}"


def _text(summary: ReplaySummary) -> str:
    lines = [
        f"{summary.samples} samples in {summary.seconds} s ({summary.samples_per_s}/s), "
        f"{summary.quarantined} messages quarantined",
        *(
            [f"went on behind {summary.moments_before} rows that an earlier run had judged"]
            if summary.moments_before
            else []
        ),
        *summary.troubles,
        f"{summary.alarms} conditions began, {summary.still_active} are still active",
    ]
    if summary.events is not None:
        median = f", median delay {summary.delay_s['median']:g} s" if summary.delay_s else ""
        lines.append(f"{summary.seen} of {summary.events} true events seen, {summary.seen_anew} anew{median}")
    return "\n".join(lines)
