"""Tells persons of offers to swap, and of what became of their own."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from alarm_rules.model import Priority
from api.bilingual import both, joined
from api.notify.message import Message
from api.notify.texts import local_time
from api.rotas.model import Rota
from api.rotas.people import Person
from api.rotas.swaps import Swap, SwapState
from api.rotas.wall_clock import zone_of
from api.store.receivers import ways_of
from api.store.writer import Transaction

Enqueue = Callable[[Transaction, Sequence[Message]], object]
"""`api.notify.outbox.enqueue`."""

SILENT_CHANNELS = frozenset({"voice", "siren"})
"""Nobody is phoned, and no siren sounds, because of a swap."""
TITLES: dict[SwapState, str] = {
    "offered": both("【换班】{giver} 请您代班", "[swap] {giver} asks you to take a shift"),
    "accepted": both("【换班】{taker} 已接受", "[swap] {taker} has accepted"),
    "declined": both("【换班】{taker} 未接受", "[swap] {taker} has declined"),
    "withdrawn": both("【换班】{giver} 已撤回", "[swap] {giver} has withdrawn it"),
}


def tell_of_swap(
    tx: Transaction, enqueue: Enqueue, rota: Rota, swap: Swap, people: Mapping[str, Person]
) -> None:
    """The one who has to answer or to know: the colleague of an offer or its withdrawal, else the giver."""
    receiver = swap.offered_to if swap.state in ("offered", "withdrawn") else swap.offered_by
    names = {"giver": _name(people, swap.offered_by), "taker": _name(people, swap.offered_to)}
    channels = sorted({channel for _, channel in ways_of(tx.connection, [receiver])} - SILENT_CHANNELS)
    messages = [
        Message(
            key=f"swap/{swap.id}/{swap.state}/{channel}",
            kind="system",
            receiver=receiver,
            channel=channel,
            priority=Priority.MEDIUM,
            enterprise=rota.enterprise,
            title=TITLES[swap.state].format(**names),
            body=_body(rota, swap, tx.now),
        )
        for channel in channels
    ]
    enqueue(tx, messages)


def _body(rota: Rota, swap: Swap, now: int) -> str:
    definition = rota.version_at(now).definition
    zone = zone_of(definition.zone)
    span = _span(swap.start, swap.end, zone)
    lines = [
        both(f"值班表：{definition.name}", f"Rota: {definition.name}"),
        both(f"时段：{span}", f"Span: {span}"),
    ]
    if swap.return_start is not None and swap.return_end is not None:
        span = _span(swap.return_start, swap.return_end, zone)
        lines.append(both(f"换回：{span}", f"In return: {span}"))
    if swap.note:
        lines.append(both(f"交接说明：{swap.note}", f"Note: {swap.note}"))
    if swap.answer_note:
        lines.append(both(f"答复：{swap.answer_note}", f"Answer: {swap.answer_note}"))
    if swap.state == "offered":
        lines.append(
            both("请登录系统答复；接受之前不生效。", "Log in to answer; nothing changes before you accept.")
        )
    return joined(lines, "\n", "\n")


def _span(start: int, end: int, zone: ZoneInfo) -> str:
    return f"{local_time(start, zone)} – {local_time(end, zone)}"


def _name(people: Mapping[str, Person], receiver: str) -> str:
    return people[receiver].name if receiver in people else receiver
