"""A labelled recording: CSV of what instruments said, CSV of what really happened.

The truth does not say which sensor ought to alarm, so any point of the site counts for an event, and an alarm
anywhere outside all events is a false one. Sources that nobody labelled make false alarms of true ones: the
figures are upper bounds. Blocks, for the intervals, are the UTC days.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from alarm_rules.condition import ConditionChange
from alarm_rules.load import load_site, load_site_files
from alarm_rules.model import Site
from detectors.contract import Samples
from evaluation.alarms import Alarm, collect_alarms, units_of
from evaluation.judging import Judged, Row, Run, judge_site
from evaluation.matching import GRACE_S, SECOND_NS, Danger, Span
from evaluation.runs import deadlines_before
from evaluation.sites import EXAMPLES
from gateway.engine import Engine
from gateway.messages import Messages
from gateway.mqtt.devices import TOPIC_ROOT
from gateway.recording import TrueEvent, check_recording, read_recording, read_truth
from gateway.replay import MAX_PAYLOAD, of_any_device
from gateway.samples import NO_SAMPLES

DAY_NS = 86_400 * SECOND_NS
EXAMPLE = EXAMPLES / "metec"
"""Register and rules when none are given."""


class Recorded(NamedTuple):
    """A recording as the gateway would have judged it."""

    site: Site
    alarms: list[Alarm]
    moments: list[tuple[int, Samples]]
    """(received_time, samples as settled)."""
    truth: list[TrueEvent]


def read_site(register: Path | None, rules: Path | None) -> Site:
    """Raises SiteInvalid."""
    register = register or EXAMPLE
    if rules is None:
        return load_site(register)
    registers = sorted(register.glob("register.*")) if register.is_dir() else [register]
    return load_site_files(registers, [rules])


def judge_recording(site: Site, observations: Path, truth: Path, zone: tzinfo = UTC) -> Recorded:
    """Send a recording through codec, settling and detectors, on its own time.

    Raises RecordingInvalid, OSError, and ValueError when the register has several enterprises or knows no
    column of the recording.
    """
    if len(site.enterprises) != 1:
        raise ValueError("a recording belongs to one enterprise: give a register with one")
    check_recording(observations, zone)
    events = read_truth(truth, zone)
    enterprise = site.enterprises[0].id
    names = [point.id for point in site.points]
    engine = Engine(site, names)
    messages = Messages(of_any_device(site), engine.number, {"data": "json"}, MAX_PAYLOAD)
    topic = f"{TOPIC_ROOT}/{enterprise}/recording/data"
    changes: list[ConditionChange] = []
    moments: list[tuple[int, Samples]] = []
    for moment in read_recording(observations, zone):
        if not moments:
            engine.judge(NO_SAMPLES, moment.time, resumed=True)
        changes += deadlines_before(engine, moment.time)
        samples = messages.read(enterprise, "recording", topic, moment.payload).samples
        changes += engine.judge(samples, moment.time).changes
        moments.append((moment.time, samples))
    if moments and not any(moments[0][0] <= event.start <= moments[-1][0] for event in events):
        raise ValueError(
            f"{truth}: no event begins within the recording {observations}: give the truth of the same time, "
            "and --utc-offset if its times have none"
        )
    if not any(len(samples.point) for _, samples in moments):
        raise ValueError(
            f"{observations}: the register knows none of its columns: name tags as they head them"
        )
    return Recorded(site, collect_alarms(changes, site.rules), moments, events)


def judge_days(recorded: Recorded) -> list[dict[Row, Judged]]:
    """One judgement a UTC day; an event belongs to the day on which it starts."""
    return [judge_site(recorded.site, run, alarms) for run, alarms in days(recorded, recorded.alarms)]


def days(recorded: Recorded, alarms: Sequence[Alarm]) -> list[tuple[Run, list[Alarm]]]:
    """Each UTC day as a run, with those of the alarms that may speak for it.

    An alarm belongs to the day of its beginning; those of the events that started on the day are with it
    however late they came, so a judgement counts false ones of its own day only.
    """
    first, last = recorded.moments[0][0], recorded.moments[-1][0]
    units = units_of(recorded.site)
    everywhere = frozenset(units.values())
    spans = [Span(everywhere, event.start, event.end) for event in recorded.truth]
    found = []
    for day in range(first // DAY_NS, last // DAY_NS + 1):
        start, end = max(first - 1, day * DAY_NS), min(last, (day + 1) * DAY_NS)
        dangers = [_danger(event, everywhere) for event in recorded.truth if start < event.start <= end]
        latest = max([end, *(danger.end + round(GRACE_S * SECOND_NS) for danger in dangers)])
        run = Run("recording", day, start, end, units, dangers, spans)
        found.append((run, [one for one in alarms if _near(one, start, latest)]))
    return found


def _near(alarm: Alarm, start: int, latest: int) -> bool:
    return alarm.began <= latest and (alarm.ended is None or alarm.ended >= start)


def _danger(event: TrueEvent, units: frozenset[str]) -> Danger:
    return Danger(
        name="release",
        danger="slow",
        points=(),
        needs="any",
        units=units,
        start=event.start,
        end=event.end,
        of_instrument=False,
    )


def day_name(block: int) -> str:
    """ISO date of a block."""
    return datetime.fromtimestamp(block * 86_400, UTC).date().isoformat()
