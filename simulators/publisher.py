"""Publishes a plant over MQTT at QoS 1 and never loses a sample silently.

    source.advance → link.carry → encode → outbox.put … outbox.after → connection.send → PUBACK → acknowledge
             (producer, paced by the clock)                  (delivery, many in flight, reconnects)

The link is what the scenario does to the line: it may hold, copy and reorder messages before they come into
the outbox, and cut the connection.

Whatever is not acknowledged stays in the outbox and is sent again, in order, on the next connection: the
receiver may get a message twice, never too few. A full outbox stops the plant's clock; it catches up when
there is room. Only `on_full="count"`, for runs that must keep real time, lets samples go, and counts them.
"""

import asyncio
import math
import random
from collections.abc import Callable
from typing import Literal

import msgspec

from simulators.connection import LOST, Connection, raise_if_final
from simulators.errors import OutboxUnusable
from simulators.link import Delivery
from simulators.outbox import Outbox, Waiting
from simulators.plant import PlantSamples
from simulators.source import Source
from simulators.target import Target
from simulators.wire import Message, data_topic, encode, encode_stored, state_topic

DRAIN_S = 2.0
"""After `stop`, how long acknowledgements are still waited for."""
GOODBYE_S = 1.0
"""How long the server may take to answer a DISCONNECT by closing."""
FIRST_PAUSE_S = 0.2
PROGRESS_EVERY_S = 1.0
STORED_SAMPLES = 1000
"""In one message of what was stored: some 25 kB, and some 20 ms of a plant's work."""


class PublishReport(msgspec.Struct, kw_only=True):
    """How far a run has come; the last one is its result."""

    samples: int = 0
    """Made in this run and put into the outbox."""
    messages: int = 0
    leftover_messages: int = 0
    """Found in the outbox at the start, from an earlier run."""
    acknowledged_messages: int = 0
    acknowledged_samples: int = 0
    unacknowledged_messages: int = 0
    """Still in the outbox."""
    unacknowledged_samples: int = 0
    lost_on_link: int = 0
    """Samples that the scenario's faults of the line took; they are no loss of this publisher."""
    overflowed_samples: int = 0
    """Made, but found no room in the outbox: these are lost."""
    outbox_survives: bool = False
    """The outbox is a file: what is unacknowledged will be sent by the next run."""
    reconnects: int = 0
    """Connections beyond the first."""
    full_outbox_stops: int = 0
    """How often the plant's clock waited for room."""
    plant_s: float = 0.0
    wall_s: float = 0.0
    last_error: str = ""
    """What ended the last connection, or the last attempt to connect; empty if all is well."""

    @property
    def lost_samples(self) -> int:
        """Made and gone: no acknowledgement, and nowhere kept."""
        return self.overflowed_samples + (0 if self.outbox_survives else self.unacknowledged_samples)


OnProgress = Callable[[PublishReport], None]


def sum_of(reports: list[PublishReport]) -> PublishReport:
    """Of several devices: counts add up; times are the longest; the last error is any."""
    total = PublishReport()
    for report in reports:
        for name in PublishReport.__struct_fields__:
            value, more = getattr(total, name), getattr(report, name)
            if name in ("plant_s", "wall_s"):
                value = max(value, more)
            elif name in ("last_error", "outbox_survives"):
                value = value or more
            else:
                value += more
            setattr(total, name, value)
    return total


