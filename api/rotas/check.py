"""What is wrong with a rota as somebody wrote it down: the place, the mistake and the remedy."""

from collections.abc import Collection, Iterator
from datetime import timedelta

import msgspec

from alarm_rules.findings import meant, nearest
from alarm_rules.wording import Both
from api.bilingual import both, joined
from api.rotas.model import Definition, Layer, Restriction
from api.rotas.wall_clock import UnknownZone, zone_of

MAX_LAYERS = 20
MAX_TURNS = 200
MAX_CREW = 20
LONGEST_TURN = timedelta(weeks=53)


class RotaFinding(msgspec.Struct, frozen=True, order=True):
    """One mistake. `where` is the path of the key: `layers.0.turns.2`."""

    where: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return joined([self.where, self.wrong, self.right], "：", ": ")


class RotaInvalid(Exception):
    """A rota cannot be used; `findings` says why."""

    def __init__(self, findings: Collection[RotaFinding]) -> None:
        self.findings = list(findings)
        super().__init__(joined(map(str, self.findings)))


def check_definition(definition: Definition, known: Collection[str] | None = None) -> list[RotaFinding]:
    """Every mistake in it. `known` are the receivers there are; None does not look at that."""
    return [*_own_mistakes(definition), *_unknown_receivers(definition, known)]


def named_receivers(definition: Definition) -> Iterator[tuple[str, str]]:
    """(place, receiver) of everybody who is named in it."""
    yield "fallback", definition.fallback
    for number, layer in enumerate(definition.layers):
        for turn, crew in enumerate(layer.turns):
            for receiver in crew:
                yield f"layers.{number}.turns.{turn}", receiver


def unknown_receiver(where: str, receiver: str, known: Collection[str]) -> RotaFinding:
    """The finding about a receiver who does not exist, with the likeliest one that does."""
    otherwise = Both("请先添加接收人，或写已有的接收人", "create the receiver first, or name one that exists")
    return RotaFinding(
        where,
        both(f"没有接收人 {receiver}", f"there is no receiver {receiver!r}"),
        meant(nearest(receiver, known), otherwise).stored,
    )


def _unknown_receivers(definition: Definition, known: Collection[str] | None) -> Iterator[RotaFinding]:
    for where, receiver in named_receivers(definition):
        if known is not None and receiver.strip() and receiver not in known:
            yield unknown_receiver(where, receiver, known)


def _own_mistakes(definition: Definition) -> Iterator[RotaFinding]:
    if not definition.name.strip():
        yield RotaFinding(
            "name",
            both("值班表没有名称", "the rota has no name"),
            both("请给出大家熟悉的名称", "give it the name that people know it by"),
        )
    if not definition.fallback.strip():
        yield RotaFinding(
            "fallback",
            both("值班表没有后备接收人", "a rota without fallback"),
            both("请写 24 小时值班电话的接收人", "name the receiver of the 24-hour duty phone"),
        )
    try:
        zone_of(definition.zone)
    except UnknownZone as error:
        yield RotaFinding("zone", error.wrong, error.right)
    if len(definition.layers) > MAX_LAYERS:
        yield RotaFinding(
            "layers",
            both(f"有 {len(definition.layers)} 层", f"{len(definition.layers)} layers"),
            both(f"最多 {MAX_LAYERS}", f"keep to {MAX_LAYERS}"),
        )
    names = [layer.name for layer in definition.layers]
    for number, layer in enumerate(definition.layers):
        if layer.name in names[:number]:
            yield RotaFinding(
                f"layers.{number}.name",
                both(f"另有一层也叫 {layer.name}", f"a second layer {layer.name!r}"),
                both("请给每层各自的名称", "give each layer its own name"),
            )
        yield from _layer_mistakes(f"layers.{number}", layer)


def _layer_mistakes(where: str, layer: Layer) -> Iterator[RotaFinding]:
    if not layer.name.strip():
        yield RotaFinding(
            f"{where}.name",
            both("有一层没有名称", "a layer without name"),
            both("请给名称，如 白班 或 夜班", "name it, such as day or night shift"),
        )
    if layer.rotation.every < 1:
        yield RotaFinding(
            f"{where}.every",
            both("轮值没有长度", "a turn without length"),
            both("请给 1 或以上", "give 1 or more"),
        )
    elif layer.rotation.every > LONGEST_TURN // timedelta(hours=1) or layer.rotation.length > LONGEST_TURN:
        yield RotaFinding(
            f"{where}.every",
            both("轮值超过一年", "a turn of more than a year"),
            both("请更频繁地交班", "hand over more often"),
        )
    if not any(layer.turns):
        yield RotaFinding(
            f"{where}.turns",
            both("轮换中没有人", "nobody is in the rotation"),
            both("请至少写一名接收人", "name at least one receiver"),
        )
    if len(layer.turns) > MAX_TURNS:
        yield RotaFinding(
            f"{where}.turns",
            both(f"有 {len(layer.turns)} 个轮值", f"{len(layer.turns)} turns"),
            both(f"最多 {MAX_TURNS}", f"keep to {MAX_TURNS}"),
        )
    for turn, crew in enumerate(layer.turns):
        if len(crew) > MAX_CREW or len(set(crew)) != len(crew) or "" in crew:
            yield RotaFinding(
                f"{where}.turns.{turn}",
                both(
                    "班组太大、重复写了同一人，或有空名",
                    "a crew that is too large, names somebody twice or has an empty name",
                ),
                both(f"请写最多 {MAX_CREW} 名不同的接收人", f"name up to {MAX_CREW} different receivers"),
            )
    for number, restriction in enumerate(layer.restrictions):
        yield from _restriction_mistakes(f"{where}.restrictions.{number}", restriction)


def _restriction_mistakes(where: str, restriction: Restriction) -> Iterator[RotaFinding]:
    days = restriction.weekdays
    if not days or len(set(days)) != len(days) or not set(days) <= set(range(7)):
        yield RotaFinding(
            f"{where}.weekdays",
            both("没有星期，或有重复", "no weekdays, or one twice"),
            both("每个星期几只写一次", "list each weekday once"),
        )
