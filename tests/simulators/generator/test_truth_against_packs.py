"""What the truth of a generated plant expects, the packs alarm; and nothing else."""

from collections import defaultdict
from pathlib import Path

import pytest

from alarm_rules.load import load_site
from gateway.engine import Engine
from gateway.samples import NO_SAMPLES, columns, concatenate
from simulators.generator.files import write_plant
from simulators.generator.incident_truth import IncidentTruth
from simulators.generator.plan import make_plan
from simulators.generator.traffic import Traffic

SECOND_NS = 1_000_000_000
START = 1_700_000_000 * SECOND_NS
SECONDS = 3_000
TOGETHER = 10
"""Seconds in a batch."""
SETTLING_NS = 600 * SECOND_NS
"""A gas detector's own deadband and a level's off-delay end an alarm after its incident."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[int]], list]:
    """(moments at which a condition began, by point; the truth)."""
    folder: Path = tmp_path_factory.mktemp("plant")
    population = write_plant(make_plan(points=400, seed=2), folder)
    site = load_site(folder)
    engine = Engine(site, [point.id for point in site.points])
    engine.judge(NO_SAMPLES, START, resumed=True)
    traffic = Traffic(population, start_ns=START, rate=1.0)
    began: dict[str, list[int]] = defaultdict(list)
    for _ in range(SECONDS // TOGETHER):
        batch = concatenate([columns(*traffic.advance()) for _ in range(TOGETHER)])
        for change in engine.judge(batch, traffic.now_ns).changes:
            if change.active:
                began[change.point].append(change.received_time)
    truth = IncidentTruth(population, SECONDS, start_ns=START, rate=1.0)
    return began, list(truth.lines())


def test_every_expected_incident_is_alarmed_before_it_ends(judged):
    began, lines = judged
    ended = [line for line in lines if line.end_ns <= START + SECONDS * SECOND_NS and line.expected_points]
    assert len(ended) >= 4
    for line in ended:
        (point,) = line.expected_points
        assert any(line.start_ns <= at <= line.end_ns for at in began[point]), (line.event, point)


def test_nothing_is_alarmed_outside_of_the_incidents(judged):
    began, lines = judged
    spans = defaultdict(list)
    for line in lines:
        spans[f"{line.enterprise}/{line.details['point']}"].append((line.start_ns, line.end_ns + SETTLING_NS))
    for point, moments in began.items():
        for at in moments:
            assert any(begin <= at <= end for begin, end in spans[point]), (point, (at - START) / SECOND_NS)