async def publish(
    source: Source,
    target: Target,
    *,
    speed: float = 1.0,
    seconds: float | None = None,
    stored_s: float = 0.0,
    stop: asyncio.Event | None = None,
    on_full: Literal["wait", "count"] = "wait",
    on_progress: OnProgress | None = None,
) -> PublishReport:
    """Run a plant for `seconds` of its own time (None: until `stop`) and deliver what it measures.

    `speed` is plant seconds a real second; `math.inf` runs as fast as the receiver takes it. `stored_s`: what
    the source makes in so long a time is stored already, and goes first, at once. Returns when
    everything is acknowledged, or DRAIN_S after `stop`. `on_progress` is called about once a second.
    Raises PublishRefused when a person must mend something, OutboxUnusable for a bad outbox file.
    """
    device = f"{source.enterprise}/{source.gateway}"
    with Outbox(target.outbox, device, target.outbox_capacity) as outbox:
        run = _Run(source, target, outbox, stop or asyncio.Event(), on_full)
        tasks = [
            asyncio.create_task(_produce(run, speed, seconds, stored_s), name="simulator producer"),
            asyncio.create_task(_deliver(run), name="simulator delivery"),
        ]
        watchers = [asyncio.create_task(_give_up(run, tasks), name="simulator stop")]
        if on_progress is not None:
            watchers.append(asyncio.create_task(_tell(run, on_progress), name="simulator progress"))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                if not task.cancelled():
                    task.result()
        finally:
            for task in (*tasks, *watchers):
                task.cancel()
            await asyncio.gather(*tasks, *watchers, return_exceptions=True)
        report = run.report()
    if on_progress is not None:
        on_progress(report)
    return report


class _Run:
    """What producer and delivery share."""

    def __init__(
        self,
        source: Source,
        target: Target,
        outbox: Outbox,
        stop: asyncio.Event,
        on_full: Literal["wait", "count"],
    ) -> None:
        self.source, self.target, self.outbox = source, target, outbox
        self.stop, self.on_full = stop, on_full
        self.news = asyncio.Event()
        """Something for the delivery to look at."""
        self.room = asyncio.Event()
        """The outbox got shorter, or the run is to end."""
        self.made_all = False
        self._began = asyncio.get_running_loop().time()
        self._counts = PublishReport(leftover_messages=len(outbox), outbox_survives=outbox.durable)

    @property
    def counts(self) -> PublishReport:
        return self._counts

    def report(self) -> PublishReport:
        """A copy of the figures as they are now."""
        return msgspec.structs.replace(
            self._counts,
            unacknowledged_messages=len(self.outbox),
            unacknowledged_samples=self.outbox.samples,
            lost_on_link=self.source.link.lost_samples,
            plant_s=self.source.elapsed_s,
            wall_s=asyncio.get_running_loop().time() - self._began,
        )

    def acknowledge(self, sent: list[Waiting]) -> None:
        self.outbox.acknowledge(sent)
        self._counts.acknowledged_messages += len(sent)
        self._counts.acknowledged_samples += sum(one.message.samples for one in sent)
        self.room.set()

    @property
    def finished(self) -> bool:
        return self.made_all and len(self.outbox) == 0

    @property
    def line_down(self) -> bool:
        """What the scenario cut is mended when the run is over."""
        return self.source.link.down and not self.made_all


async def _produce(run: _Run, speed: float, seconds: float | None, stored_s: float) -> None:
    """Due times are reckoned from the start, so a plant that had to wait catches up."""
    loop = asyncio.get_running_loop()
    source, step_s = run.source, run.source.step_s
    stored_until_s = source.elapsed_s + stored_s
    began = loop.time() - stored_until_s / speed
    await _hand_on_stored(run, stored_until_s)
    until = math.inf if seconds is None else seconds
    while source.elapsed_s + step_s <= until + 1e-9:
        await _sleep(began + (source.elapsed_s + step_s) / speed - loop.time(), run.stop)
        if run.stop.is_set():
            break
        samples = source.advance()
        await _hand_on(run, source.link.carry(samples, source.now_ns))
        run.news.set()  # the line may be down, or up again
    await _hand_on(run, source.link.rest())
    run.made_all = True
    run.news.set()


async def _hand_on_stored(run: _Run, until_s: float) -> None:
    """What a source makes up to then, oldest first and as fast as it goes: so does a device that was cut off
    and has kept its samples. Each message holds many moments."""
    source, moments, samples = run.source, list[PlantSamples](), 0
    topic = data_topic(source.enterprise, source.gateway)
    while source.elapsed_s < until_s - 1e-9 and not run.stop.is_set():
        arrived = [one.samples for one in source.link.carry(source.advance(), source.now_ns)]
        moments += arrived
        samples += sum(len(one.tags) for one in arrived)
        if samples >= STORED_SAMPLES or (samples and source.elapsed_s >= until_s - 1e-9):
            await _keep(run, [encode_stored(moments, topic)])
            moments, samples = [], 0
            await asyncio.sleep(0)


