"""What can go wrong between the plant and its receiver in a scenario: one class an event, over `link_faults`.

All of them happen to the whole line of the layout's device; only a wrong clock may be that of some points.
"""

from collections.abc import Iterator

from simulators.event import Danger, Event, Stage
from simulators.layout import Layout, Mistake, known
from simulators.link import LinkFault
from simulators.link_faults import (
    BacklogOrder,
    ClockSkew,
    Duplicated,
    Late,
    LineBreaks,
    Outage,
    OutOfOrder,
    Retained,
)
from simulators.parameters import Fraction, NonNegative, Positive, Tag

LINK = "link"
"""The unit of these events: no tank, no vessel, the line."""


class LinkEvent(Event, frozen=True, kw_only=True):
    """Base of what goes wrong with the line."""

    danger: Danger | None = "none"

    @property
    def place_name(self) -> str:
        return LINK

    def fault(self, stage: Stage, number: int) -> LinkFault:
        raise NotImplementedError

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        fault = self.fault(stage, number)
        stage.link.attach(fault)
        yield
        stage.link.detach(fault)


class LateMessages(LinkEvent, frozen=True, kw_only=True, tag="late_messages"):
    """Some messages take their time, and others overtake them."""

    share: Fraction
    """Of all messages."""
    delay_s: Positive
    """Mean of the delays, which are distributed exponentially."""
    keeps_order: bool = False
    """True: a late message holds up all behind it."""

    def fault(self, stage: Stage, number: int) -> LinkFault:
        random = stage.site.streams(f"{LINK}/{number}")
        return Late(self.share, self.delay_s, random, keeps_order=self.keeps_order)


class DuplicatedMessages(LinkEvent, frozen=True, kw_only=True, tag="duplicated_messages"):
    """Some messages come twice."""

    share: Fraction
    """Of all messages."""
    within_s: NonNegative = 2.0
    """How much later the second copy comes at most."""

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return Duplicated(self.share, self.within_s, stage.site.streams(f"{LINK}/{number}"))


class MessagesOutOfOrder(LinkEvent, frozen=True, kw_only=True, tag="messages_out_of_order"):
    """Messages gather for a while and come together, shuffled."""

    window_s: Positive
    """How long they gather."""

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return OutOfOrder(self.window_s, stage.site.streams(f"{LINK}/{number}"))


class WrongClock(LinkEvent, frozen=True, kw_only=True, tag="clock_skew"):
    """The device stamps its samples with a clock that is wrong."""

    offset_s: float = 0.0
    """Ahead of the true time if above 0."""
    drift_s_per_h: float = 0.0
    """How much more wrong it gets."""
    points: tuple[Tag, ...] = ()
    """Those that the device with the wrong clock stamps; none: all."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if not self.offset_s and not self.drift_s_per_h:
            raise Mistake("offset_s", "a clock skew needs offset_s or drift_s_per_h")
        for tag in self.points:
            known(tag, {one.tag for one in layout.instruments}, "points")

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return ClockSkew(self.offset_s, self.drift_s_per_h, self.points or None)


class LinkOutage(LinkEvent, frozen=True, kw_only=True, tag="link_outage"):
    """The gateway device cannot reach its receiver, or has no power: a burst of stored samples follows."""

    stores: int | None = None
    """Messages that it can keep; left out: all of them, 0: none."""
    burst_per_s: Positive = 200.0
    """Stored messages a second, when the line is up again."""
    order: BacklogOrder = "oldest_first"
    """`oldest_first`: what is new waits behind the burst; `live_first` and `newest_first`: it does not."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if self.stores is not None and self.stores < 0:
            raise Mistake("stores", f"{self.stores} messages cannot be stored: give 0 or more")

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return Outage(burst_per_s=self.burst_per_s, order=self.order, stores=self.stores)


class BreakingLine(LinkEvent, frozen=True, kw_only=True, tag="line_breaks"):
    """The connection drops again and again, without a goodbye."""

    every_s: Positive
    """From one break to the next."""
    pause_s: NonNegative = 3.0
    """Until the line is up again."""
    unacknowledged_s: NonNegative = 2.0
    """What arrived so long before a break comes again: its acknowledgement never did."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if self.pause_s >= self.every_s:
            wrong = f"{self.pause_s} s is no shorter than every_s: the line would never be up"
            raise Mistake("pause_s", wrong)

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return LineBreaks(self.every_s, self.pause_s, self.unacknowledged_s)


class RetainedMessage(LinkEvent, frozen=True, kw_only=True, tag="retained_message"):
    """A message was published with the retain flag by mistake; the broker hands it out again and again."""

    every_s: Positive
    """How often the receiver subscribes anew."""
    with_time: bool = True
    """False: the message does not say how old its values are."""

    def fault(self, stage: Stage, number: int) -> LinkFault:
        return Retained(self.every_s, with_time=self.with_time)


AnyLinkEvent = (
    LateMessages
    | DuplicatedMessages
    | MessagesOutOfOrder
    | WrongClock
    | LinkOutage
    | BreakingLine
    | RetainedMessage
)
