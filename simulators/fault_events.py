"""What can go wrong with instruments in a scenario: one class an event, over `faults` and `gas_faults`."""

from collections.abc import Iterator

from detectors.quality import Quality
from simulators.event import Danger, Event, Stage
from simulators.faults import (
    SIGNAL_HIGH_MA,
    SIGNAL_LOW_MA,
    BiasJump,
    Damping,
    Drift,
    Fault,
    PowerLoss,
    SignalFault,
    Spikes,
    Stuck,
    WireBreak,
)
from simulators.gas_faults import (
    BEAM_BLOCK_DELAY_S,
    PURE_GAS_LEL,
    STOICHIOMETRIC_LEL,
    BeamBlock,
    Calibration,
    CrossSensitivity,
    Inhibit,
    Poisoning,
    RichCloud,
)
from simulators.layout import Layout, Mistake, known
from simulators.parameters import Fraction, NonNegative, Positive, Tag


class InstrumentFault(Event, frozen=True, kw_only=True):
    """Base of what goes wrong with one instrument."""

    point: Tag
    danger: Danger | None = "instrument"

    @property
    def place_name(self) -> str:
        return self.point.partition(".")[0]

    def fault(self, stage: Stage, number: int) -> Fault:
        raise NotImplementedError

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.point, {one.tag for one in layout.instruments}, "point")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        fault = self.fault(stage, number)
        stage.attach(self.point, fault)
        yield
        stage.detach(fault)


class GasDetectorFault(InstrumentFault, frozen=True, kw_only=True):
    """Base of what only a gas detector can have."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        known(self.point, {one.tag for one in layout.gas_detectors}, "point")


class StuckInstrument(InstrumentFault, frozen=True, kw_only=True, tag="stuck"):
    """It shows for ever what it showed at the beginning, with a good quality."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Stuck()


class BrokenWire(InstrumentFault, frozen=True, kw_only=True, tag="wire_break"):
    """The loop is open: 0 mA; a device that converts the current itself has no value (BAD_SIGNAL_LOW)."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return WireBreak()


class LowSignal(InstrumentFault, frozen=True, kw_only=True, tag="signal_low"):
    """The transmitter reports its own failure at the lower end of NE 43."""

    milliampere: NonNegative = SIGNAL_LOW_MA
    """Of a loop; at or below 3.6."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return SignalFault(self.milliampere, Quality.BAD_SIGNAL_LOW)


class HighSignal(InstrumentFault, frozen=True, kw_only=True, tag="signal_high"):
    """The transmitter reports its own failure at the upper end of NE 43."""

    milliampere: NonNegative = SIGNAL_HIGH_MA
    """Of a loop; at or above 21.0."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return SignalFault(self.milliampere, Quality.BAD_SIGNAL_HIGH)


class DriftingInstrument(InstrumentFault, frozen=True, kw_only=True, tag="drift"):
    """Its zero wanders away steadily."""

    rate_per_h: float
    """Engineering units an hour, either sign."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Drift(self.rate_per_h)


class BiasedInstrument(InstrumentFault, frozen=True, kw_only=True, tag="bias_jump"):
    """From one reading to the next it is off."""

    bias: float
    """Engineering units, either sign."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return BiasJump(self.bias)


class SpikingInstrument(InstrumentFault, frozen=True, kw_only=True, tag="spikes"):
    """Single readings jump: a loose terminal, a radio set."""

    size: float
    """Engineering units, either sign."""
    rate_per_h: Positive
    """How many an hour, on the average."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Spikes(self.size, self.rate_per_h, stage.site.streams(f"fault/{number}"))


class DampedInstrument(InstrumentFault, frozen=True, kw_only=True, tag="damping"):
    """The filter was raised: less noise, and a later reading."""

    damping_s: Positive
    """Time constant of the filter."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Damping(self.damping_s)


class PoisonedDetector(GasDetectorFault, frozen=True, kw_only=True, tag="poisoning"):
    """It smells, and shows too little; nothing tells."""

    lost: Fraction
    """Share of the gain."""
    over_s: NonNegative = 0.0
    """It is lost evenly within this time."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Poisoning(self.lost, self.over_s)


