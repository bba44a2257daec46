"""One rule on one point, told in seconds: `watch(...)`, then samples and waits, each giving what changed."""

from typing import NamedTuple

from detectors.bank import CAUSES, Bank, RuleRow
from detectors.catalogue import kind
from detectors.contract import SECOND_NS
from detectors.quality import Quality
from tests.detectors.traffic import START, columns


class Change(NamedTuple):
    active: bool
    onset: float
    at: float  # source_time, s from the start
    value: float
    figure: float
    cause: str


def seconds(time):
    return (int(time) - START) / SECOND_NS


class Timeline:
    def __init__(self, name, settings, delays):
        self.rule = RuleRow("works/rule", 0, name, kind(name).params(**settings), **delays)
        self.bank = Bank([self.rule], 1)
        self.bank.resume(START)

    def sample(self, at, value=0.0, quality=Quality.GOOD, received=None):
        """A sample measured `at`, received then or later; the changes that it and the time brought."""
        return self.burst([(at, value, quality)], at if received is None else received)

    def burst(self, samples, received):
        """Stored samples that arrive together."""
        batch = [(0, START + round(at * SECOND_NS), value, int(quality)) for at, value, quality in samples]
        return told(self.bank.step(columns(batch), START + round(received * SECOND_NS)))

    def wait(self, until):
        return told(self.bank.advance(START + round(until * SECOND_NS)))

    def reset(self, at):
        changes, refused = self.bank.reset([0], START + round(at * SECOND_NS))
        return told(changes), list(refused)


def told(changes):
    return [
        Change(
            bool(changes.active[i]),
            seconds(changes.onset[i]),
            seconds(changes.source_time[i]),
            float(changes.value[i]),
            float(changes.figure[i]),
            CAUSES[changes.cause[i]],
        )
        for i in range(len(changes.rule))
    ]


def watch(name, on_delay_s=0.0, off_delay_s=0.0, latched=False, **settings):
    delays = {"on_delay_s": on_delay_s, "off_delay_s": off_delay_s, "latched": latched}
    return Timeline(name, settings, delays)


def states(changes):
    """(active, at) of each, for tests that care for nothing else."""
    return [(change.active, change.at) for change in changes]