async def _hand_on(run: _Run, deliveries: list[Delivery]) -> None:
    topic = data_topic(run.source.enterprise, run.source.gateway)
    for one in deliveries:
        await _keep(run, list(encode(one.samples, topic, retain=one.retained, with_time=one.with_time)))


async def _keep(run: _Run, messages: list[Message]) -> None:
    samples = sum(message.samples for message in messages)
    waited = False
    while not run.outbox.put(messages):
        if len(run.outbox) == 0:
            raise OutboxUnusable(
                f"the outbox has no room for the {len(messages)} messages of one moment: enlarge it"
            )
        if run.on_full == "count" or run.stop.is_set():
            run.counts.overflowed_samples += samples
            return
        run.counts.full_outbox_stops += not waited
        waited = True
        run.room.clear()
        await run.room.wait()
    run.counts.messages += len(messages)
    run.counts.samples += samples
    run.news.set()


async def _deliver(run: _Run) -> None:
    """Connect, send, and again after a pause, until all is acknowledged."""
    source, pause_s, connected = run.source, FIRST_PAUSE_S, False
    will = state_topic(source.enterprise, source.gateway)
    client_id = run.target.client_id or f"{source.enterprise}.{source.gateway}"
    while not run.finished:
        while run.line_down:
            run.news.clear()
            await run.news.wait()
        try:
            async with Connection(run.target, client_id, will, run.news.set) as connection:
                run.counts.reconnects += connected
                run.counts.last_error, connected, pause_s = "", True, FIRST_PAUSE_S
                await _send(run, connection)
        except LOST as error:
            raise_if_final(error)
            run.counts.last_error = str(error) or type(error).__name__
            # Full jitter: many publishers that lost one server must not come back in step.
            await asyncio.sleep(random.uniform(FIRST_PAUSE_S / 2, pause_s))
            pause_s = min(pause_s * 2, run.target.longest_pause_s)


async def _send(run: _Run, connection: Connection) -> None:
    """From the oldest on, with a full window, until all is acknowledged or the connection is lost."""
    flying: dict[asyncio.Task[None], Waiting] = {}
    lost = asyncio.create_task(connection.lost(), name="simulator connection")
    lost.add_done_callback(lambda _: run.news.set())
    last_id, cuts = 0, run.source.link.cuts
    try:
        while not run.finished:
            run.news.clear()
            if run.source.link.cuts != cuts:
                connection.cut()
                await lost
            for waiting in run.outbox.after(last_id, connection.window - len(flying)):
                task = asyncio.create_task(connection.send(waiting.message))
                task.add_done_callback(lambda _: run.news.set())
                flying[task] = waiting
                last_id = waiting.id
            await run.news.wait()
            _collect(run, flying)
            connection.raise_if_refused()
            if lost.done():
                lost.result()
    finally:
        connection.timeout = GOODBYE_S
        lost.cancel()
        for task in flying:
            task.cancel()
        await asyncio.gather(lost, *flying, return_exceptions=True)


def _collect(run: _Run, flying: dict[asyncio.Task[None], Waiting]) -> None:
    """Forget what has been acknowledged; raise what went wrong, after that."""
    done = [task for task in flying if task.done()]
    failed = [task for task in done if task.exception() is not None]
    run.acknowledge([flying[task] for task in done if task not in failed])
    for task in done:
        del flying[task]
    for task in failed:
        task.result()


async def _give_up(run: _Run, tasks: list[asyncio.Task[None]]) -> None:
    await run.stop.wait()
    run.room.set()
    run.news.set()
    await asyncio.sleep(DRAIN_S)
    for task in tasks:
        task.cancel()


async def _tell(run: _Run, on_progress: OnProgress) -> None:
    while True:
        await asyncio.sleep(PROGRESS_EVERY_S)
        on_progress(run.report())


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    """At least one turn of the event loop; shorter when `stop` is set."""
    if seconds <= 0:
        await asyncio.sleep(0)
        return
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
