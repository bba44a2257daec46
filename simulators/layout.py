"""A site as the simulators know it: its processes, its instruments and where they stand.

One file in `simulators/layouts/`; scenarios play on it. The register of the gateway describes the same
points from the other side: the simulators never read it, as no instrument does.
"""

import math
from typing import Annotated, Literal

import msgspec
import numpy as np

from simulators.errors import SimulatorError
from simulators.instruments import Instrument
from simulators.parameters import NonNegative, Parameters, Tag
from simulators.processes.gases import Float64, LelAuthority, gases
from simulators.processes.pressure_vessel import VesselDesign
from simulators.processes.pump_line import OUTSIDE, LineDesign
from simulators.processes.storage_tank import TankDesign
from simulators.processes.weather import WeatherModel
from simulators.yaml_file import Key, YamlFile

METRES_PER_DEGREE = 111_320.0
"""Of latitude, on a sphere of the Earth's mean equatorial circumference; good to 0.6 % anywhere."""

QUANTITIES: dict[str, frozenset[str]] = {
    "weather": frozenset({"speed_m_s", "direction_deg", "air_c", "sun_w_m2"}),
    "tank": frozenset(
        {"level_m", "volume_m3", "pressure_kpa", "liquid_c", "vapour_c", "flow_in_m3_h", "flow_out_m3_h"}
    ),
    "vessel": frozenset(
        {"pressure_mpa", "temperature_c", "filled", "level_m", "flow_in_m3_h", "flow_out_m3_h", "relieving"}
    ),
    "line": frozenset({"flow_m3_h", "discharge_kpa", "opening", "running"}),
}
"""What a transmitter can measure: attributes of `Weather`, `StorageTank`, `PressureVessel`, `PumpLine`."""


class Mistake(SimulatorError):
    """What does not fit a layout: the key that says so, and what is wrong."""

    def __init__(self, key: str, wrong: str) -> None:
        super().__init__(f"{key}: {wrong}")
        self.key = key
        self.wrong = wrong


def known(name: str, names: set[str], key: str) -> None:
    """Raises Mistake when the layout has no `name` among its `names`."""
    if name not in names:
        raise Mistake(key, f"the layout has no {name!r}; known: {', '.join(sorted(names)) or 'none'}")


class Origin(Parameters, frozen=True, kw_only=True):
    """Where the local metres begin, WGS 84 degrees."""

    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    latitude: Annotated[float, msgspec.Meta(ge=-85, le=85)]


class Place(Parameters, frozen=True, kw_only=True):
    """Where something stands: WGS 84 degrees, or metres from the origin; and its height above ground."""

    height_m: NonNegative = 1.0
    longitude: float | None = None
    latitude: float | None = None
    east_m: float | None = None
    north_m: float | None = None

    def __post_init__(self) -> None:
        on_earth = (self.longitude is not None) + (self.latitude is not None)
        local = (self.east_m is not None) + (self.north_m is not None)
        if (on_earth, local) not in ((2, 0), (0, 2)):
            raise ValueError("a place needs longitude and latitude, or east_m and north_m, and not both")

    def metres(self, origin: Origin) -> Float64:
        """East, north, above ground; shape (3,)."""
        if self.longitude is None or self.latitude is None:
            return np.array([self.east_m, self.north_m, self.height_m], dtype=np.float64)
        east = math.radians(self.longitude - origin.longitude) * math.cos(math.radians(origin.latitude))
        north = math.radians(self.latitude - origin.latitude)
        return np.array(
            [math.degrees(east) * METRES_PER_DEGREE, math.degrees(north) * METRES_PER_DEGREE, self.height_m]
        )


class Transmitter(Instrument, frozen=True, kw_only=True):
    """Measures a quantity of a process: `TK101.level_m`, `weather.speed_m_s`."""

    measures: Annotated[str, msgspec.Meta(pattern=r"^[^.]+\.[a-z0-9_]+$")]


class GasDetector(Instrument, frozen=True, kw_only=True):
    """Smells one gas where it stands; its engineering unit is %LEL or ppm."""

    gas: str
    engineering_unit: Literal["%LEL", "ppm"]
    lel_authority: LelAuthority | None = None
    place: Place
    floor: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.engineering_unit == "%LEL" and self.lel_authority is None:
            raise ValueError(
                f"{self.tag} shows %LEL: say lel_authority iec or nfpa, they differ by up to 40 %"
            )