class CrossSensitiveDetector(GasDetectorFault, frozen=True, kw_only=True, tag="cross_sensitivity"):
    """It takes another gas for its own."""

    shown: float
    """What the other gas adds, in the engineering unit; some gases take away."""
    rise_s: NonNegative = 60.0
    """How long it takes to come and, at the end, to go."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return CrossSensitivity(self.shown, self.rise_s, self.duration_s)


class CalibratedDetector(GasDetectorFault, frozen=True, kw_only=True, tag="calibration"):
    """Zero gas, test gas, clean air; afterwards its zero is fresh."""

    gas: float
    """Test gas, in the engineering unit."""
    zero_s: NonNegative = 60.0
    """Zero gas first."""
    purge_s: NonNegative = 90.0
    """Clean air at the end, so that the detector has forgotten the test gas when it is back."""
    announced: bool = True
    """The detector says that it is being calibrated."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if self.duration_s is not None and self.zero_s + self.purge_s >= self.duration_s:
            wrong = f"zero gas and clean air leave nothing of {self.duration_s} s for the test gas"
            raise Mistake("duration_s", wrong)

    def fault(self, stage: Stage, number: int) -> Fault:
        return Calibration(
            self.gas,
            self.zero_s,
            announced=self.announced,
            purge_s=self.purge_s,
            duration_s=self.duration_s,
        )


class InhibitedDetector(InstrumentFault, frozen=True, kw_only=True, tag="inhibit"):
    """Maintenance has taken it out of the alarms, and it says so."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return Inhibit()


class LockedOverRange(GasDetectorFault, frozen=True, kw_only=True, tag="locked_over_range"):
    """A catalytic detector in more gas than air: it reads low, and locks if it is made to.

    The event says what the detector is; what makes it lock is the cloud.
    """

    locks: bool = True
    """False: it shows the low reading and calls it good."""
    stoichiometric: Positive = STOICHIOMETRIC_LEL
    """From here on the reading falls, in %LEL; methane's."""
    pure_gas: Positive = PURE_GAS_LEL
    """The gas without air, in %LEL; methane's."""

    def check(self, layout: Layout) -> None:
        super().check(layout)
        if self.stoichiometric >= self.pure_gas:
            raise Mistake("stoichiometric", f"must be below pure_gas, which is {self.pure_gas}")

    def fault(self, stage: Stage, number: int) -> Fault:
        return RichCloud(locks=self.locks, stoichiometric=self.stoichiometric, pure_gas=self.pure_gas)


class BlockedBeam(GasDetectorFault, frozen=True, kw_only=True, tag="beam_block"):
    """Something stands in the beam of an open-path detector."""

    after_s: NonNegative = BEAM_BLOCK_DELAY_S
    """So long it holds its last reading before it says that it sees nothing."""

    def fault(self, stage: Stage, number: int) -> Fault:
        return BeamBlock(self.after_s)


class PowerDip(Event, frozen=True, kw_only=True, tag="power_dip"):
    """Many instruments lose their supply at once and warm up when it is back.

    `duration_s` holds both: `off_s` without supply, the rest warming up.
    """

    points: tuple[Tag, ...] = ()
    """Left out: all of the layout."""
    off_s: Positive
    """So long without supply."""
    silent: bool = True
    """Nothing is sent; else the gateway runs on and says what it misses."""
    danger: Danger | None = "instrument"

    @property
    def place_name(self) -> str:
        return "power"

    def check(self, layout: Layout) -> None:
        super().check(layout)
        for tag in self.points:
            known(tag, {one.tag for one in layout.instruments}, "points")
        if self.duration_s is not None and self.duration_s <= self.off_s:
            raise Mistake("off_s", f"must end before the event does, within {self.duration_s} s")

    def begin(self, stage: Stage, number: int) -> Iterator[None]:
        fault = PowerLoss(self.off_s, silent=self.silent)
        tags = [one.tag for one in stage.site.layout.instruments]
        stage.attach(self.points or tags, fault)
        yield
        stage.detach(fault)


FaultEvent = (
    StuckInstrument
    | BrokenWire
    | LowSignal
    | HighSignal
    | DriftingInstrument
    | BiasedInstrument
    | SpikingInstrument
    | DampedInstrument
    | PoisonedDetector
    | CrossSensitiveDetector
    | CalibratedDetector
    | InhibitedDetector
    | LockedOverRange
    | BlockedBeam
    | PowerDip
)
