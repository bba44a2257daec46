"""However arrivals are gathered into batches and wherever the gateway dies, the changes are the same."""

import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarm_rules.condition import ConditionChange
from alarm_rules.model import Site
from gateway.pipeline import Limits
from tests.gateway.plant import Inner, Sample, at, make_site, unnumbered

VALUES = {
    "LT1": (5.0, 9.8, 10.0, 10.4, 11.0, 12.6),
    "PT1": (20.0, 79.9, 85.0),
    "TT1": (20.0, 30.0, 60.0),
    "FT1": (3.0, 3.0, 4.0),
}
QUALITIES = ("good", "good", "good", "good", "uncertain", "uncertain_over_range", "bad_sensor_failure")
SNAPSHOTS = Limits(snapshot_samples=7)


class Moment(NamedTuple):
    """Arrivals of one received_time."""

    now: float
    arrivals: list[list[Sample]]


@st.composite
def timelines(draw: st.DrawFn) -> list[Moment]:
    now, moments = 0.0, []
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.sampled_from((0.5, 1, 2, 5, 11, 40)))
        arrivals = []
        for _ in range(draw(st.integers(0, 4))):
            tags = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True))
            arrivals.append(
                [
                    Sample(
                        tag,
                        now - draw(st.sampled_from((0.0, 0.25, 0.5, 3.0, 20.0))),
                        draw(st.sampled_from(VALUES[tag])),
                        draw(st.sampled_from(QUALITIES)),
                    )
                    for tag in tags
                ]
            )
        moments.append(Moment(now, arrivals))
    return moments


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


def play(gateway: Inner, moment: Moment, cuts: set[int]) -> list[ConditionChange]:
    """The arrivals of a moment, as one batch or cut into several."""
    changes, batch = [], []
    for i, arrival in enumerate(moment.arrivals):
        batch += [arrival]
        if i in cuts:
            changes += judged(gateway, moment.now, batch)
            batch = []
    return changes + judged(gateway, moment.now, batch)


def judged(gateway: Inner, now: float, batch: list[list[Sample]]) -> list[ConditionChange]:
    gateway.clock.set(at(now))
    return gateway.pipeline.process_now([gateway.arrival(samples) for samples in batch], at(now))


@settings(max_examples=25, deadline=None)
@given(timelines(), st.lists(st.sets(st.integers(0, 3)), min_size=12, max_size=12))
def test_splitting_arrivals_of_one_moment_changes_nothing(
    site: Site, timeline: list[Moment], cuts: list[set[int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole, split = Inner(site, Path(folder) / "whole"), Inner(site, Path(folder) / "split")
        for moment, cut in zip(timeline, cuts, strict=False):
            assert unnumbered(play(split, moment, cut)) == unnumbered(play(whole, moment, set()))
        assert whole.active() == split.active()
        whole.close()
        split.close()


@settings(max_examples=25, deadline=None)
@given(timelines(), st.sets(st.integers(0, 11), max_size=4), st.booleans())
def test_restart_anywhere_changes_nothing(
    site: Site, timeline: list[Moment], deaths: set[int], redelivered: bool
) -> None:
    """`redelivered`: what came last comes again, because the publisher saw no acknowledgement."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Inner(site, Path(folder) / "whole")
        dying = Inner(site, Path(folder) / "dying", limits=SNAPSHOTS)
        for number, moment in enumerate(timeline):
            play(whole, moment, set())
            play(dying, moment, set())
            if number in deaths:
                dying.close(snapshot=False)
                dying = Inner(site, Path(folder) / "dying", now=moment.now, limits=SNAPSHOTS)
                if redelivered:
                    assert play(dying, moment, set()) == []
        assert dying.changes() == whole.changes()
        assert dying.active() == whole.active()
        latest, kept = whole.pipeline.engine.latest, dying.pipeline.engine.latest
        assert latest.source_time.tolist() == kept.source_time.tolist()
        assert latest.locked.tolist() == kept.locked.tolist()
        whole.close()
        dying.close()