class Layout(Parameters, frozen=True, kw_only=True):
    enterprise: Tag
    gateway: Tag
    origin: Origin
    background_ppm: dict[str, NonNegative] = msgspec.field(default_factory=dict)
    """What the air holds of a gas without any leak."""
    weather: WeatherModel
    tanks: tuple[TankDesign, ...] = ()
    vessels: tuple[VesselDesign, ...] = ()
    lines: tuple[LineDesign, ...] = ()
    transmitters: tuple[Transmitter, ...] = ()
    gas_detectors: tuple[GasDetector, ...] = ()

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """All of them, in the order of the columns."""
        return (*self.transmitters, *self.gas_detectors)

    @property
    def kinds(self) -> dict[str, str]:
        """Kind of every process, by its id: a key of `QUANTITIES`."""
        kinds = dict.fromkeys((tank.id for tank in self.tanks), "tank")
        kinds |= dict.fromkeys((vessel.id for vessel in self.vessels), "vessel")
        kinds |= dict.fromkeys((line.id for line in self.lines), "line")
        return kinds | {"weather": "weather"}

    @property
    def quantities(self) -> frozenset[str]:
        """`{process}.{quantity}` of everything that can be measured."""
        return frozenset(f"{name}.{one}" for name, kind in self.kinds.items() for one in QUANTITIES[kind])


def check_layout(file: YamlFile, layout: Layout) -> None:
    """Refuses what the types cannot see: unknown processes and gases, names given twice."""
    _check_unique(file, "tanks", [tank.id for tank in layout.tanks])
    _check_unique(file, "vessels", [vessel.id for vessel in layout.vessels])
    _check_unique(file, "lines", [line.id for line in layout.lines])
    _check_lines(file, layout)
    _check_unique(file, "transmitters", [one.tag for one in layout.instruments], len(layout.transmitters))
    kinds = layout.kinds
    for index, one in enumerate(layout.transmitters):
        process, _, quantity = one.measures.partition(".")
        names = QUANTITIES[kinds[process]] if process in kinds else frozenset(kinds)
        if (quantity if process in kinds else process) not in names:
            wrong = f"{one.measures!r} is not measured here; known: {', '.join(sorted(names))}"
            raise file.invalid(("transmitters", index, "measures"), wrong)
    named: list[tuple[Key, str]] = [
        (("gas_detectors", i, "gas"), one.gas) for i, one in enumerate(layout.gas_detectors)
    ]
    named += [(("vessels", i, "gas"), one.gas) for i, one in enumerate(layout.vessels)]
    named += [(("tanks", i, "liquid"), one.liquid) for i, one in enumerate(layout.tanks)]
    named += [(("background_ppm", gas), gas) for gas in layout.background_ppm]
    for key, gas in named:
        if gas not in gases():
            raise file.invalid(key, f"unknown gas {gas!r}; known: {', '.join(sorted(gases()))}")
    for index, detector in enumerate(layout.gas_detectors):
        authority = detector.lel_authority
        if authority is not None and authority not in gases()[detector.gas].lel_vol_percent:
            key = ("gas_detectors", index, "lel_authority")
            raise file.invalid(key, f"{detector.gas} has no LEL: it shows ppm")
    stored: list[tuple[Key, str]] = [
        (("tanks", i, "liquid"), one.liquid) for i, one in enumerate(layout.tanks)
    ]
    stored += [(("vessels", i, "gas"), one.gas) for i, one in enumerate(layout.vessels)]
    for key, gas in stored:
        if gases()[gas].antoine is None:
            raise file.invalid(key, f"{gas} is not stored as a liquid here")


def _check_lines(file: YamlFile, layout: Layout) -> None:
    holders = {tank.id for tank in layout.tanks} | {vessel.id for vessel in layout.vessels}
    for index, line in enumerate(layout.lines):
        for key, end in (("source", line.source), ("sink", line.sink)):
            if end not in holders | {OUTSIDE}:
                names = ", ".join(sorted(holders))
                wrong = f"no tank or vessel {end!r}; known: {OUTSIDE}, {names}"
                raise file.invalid(("lines", index, key), wrong)
        if line.source == line.sink:
            raise file.invalid(("lines", index, "sink"), f"{line.id} ends where it begins, at {line.sink!r}")


def _check_unique(file: YamlFile, key: str, names: list[str], first_of_detectors: int | None = None) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            beyond = first_of_detectors is not None and index >= first_of_detectors
            place = ("gas_detectors", index - (first_of_detectors or 0)) if beyond else (key, index)
            raise file.invalid(place, f"{name!r} stands twice: every name is given once")
        seen.add(name)
