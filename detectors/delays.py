"""The stage after every kind: on-delay, off-delay and latch turn edges of truth into changes.

One row a rule, whatever its kind. Time runs twice. In *received* time a delay has a deadline, and
`fire` gives what is due at or before a moment. In *source* time a condition that began at s1 and
ended at s2 has lasted s2 - s1, however late the samples came: a burst of stored samples raises what
the live samples would have raised. (OPC UA Part 9: OnDelay, OffDelay, LatchedState.)

* Rising edge: no on-delay: active at once. Else it pends until received + on_delay.
* Falling edge while that pends: if it lasted longer than on_delay in source time, active first, and
  then the falling edge; else nothing ever happened.
* Falling edge of an active rule: no off-delay: ended at once. Else the end pends in the same way, and
  a rising edge takes it back, unless in source time the pause was longer than off_delay: then the
  episode ends and another begins.
* Silence ends nothing: when the end has pended for its off-delay and the point has not spoken in the
  second half of it (with a quality that may clear; for a kind that sees bad samples, at all), it pends
  for another off-delay. One normal sample before an instrument died is no minute of normal samples.
  Of a rule that watches several points every one must have spoken so that was alive when the condition
  ended: heard in the off-delay before it, or in the minute before it if that is longer. Those that were
  silent before the end had no part in it, unless all were. Where the kind itself judges silence
  (`DetectorKind.judges_silence`) one point that speaks is enough. A rule over rules listens to the points
  of all rules that it watches.
* Latched: what would end the episode is told as a change that is still active, cause `latched`: the
  condition is over and the latch holds the episode. What would begin an episode is then told as a change
  with the same onset: true again. Delays count for both as ever. Only `reset` ends the episode, and only
  while the latch alone holds it: neither while the condition is true nor while a delay pends.

An edge that a kind's own timer made happens, in both times, at the deadline that it carries. An edge of a
rule over rules happens when the change that it was fed with did, in both times.

In `put` and `settle_edge` truths are joined by `&` and `|` on purpose: with `and` and `or` numba counts
the references of every column up and down at every edge, which takes twenty times as long as the edge.
"""

import math

from detectors.changes import LATCHED, RESET, SAMPLE, TIMER, ChangeColumns
from detectors.contract import NEVER, NO_SAMPLE, Bool, Edges, Int32, Samples
from detectors.delay_columns import DelayParameters, DelayState, Fed, Heard
from detectors.kernel import compiled
from detectors.quality import FIRST_BAD, Quality

NOT_PENDING, PENDING_ON, PENDING_OFF = range(3)
NO_VALUE = int(Quality.BAD_NO_COMMUNICATION)
"""Quality of an edge that no sample made: there is no value to show."""
ALIVE = 60_000_000_000
"""ns: who spoke so shortly before the condition ended was alive. A default of this project."""


@compiled
def put(
    parameters: DelayParameters,
    state: DelayState,
    rule: int,
    truth: bool,
    source_time: int,
    sample: int,
    cause: int,
    order: int,
    out: ChangeColumns,
) -> None:
    """The condition is true or over, after its delays, with the edge kept: write what that changes.

    An episode begins or ends; or its latch holds it from now on, or what the latch held is true again.
    """
    latched = parameters.latched[rule] & (not truth) & (cause != RESET)
    if not state.active[rule]:
        state.onset[rule] = state.since[rule]
    state.active[rule] = truth | latched
    state.held[rule] = latched
    state.pending[rule] = NOT_PENDING
    state.deadline[rule] = NEVER
    i = out.filled[0]
    out.rule[i] = rule
    out.active[i] = state.active[rule]
    out.onset[i] = state.onset[rule]
    out.source_time[i] = source_time
    out.value[i] = state.value[rule]
    out.quality[i] = state.quality[rule]
    out.figure[i] = state.figure[rule]
    out.sample[i] = sample
    out.cause[i] = LATCHED if latched else cause
    out.order[i] = order
    out.filled[0] = i + 1


