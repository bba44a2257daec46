"""Slow and obvious twins of the stage of delays and of the bank: one object a rule, plain Python."""

import math

from detectors.catalogue import kinds
from detectors.contract import NEVER, SECOND_NS
from detectors.quality import CLEARS, FIRST_BAD, Quality
from tests.detectors.naive import TWINS

NO_VALUE = int(Quality.BAD_NO_COMMUNICATION)
ALIVE = 60 * SECOND_NS


class Delays:
    """On-delay, off-delay and latch of one rule. Gives (active, onset, source_time, value, quality,
    figure, cause) tuples.

    The condition after its delays is `told`; an episode is active while it is, or while a latch holds it.
    """

    def __init__(self, on_delay_s=0.0, off_delay_s=0.0, latched=False, signs=(), one_is_enough=False):
        """signs: for each point that the rule listens to, a function that tells when it was heard last."""
        self.signs, self.one_is_enough = signs, one_is_enough
        self.on_delay = round(on_delay_s * SECOND_NS)
        self.off_delay = round(off_delay_s * SECOND_NS)
        self.latched = latched
        self.told = self.active = False
        self.pending = None  # (edge, value, quality, deadline)
        self.last = None  # (edge, value, quality) of the newest falling edge
        self.onset = None

    def deadline(self):
        return self.pending[3] if self.pending else NEVER

    def fire(self, received):
        """Changes due at or before `received`, each with its deadline."""
        while self.pending and self.pending[3] <= received:
            edge, value, quality, due = self.pending
            if edge.truth or not self.off_delay or self.somebody_spoke(edge.source_time):
                return [(due, self.come_true())]
            self.pending = (edge, value, quality, due + self.off_delay)
        return []

    def somebody_spoke(self, since):
        """Since the condition ended, and none that was alive then has been silent."""
        heard = [sign() for sign in self.signs]
        spoke = [each for each in heard if each >= since + self.off_delay // 2]
        silent = [each for each in heard if each < since + self.off_delay // 2]
        died = [each for each in silent if each >= since - max(self.off_delay, ALIVE)]
        return bool(spoke) and (self.one_is_enough or not died)

    def come_true(self):
        edge, value, quality, _ = self.pending
        self.pending = None
        return self.tell(edge, self.delay_of(edge), value, quality, "timer")

    def delay_of(self, edge):
        return self.on_delay if edge.truth else self.off_delay

    def tell(self, edge, delay, value, quality, cause):
        """The condition after its delays is the edge's truth from now on."""
        begins = edge.truth and not self.active
        self.told = edge.truth
        self.active = edge.truth or self.latched
        if begins:
            self.onset = edge.source_time
        if self.active and not self.told:
            cause = "latched"
        return (self.active, self.onset, edge.source_time + delay, value, quality, edge.figure, cause)

    def see(self, edge, received, value, quality, cause):
        changes = []
        if not edge.truth:
            self.last = (edge, value, quality)
        if self.pending:
            waited = edge.source_time - self.pending[0].source_time
            if waited > self.delay_of(self.pending[0]):
                changes.append(self.come_true())
            self.pending = None
        if edge.truth == self.told:
            return changes
        if delay := self.delay_of(edge):
            self.pending = (edge, value, quality, received + delay)
        else:
            changes.append(self.tell(edge, 0, value, quality, cause))
        return changes

    def reset(self, received):
        """(the ending change or None, whether it was refused)."""
        if not self.active:
            return None, False
        if self.told or self.pending:
            return None, True
        self.active = False
        edge, value, quality = self.last
        return (False, self.onset, received, value, quality, edge.figure, "reset"), False


class NaiveBank:
    """The bank, one rule at a time."""

    def __init__(self, rules):
        self.rules = rules
        self.kinds = [kinds()[rule.kind] for rule in rules]
        self.twins = [TWINS[rule.kind](rule.params) for rule in rules]
        self.heard = {}
        self.delays = [
            Delays(
                rule.on_delay_s,
                rule.off_delay_s,
                rule.latched,
                [self.sign(*each) for each in self.listens(rule)],
                kind.judges_silence,
            )
            for rule, kind in zip(rules, self.kinds, strict=True)
        ]
        self.over = [row for row, kind in enumerate(self.kinds) if kind.over_rules]
        self.resumed = False

    def listens(self, rule):
        """(point, whether a bad sample is a sign of life) of all that the rule listens to."""
        kind = kinds()[rule.kind]
        if kind.over_rules:
            return {sign for row in rule.watched for sign in self.listens(self.rules[row])}
        return {(point, kind.sees_bad) for point in (rule.point, *rule.members)}

    def sign(self, point, any_sample):
        return lambda: self.heard.get((point, any_sample), -math.inf)

    def resume(self, received):
        self.resumed = True
        for twin in self.twins:
            twin.resume(received)

    def tell(self, happened, received, shown=lambda rule: (math.nan, NO_VALUE, "timer")):
        """What the rules over rules make of (order, row, change): their own (order, row, change).

        `received` None: each happened at its order."""
        out = []
        for order, row, change in sorted(happened, key=lambda each: each[:2]):
            at = order if received is None else received
            for over in self.over:
                watched = self.rules[over].watched
                if row not in watched:
                    continue
                edge = self.twins[over].learn(watched.index(row), change[0], change[2])
                if edge:
                    delay = self.delays[over]
                    out += [(due, over, each) for due, each in delay.fire(at)]
                    out += [(order, over, each) for each in delay.see(edge, at, *shown(self.rules[over]))]
        return out

    def reset(self, rows, received):
        """-> (list of (rule, *change, sample), rows refused), like Bank.reset."""
        out, refused, happened = self.step([], received), set(), []
        for first, over in ((0, False), (len(rows), True)):
            for i, row in enumerate(row for row in rows if (row in self.over) == over):
                change, still_true = self.delays[row].reset(received)
                if change:
                    happened.append((first + i, row, change))
                if still_true:
                    refused.add(row)
            if not over:
                happened += self.tell(happened, received)
        happened.sort(key=lambda each: each[:2])
        out += [(row, *change, -1) for _, row, change in happened]
        return out, [row for row in rows if row in refused]

    def step(self, samples, received):
        """`samples`: list of (point, source_time, value, quality) -> list of (rule, *change, sample)."""
        if not self.resumed:
            self.resume(received)
        timers = []
        for row, (twin, delay) in enumerate(zip(self.twins, self.delays, strict=True)):
            if row in self.over:
                continue
            edge = twin.pass_time(received)
            if edge:
                timers += [(due, row, change) for due, change in delay.fire(edge.received)]
                settled = delay.see(edge, edge.received, math.nan, NO_VALUE, "timer")
                timers += [(edge.received, row, change) for change in settled]
            timers += [(due, row, change) for due, change in delay.fire(received)]
        timers += self.tell(timers, None)
        timers += [(due, row, each) for row in self.over for due, each in self.delays[row].fire(received)]
        timers.sort(key=lambda each: each[:2])
        out = [(row, *change, -1) for _, row, change in timers]
        # The bank notes for a whole batch who spoke; nothing that pends comes true among its samples.
        for point, time, _, quality in samples:
            self.heard[point, True] = received
            if CLEARS[quality]:
                self.heard[point, False] = time
        for i, sample in enumerate(samples):
            happened = [(i, row, change) for row, change in self.judge(sample, received)]
            happened += self.tell(happened, received, lambda rule, sample=sample: shown(rule, sample))
            happened.sort(key=lambda each: each[:2])
            out += [(row, *change, i) for _, row, change in happened]
        return out

    def judge(self, sample, received):
        """(row, change) of every rule that watches the sample's point."""
        point, time, value, quality = sample
        for row, (rule, twin, delay) in enumerate(zip(self.rules, self.twins, self.delays, strict=True)):
            points = (rule.point, *rule.members)
            if row in self.over or point not in points or (quality >= FIRST_BAD and not twin.sees_bad):
                continue
            edge = twin.see_slot(points.index(point), time, value, quality, received)
            if edge:
                for change in delay.see(edge, received, *shown(rule, sample)):
                    yield row, change


def shown(rule, sample):
    """(value, quality, cause) of an edge: the value only of the rule's own point."""
    point, _, value, quality = sample
    return (value if point == rule.point and quality < FIRST_BAD else math.nan), quality, "sample"
