"""Rotas for tests: small ones with invented persons, and strategies for arbitrary ones."""

from datetime import UTC, date, datetime, time

from hypothesis import strategies as st

from api.rotas.model import Definition, Layer, Override, Restriction, Rota, Rotation, Version
from api.rotas.wall_clock import HOUR_NS, nanoseconds

PHONE = "duty-phone"
PERSONS = ("zhang-wei", "li-na", "wang-fang", "zhao-lei", "chen-jing")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")
T0 = nanoseconds(datetime(2026, 3, 2, tzinfo=UTC))  # a Monday, four weeks before Berlin changes its clocks


def at(text: str) -> int:
    """An instant from ISO text with an offset."""
    return nanoseconds(datetime.fromisoformat(text))


def weekly(
    *turns: str | tuple[str, ...], name: str = "每周", restrictions: tuple[Restriction, ...] = ()
) -> Layer:
    return layer(*turns, every=1, unit="week", name=name, restrictions=restrictions)


def layer(
    *turns, every=1, unit="day", name="白班", start=date(2026, 3, 2), handover=time(8), restrictions=()
):
    crews = tuple((turn,) if isinstance(turn, str) else turn for turn in turns)
    rotation = Rotation(every=every, unit=unit, start_date=start, handover=handover)
    return Layer(name=name, rotation=rotation, turns=crews, restrictions=restrictions)


def rota(*layers: Layer, zone: str = "Asia/Shanghai", overrides: tuple[Override, ...] = (), **more) -> Rota:
    definition = Definition(name="中控室", zone=zone, layers=layers, fallback=PHONE)
    version = Version(number=1, valid_from=0, definition=definition, entered_at=0)
    return Rota(id="control-room", enterprise="acme", versions=(version,), overrides=overrides, **more)


def override(start: int, end: int, *receivers: str, number: int = 1, **more) -> Override:
    fields = {"reason": "病假", "entered_by": "张伟", "entered_at": 0}
    return Override(
        id=f"o{number}", receivers=receivers or ("chen-jing",), start=start, end=end, **(fields | more)
    )


hours = st.integers(0, 24 * 60).map(lambda count: T0 + count * HOUR_NS)
"""Whole hours of the two months after T0."""
wall_times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30)))
restrictions = st.builds(
    Restriction,
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    start=wall_times,
    end=wall_times,
)
rotations = st.builds(
    Rotation,
    every=st.integers(1, 30),
    unit=st.sampled_from(("hour", "day", "week")),
    start_date=st.dates(date(2026, 1, 1), date(2026, 4, 20)),
    handover=wall_times,
)
crews = st.lists(st.sampled_from(PERSONS), max_size=2, unique=True).map(tuple)
layers = st.builds(
    Layer,
    name=st.sampled_from(("白班", "夜班", "周末")),
    rotation=rotations,
    turns=st.lists(crews, min_size=1, max_size=5).map(tuple),
    restrictions=st.lists(restrictions, max_size=2).map(tuple),
)
overrides = st.builds(
    lambda start, length, entered, withdrawn, who, instead, number: Override(
        id=f"o{number}",
        receivers=(who,),
        start=start,
        end=start + length * HOUR_NS,
        reason="换班",
        entered_by="张伟",
        entered_at=entered,
        instead_of=instead,
        withdrawn_at=withdrawn,
    ),
    start=hours,
    length=st.integers(1, 200),
    entered=hours,
    withdrawn=st.none() | hours,
    who=st.sampled_from(PERSONS),
    instead=st.sampled_from(("", "", *PERSONS[:2])),
    number=st.integers(0, 99),
)


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    """Any rota with up to three versions in one zone."""
    zone = draw(st.sampled_from(ZONES))
    versions = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        some = tuple(draw(st.lists(layers, max_size=3, unique_by=lambda one: one.name)))
        definition = Definition(name="中控室", zone=zone, layers=some, fallback=PHONE)
        entered = 0 if number == 1 else draw(hours)
        versions.append(Version(number=number, valid_from=entered, definition=definition, entered_at=entered))
    kept = sorted(draw(st.lists(overrides, max_size=4)), key=lambda one: one.entered_at)
    return Rota(id="any", enterprise="acme", versions=tuple(versions), overrides=tuple(kept))