@compiled
def end_pending(
    parameters: DelayParameters, state: DelayState, rule: int, sample: int, order: int, out: ChangeColumns
) -> None:
    """The delay has passed: what pended comes true, at the source time at which it passed there."""
    truth = state.pending[rule] == PENDING_ON
    delay = parameters.on_delay[rule] if truth else parameters.off_delay[rule]
    put(parameters, state, rule, truth, state.since[rule] + delay, sample, TIMER, order, out)


@compiled
def silence_speaks(parameters: DelayParameters, state: DelayState, heard: Heard, rule: int) -> bool:
    """Would the end that pends come only because the points, or one of them, fell silent?"""
    since = state.since[rule]
    delay = parameters.off_delay[rule]
    spoken = False
    for k in range(parameters.life_starts[rule], parameters.life_starts[rule + 1]):
        newest = heard[parameters.life_points[k], parameters.life_columns[k]]
        if newest >= since + delay // 2:
            spoken = True
        elif newest >= since - max(delay, ALIVE) and not parameters.one_is_enough[rule]:
            return True
    return not spoken


@compiled
def come_due(
    parameters: DelayParameters,
    state: DelayState,
    heard: Heard,
    rule: int,
    received_time: int,
    out: ChangeColumns,
) -> None:
    """The deadline has passed: what pended comes true, unless it is an end that only silence speaks for."""
    due = state.deadline[rule]
    delay = parameters.off_delay[rule]
    sure = state.pending[rule] == PENDING_ON or delay == 0
    if sure or not silence_speaks(parameters, state, heard, rule):
        end_pending(parameters, state, rule, NO_SAMPLE, due, out)
    else:
        # As many whole delays further as put it into the future, however late we come.
        state.deadline[rule] = due + ((received_time - due) // delay + 1) * delay


@compiled
def keep_edge(state: DelayState, rule: int, since: int, value: float, quality: int, figure: float) -> None:
    state.since[rule] = since
    state.value[rule] = value
    state.quality[rule] = quality
    state.figure[rule] = figure


@compiled
def settle(
    edges: Edges,
    count: int,
    rules: Int32,
    samples: Samples,
    origin: Int32,
    received_time: int,
    parameters: DelayParameters,
    state: DelayState,
    heard: Heard,
    out: ChangeColumns,
) -> int:
    """Settle the first `count` edges of one kind; the earliest deadline among their rules, or NEVER.

    `rules` maps the kind's rows to rules; `origin` maps edge samples to samples of the whole batch, and
    is empty where they are the same. `out` must have room for two changes an edge.
    """
    earliest = NEVER
    for i in range(count):
        rule = rules[edges.row[i]]
        time = edges.source_time[i]
        sample = NO_SAMPLE
        order = time
        received = time
        value = math.nan
        quality = NO_VALUE
        cause = TIMER
        if edges.sample[i] != NO_SAMPLE:
            sample = edges.sample[i]
            if origin.shape[0] > 0:
                sample = origin[sample]
            order = sample
            received = received_time
            quality = samples.quality[sample]
            cause = SAMPLE
            # The value of another point than the rule's own would be taken for the own one's.
            if quality < FIRST_BAD and samples.point[sample] == parameters.point[rule]:
                value = samples.value[sample]
        elif state.deadline[rule] <= received:
            come_due(parameters, state, heard, rule, received, out)
        settle_edge(
            parameters, state, rule, edges.truth[i], time, received, value, quality, edges.figure[i],
            sample, cause, order, out,
        )  # fmt: skip
        earliest = min(earliest, state.deadline[rule])
    return int(earliest)


@compiled
def settle_fed(
    edges: Edges,
    count: int,
    rules: Int32,
    samples: Samples,
    fed: Fed,
    parameters: DelayParameters,
    state: DelayState,
    heard: Heard,
    out: ChangeColumns,
) -> int:
    """Settle the edges of a kind over rules, whose samples stand in `fed`; else like `settle`.

    `samples` are those of the batch. What pends until the time of the edge comes first.
    """
    earliest = NEVER
    for i in range(count):
        rule = rules[edges.row[i]]
        place = edges.sample[i]
        sample = fed.sample[place]
        received = fed.received[place]
        value = math.nan
        quality = NO_VALUE
        cause = TIMER
        if sample != NO_SAMPLE:
            quality = samples.quality[sample]
            cause = SAMPLE
            if quality < FIRST_BAD and samples.point[sample] == parameters.point[rule]:
                value = samples.value[sample]
        if state.deadline[rule] <= received:
            come_due(parameters, state, heard, rule, received, out)
        settle_edge(
            parameters, state, rule, edges.truth[i], edges.source_time[i], received, value, quality,
            edges.figure[i], sample, cause, fed.order[place], out,
        )  # fmt: skip
        earliest = min(earliest, state.deadline[rule])
    return int(earliest)


@compiled
def settle_edge(
    parameters: DelayParameters,
    state: DelayState,
    rule: int,
    truth: bool,
    time: int,
    received: int,
    value: float,
    quality: int,
    figure: float,
    sample: int,
    cause: int,
    order: int,
    out: ChangeColumns,
) -> None:
    """One edge of one rule; the module's docstring says what happens."""
    delay = parameters.on_delay[rule]
    if state.pending[rule] == PENDING_OFF:
        delay = parameters.off_delay[rule]
    if state.pending[rule] != NOT_PENDING:
        if time - state.since[rule] > delay:
            end_pending(parameters, state, rule, sample, order, out)
        else:
            state.pending[rule] = NOT_PENDING
            state.deadline[rule] = NEVER
    held = state.held[rule]
    told = state.active[rule] & (not held)
    if (truth != told) | held:
        keep_edge(state, rule, time, value, quality, figure)
    if truth == told:
        return
    delay = parameters.on_delay[rule] if truth else parameters.off_delay[rule]
    if delay == 0:
        put(parameters, state, rule, truth, time, sample, cause, order, out)
    else:
        state.pending[rule] = PENDING_ON if truth else PENDING_OFF
        state.deadline[rule] = received + delay


@compiled
def fire(
    parameters: DelayParameters,
    state: DelayState,
    heard: Heard,
    received_time: int,
    over_rules: bool,
    out: ChangeColumns,
) -> int:
    """Give what is due at or before received_time, of the rules over rules or of the others; the earliest
    deadline of all that remains, or NEVER."""
    earliest = NEVER
    for rule in range(state.deadline.shape[0]):
        if state.deadline[rule] <= received_time and parameters.over_rules[rule] == over_rules:
            come_due(parameters, state, heard, rule, received_time, out)
        earliest = min(earliest, state.deadline[rule])
    return int(earliest)


@compiled
def earliest_pending(state: DelayState) -> int:
    """received_time of the next deadline, or NEVER."""
    earliest = NEVER
    for rule in range(state.deadline.shape[0]):
        earliest = min(earliest, state.deadline[rule])
    return int(earliest)


@compiled
def reset(
    parameters: DelayParameters,
    state: DelayState,
    rules: Int32,
    received_time: int,
    first: int,
    refused: Bool,
    out: ChangeColumns,
) -> None:
    """End the episodes among `rules` that only a latch holds; mark in `refused` the other active ones.

    The i-th of them has the order `first + i`.

    While a delay pends nothing is decided yet: the end of the condition is not sure, or it may be coming
    back.
    """
    for i in range(rules.shape[0]):
        rule = rules[i]
        ends = state.held[rule] and state.pending[rule] == NOT_PENDING
        refused[i] = state.active[rule] and not ends
        if ends:
            put(parameters, state, rule, False, received_time, NO_SAMPLE, RESET, first + i, out)
