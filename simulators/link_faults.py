"""What goes wrong between a plant's gateway device and its receiver; see `link` for how faults work."""

from collections import deque
from collections.abc import Sequence
from typing import Literal

import numpy as np

from simulators.link import SECOND_NS, Delivery, LinkFault

MILLISECOND_NS = 1_000_000
BacklogOrder = Literal["oldest_first", "newest_first", "live_first"]


class Late(LinkFault):
    """A share of the messages comes late, exponentially distributed about `delay_s`; later ones overtake.

    With `keeps_order` nothing overtakes: a slow line, on which one late message holds up all behind it.
    """

    def __init__(
        self, share: float, delay_s: float, random: np.random.Generator, *, keeps_order: bool = False
    ) -> None:
        super().__init__()
        self._share = share
        self._delay_ns = delay_s * SECOND_NS
        self._random = random
        self._keeps_order = keeps_order
        self._last_due = 0

    def carry(self, delivery: Delivery) -> list[Delivery]:
        # Both numbers are drawn for every message: whether one is late changes no other's delay.
        hit, delay_ns = self._random.random() < self._share, self._random.exponential(self._delay_ns)
        due = delivery.due + (round(delay_ns) if hit else 0)
        if self._keeps_order:
            due = self._last_due = max(due, self._last_due)
        return [delivery._replace(due=due)]


class Duplicated(LinkFault):
    """A share of the messages comes twice, the second time up to `within_s` later: QoS 1 allows it."""

    def __init__(self, share: float, within_s: float, random: np.random.Generator) -> None:
        super().__init__()
        self._share = share
        self._within_ns = within_s * SECOND_NS
        self._random = random

    def carry(self, delivery: Delivery) -> list[Delivery]:
        hit, later = self._random.random() < self._share, self._random.random() * self._within_ns
        return [delivery, delivery._replace(due=delivery.due + round(later))] if hit else [delivery]


class OutOfOrder(LinkFault):
    """Messages of `window_s` gather and go on together, shuffled: parallel paths, a pool of senders."""

    def __init__(self, window_s: float, random: np.random.Generator) -> None:
        super().__init__()
        self._window_ns = round(window_s * SECOND_NS)
        self._random = random
        self._held: list[Delivery] = []
        self._until = 0

    def turn(self, now_ns: int) -> list[Delivery]:
        return self.release(now_ns) if self._held and now_ns >= self._until else []

    def carry(self, delivery: Delivery) -> list[Delivery]:
        if not self._held:
            self._until = delivery.due + self._window_ns
        self._held.append(delivery)
        return []

    def release(self, now_ns: int) -> list[Delivery]:
        shuffled = [self._held[place] for place in self._random.permutation(len(self._held))]
        self._held = []
        return [one._replace(due=now_ns) for one in shuffled]


class ClockSkew(LinkFault):
    """The device's clock is wrong by `offset_s`, and goes on going wrong; its stamps tell."""

    def __init__(self, offset_s: float, drift_s_per_h: float, points: Sequence[str] | None) -> None:
        super().__init__(points)
        self._offset_ns = offset_s * SECOND_NS
        self._drift = drift_s_per_h / 3600
        self._began: int | None = None

    def carry(self, delivery: Delivery) -> list[Delivery]:
        made = int(delivery.samples.source_time[0])
        self._began = made if self._began is None else self._began
        skew_ms = round((self._offset_ns + self._drift * (made - self._began)) / MILLISECOND_NS)
        stamps = delivery.samples.source_time + skew_ms * MILLISECOND_NS
        return [delivery._replace(samples=delivery.samples._replace(source_time=stamps))]


class Outage(LinkFault):
    """Nothing gets through; the device stores, and sends a burst of `burst_per_s` messages afterwards.

    `oldest_first` keeps all in order: what is made during the burst waits for its end. `live_first` and
    `newest_first` send what is new at once, beside the stored ones. `stores` limits the messages kept; the
    oldest go first, and are lost. 0 stores nothing.
    """

    def __init__(self, *, burst_per_s: float, order: BacklogOrder, stores: int | None) -> None:
        super().__init__()
        self._gap_ns = SECOND_NS / burst_per_s
        self._order = order
        self._stores = stores
        self._held: deque[Delivery] = deque()

    @property
    def down(self) -> bool:
        return True

    def carry(self, delivery: Delivery) -> list[Delivery]:
        self._held.append(delivery)
        if self._stores is not None and len(self._held) > self._stores:
            self.lost_samples += len(self._held.popleft().samples.tags)
        return []

    def release(self, now_ns: int) -> list[Delivery]:
        held = list(self._held)
        self._held.clear()
        if self._order == "newest_first":
            held.reverse()
        return [one._replace(due=now_ns + round(i * self._gap_ns)) for i, one in enumerate(held)]

    def behind(self, now_ns: int) -> int:
        """Until when new messages wait for the burst of all that is held now."""
        return now_ns + round(len(self._held) * self._gap_ns) if self._order == "oldest_first" else now_ns


class LineBreaks(LinkFault):
    """The connection drops every `every_s` for `pause_s`; what was not acknowledged yet comes again.

    `unacknowledged_s`: messages of so long before the break had arrived, but their acknowledgement had not.
    """

    def __init__(self, every_s: float, pause_s: float, unacknowledged_s: float) -> None:
        super().__init__()
        self._every_ns = round(every_s * SECOND_NS)
        self._pause_ns = round(pause_s * SECOND_NS)
        self._back_ns = round(unacknowledged_s * SECOND_NS)
        self._recent: deque[Delivery] = deque()
        self._held: list[Delivery] = []
        self._broke: int | None = None
        self._down = True

    @property
    def down(self) -> bool:
        return self._down

    def turn(self, now_ns: int) -> list[Delivery]:
        if self._broke is None or now_ns - self._broke >= self._every_ns:
            self._broke, self._down = now_ns, True
            self._held = [*self._held, *self._recent]
            self._recent.clear()
        if self._down and now_ns - self._broke >= self._pause_ns:
            return self.release(now_ns)
        return []

    def carry(self, delivery: Delivery) -> list[Delivery]:
        if self._down:
            self._held.append(delivery)
            return []
        self._recent.append(delivery)
        while self._recent[0].due < delivery.due - self._back_ns:
            self._recent.popleft()
        return [delivery]

    def release(self, now_ns: int) -> list[Delivery]:
        held, self._held, self._down = self._held, [], False
        return [one._replace(due=now_ns) for one in held]


class Retained(LinkFault):
    """The next message was published with the retain flag: whoever subscribes gets it, however old it is.

    The receiver subscribes anew every `every_s`. Without time (`with_time` false) the message does not say
    how old its values are: the dangerous one.
    """

    def __init__(self, every_s: float, *, with_time: bool) -> None:
        super().__init__()
        self._every_ns = round(every_s * SECOND_NS)
        self._with_time = with_time
        self._kept: Delivery | None = None
        self._again = 0

    def turn(self, now_ns: int) -> list[Delivery]:
        if self._kept is None or now_ns < self._again:
            return []
        self._again += self._every_ns
        return [self._kept._replace(due=now_ns)]

    def carry(self, delivery: Delivery) -> list[Delivery]:
        if self._kept is None:
            self._kept = delivery._replace(retained=True, with_time=self._with_time)
            self._again = delivery.due + self._every_ns
            return [self._kept]
        return [delivery]
