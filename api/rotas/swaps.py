"""Handing a span over to a colleague: offered by one, accepted by the other, and only then true.

offered ─► accepted (overrides are made) | declined | withdrawn; an offer whose time has come is past.
All functions are pure; a refusal says why, for the person who asked.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from api.bilingual import both
from api.rotas.model import Override, Rota
from api.rotas.schedule import schedule

SwapState = Literal["offered", "accepted", "declined", "withdrawn"]


class SwapRefused(Exception):
    """What was asked for does not fit; the message says why and what would."""


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """One offer and its answer. Times are ns UTC."""

    id: str
    rota: str
    offered_by: str
    """Receiver who gives the span away."""
    offered_to: str
    """Receiver who is asked to take it."""
    start: int
    end: int
    return_start: int | None = None
    """Span that the first takes over from the second in exchange; None: nothing."""
    return_end: int | None = None
    note: str = ""
    """What the second has to know: the hand-over note."""
    state: SwapState = "offered"
    entered_by: str
    offered_at: int
    answered_by: str = ""
    answered_at: int | None = None
    answer_note: str = ""


def check_offer(swap: Swap, rota: Rota, now: int) -> None:
    """SwapRefused unless the first is on call in the span, the second in the other, and both are to come."""
    if swap.offered_by == swap.offered_to:
        raise SwapRefused(
            both(
                "不能交给同一个人，请指定一位同事",
                "a span cannot be handed over to the same person: name a colleague",
            )
        )
    for giver, start, end in _given(swap):
        if end <= start or start < now:
            raise SwapRefused(
                both(
                    "只能交出将来的时段：开始晚于现在，结束晚于开始",
                    "only time to come can be handed over: give a start after now and a later end",
                )
            )
        if not _is_on_call(rota, giver, start, end):
            raise SwapRefused(
                both(
                    f"{giver} 在该时段并不在值守表 {rota.id} 上，请查看排班",
                    f"{giver} is not on call in rota {rota.id} in that span: "
                    "look at its schedule for the span",
                )
            )


def accept(swap: Swap, receiver: str, by: str, note: str, now: int) -> tuple[Swap, list[Override]]:
    """The other person takes it: the swap, and the overrides that make it true."""
    _check_answer(swap, receiver, now)
    accepted = _answered(swap, "accepted", by, note, now)
    return accepted, list(_overrides(accepted, now))


def decline(swap: Swap, receiver: str, by: str, note: str, now: int) -> Swap:
    """The other person does not take it."""
    _check_answer(swap, receiver, now)
    return _answered(swap, "declined", by, note, now)


def withdraw(swap: Swap, by: str, now: int) -> Swap:
    """Whoever offered it takes the offer back."""
    _check_open(swap)
    return _answered(swap, "withdrawn", by, "", now)


def is_past(swap: Swap, now: int) -> bool:
    """An offer that nobody answered in time."""
    return swap.state == "offered" and min(start for _, start, _ in _given(swap)) <= now


def _given(swap: Swap) -> Iterator[tuple[str, int, int]]:
    yield swap.offered_by, swap.start, swap.end
    if swap.return_start is not None and swap.return_end is not None:
        yield swap.offered_to, swap.return_start, swap.return_end


def _is_on_call(rota: Rota, receiver: str, start: int, end: int) -> bool:
    return any(receiver in span.on_call.receivers for span in schedule(rota, start, end))


def _check_answer(swap: Swap, receiver: str, now: int) -> None:
    _check_open(swap)
    if receiver != swap.offered_to:
        raise SwapRefused(
            both(
                f"换班是向 {swap.offered_to} 提出的，只能由其本人答复",
                f"this was offered to {swap.offered_to}, who alone can answer it",
            )
        )
    if is_past(swap, now):
        raise SwapRefused(
            both(
                "该时段已开始而无人答复，请为剩余时间安排替班",
                "the span has begun without an answer: enter an override for the rest of it",
            )
        )


def _check_open(swap: Swap) -> None:
    if swap.state != "offered":
        raise SwapRefused(
            both(
                f"该换班已由 {swap.answered_by} 处理（{swap.state}）",
                f"the offer was {swap.state} already by {swap.answered_by}",
            )
        )


def _answered(swap: Swap, state: SwapState, by: str, note: str, now: int) -> Swap:
    return msgspec.structs.replace(swap, state=state, answered_by=by, answered_at=now, answer_note=note)


def _overrides(swap: Swap, now: int) -> Iterator[Override]:
    takers = (swap.offered_to, swap.offered_by)
    for number, ((giver, start, end), taker) in enumerate(zip(_given(swap), takers, strict=False), start=1):
        yield Override(
            id=f"{swap.id}-{number}",
            receivers=(taker,),
            instead_of=giver,
            start=start,
            end=end,
            reason=swap.note or both("换班", "Swap"),
            entered_by=swap.answered_by,
            entered_at=now,
            origin="swap",
        )
