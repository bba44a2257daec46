"""Offers to hand a span over, and notes for whoever comes next: written, and audited."""

import msgspec
from sqlalchemy import Connection

from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.rotas import swaps
from api.rotas.check import RotaInvalid, unknown_receiver
from api.rotas.duty import known_rota
from api.rotas.errors import RotaRefused, UnknownRota
from api.rotas.holding import HoleWatch
from api.rotas.model import Rota
from api.rotas.papers import Note
from api.rotas.people import People, within
from api.rotas.service import actor, may_change, new_id
from api.rotas.swaps import Swap, SwapRefused
from api.rotas.telling import Enqueue, tell_of_swap
from api.store.rota_papers import (
    answer_swap,
    insert_note,
    insert_swap,
    page_of_notes,
    page_of_swaps,
    swap_by_id,
)
from api.store.rotas import insert_overrides
from api.store.writer import Reader, Transaction, Writer


class SwapService:
    """Hand-overs from person to person.

    Offering and taking back is for the person himself or whoever may change the rota; an answer comes
    from the person who was asked, in his own name, and from nobody else.
    """

    def __init__(
        self, writer: Writer, reader: Reader, people: People, watch: HoleWatch, enqueue: Enqueue
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._people = people
        self._watch = watch
        self._enqueue = enqueue

    async def offer(self, by: Principal, rota_id: str, wanted: Swap) -> Swap:
        """Offer; id, author and time of `wanted` are filled in.

        Raises UnknownRota, RotaInvalid, SwapRefused.
        """
        return await self._writer.run(lambda tx: self._offer(tx, by, rota_id, wanted))

    async def accept(self, by: Principal, rota_id: str, swap_id: str, note: str) -> Swap:
        """Take it; from then on it is true. Raises UnknownRota, SwapRefused."""
        return await self._writer.run(lambda tx: self._accept(tx, by, rota_id, swap_id, note))

    async def decline(self, by: Principal, rota_id: str, swap_id: str, note: str) -> Swap:
        """Do not take it. Raises UnknownRota, SwapRefused."""
        return await self._writer.run(lambda tx: self._decline(tx, by, rota_id, swap_id, note))

    async def withdraw(self, by: Principal, rota_id: str, swap_id: str) -> Swap:
        """Take the offer back. Raises UnknownRota, SwapRefused, RotaRefused."""
        return await self._writer.run(lambda tx: self._withdraw(tx, by, rota_id, swap_id))

    async def offers(
        self, scope: Scope, rota_id: str, after: int | None, limit: int
    ) -> list[tuple[int, Swap]]:
        """See `page_of_swaps`. Raises UnknownRota."""
        return await self._reader.run(lambda connection: _offers(connection, scope, rota_id, after, limit))

    async def write_note(self, by: Principal, rota_id: str, text: str) -> Note:
        """Leave a note. Raises UnknownRota, RotaRefused."""
        return await self._writer.run(lambda tx: self._write_note(tx, by, rota_id, text))

    async def notes(self, scope: Scope, rota_id: str, after: int | None, limit: int) -> list[Note]:
        """See `page_of_notes`. Raises UnknownRota."""
        return await self._reader.run(lambda connection: _notes(connection, scope, rota_id, after, limit))

    def _offer(self, tx: Transaction, by: Principal, rota_id: str, wanted: Swap) -> Swap:
        rota = self._own_rota(tx, by, rota_id)
        swap = msgspec.structs.replace(
            wanted, id=new_id(), rota=rota_id, entered_by=by.name, offered_at=tx.now
        )
        known = within(self._people(tx.connection), rota.enterprise)
        named = (("offered_by", swap.offered_by), ("offered_to", swap.offered_to))
        if unknown := [unknown_receiver(where, one, known) for where, one in named if one not in known]:
            raise RotaInvalid(unknown)
        self._must_be(tx, by, swap.offered_by, or_may_change=True)
        swaps.check_offer(swap, rota, tx.now)
        insert_swap(tx.connection, rota, swap)
        self._tell(tx, by, rota, "offer-swap", swap)
        return swap

    def _accept(self, tx: Transaction, by: Principal, rota_id: str, swap_id: str, note: str) -> Swap:
        rota = self._own_rota(tx, by, rota_id)
        swap = _swap(tx, rota_id, swap_id)
        self._must_be(tx, by, swap.offered_to)
        accepted, overrides = swaps.accept(swap, swap.offered_to, by.name, note, tx.now)
        swaps.check_offer(swap, rota, tx.now)  # the rota may have been changed since
        answer_swap(tx.connection, accepted)
        insert_overrides(tx.connection, rota, overrides)
        self._tell(tx, by, rota, "accept-swap", accepted)
        self._watch.look(tx, rota_id)
        return accepted

    def _decline(self, tx: Transaction, by: Principal, rota_id: str, swap_id: str, note: str) -> Swap:
        rota = self._own_rota(tx, by, rota_id)
        swap = _swap(tx, rota_id, swap_id)
        self._must_be(tx, by, swap.offered_to)
        declined = swaps.decline(swap, swap.offered_to, by.name, note, tx.now)
        answer_swap(tx.connection, declined)
        self._tell(tx, by, rota, "decline-swap", declined)
        return declined

    def _withdraw(self, tx: Transaction, by: Principal, rota_id: str, swap_id: str) -> Swap:
        rota = self._own_rota(tx, by, rota_id)
        swap = _swap(tx, rota_id, swap_id)
        self._must_be(tx, by, swap.offered_by, or_may_change=True)
        withdrawn = swaps.withdraw(swap, by.name, tx.now)
        answer_swap(tx.connection, withdrawn)
        self._tell(tx, by, rota, "withdraw-swap", withdrawn)
        return withdrawn

    def _write_note(self, tx: Transaction, by: Principal, rota_id: str, text: str) -> Note:
        rota = self._own_rota(tx, by, rota_id)
        tx.audit(actor(by), "note-rota", rota_id, text, rota.enterprise)
        return insert_note(tx.connection, rota, by.name, text, tx.now)

    def _tell(self, tx: Transaction, by: Principal, rota: Rota, action: str, swap: Swap) -> None:
        """Into the audit, and to the person whom it concerns."""
        tx.audit(actor(by), action, rota.id, _words(swap), rota.enterprise)
        tell_of_swap(tx, self._enqueue, rota, swap, self._people(tx.connection))

    def _own_rota(self, tx: Transaction, by: Principal, rota_id: str) -> Rota:
        rota = known_rota(tx.connection, rota_id, by.scope)
        if not may_change(by, rota.enterprise):
            raise RotaRefused(
                both(
                    f"值守表 {rota_id!r} 属监管部门，{by.name} 只能查看",
                    f"rota {rota_id!r} is the bureau's: {by.name} may look at it only",
                )
            )
        return rota

    def _must_be(self, tx: Transaction, by: Principal, receiver: str, *, or_may_change: bool = False) -> None:
        person = self._people(tx.connection).get(receiver)
        if person is not None and person.is_principal(by):
            return
        if not (or_may_change and by.may("rota.change")):
            raise SwapRefused(
                both(
                    f"只有 {receiver} 本人登录后才能操作",
                    f"only {receiver} can do this, logged in under the login of that receiver",
                )
            )


def _offers(
    connection: Connection, scope: Scope, rota_id: str, after: int | None, limit: int
) -> list[tuple[int, Swap]]:
    known_rota(connection, rota_id, scope)
    return page_of_swaps(connection, rota_id, after, limit)


def _notes(connection: Connection, scope: Scope, rota_id: str, after: int | None, limit: int) -> list[Note]:
    known_rota(connection, rota_id, scope)
    return page_of_notes(connection, rota_id, after, limit)


def _swap(tx: Transaction, rota_id: str, swap_id: str) -> Swap:
    swap = swap_by_id(tx.connection, rota_id, swap_id)
    if swap is None:
        raise UnknownRota(
            both(f"值守表 {rota_id!r} 没有换班 {swap_id!r}", f"rota {rota_id!r} has no offer {swap_id!r}")
        )
    return swap


def _words(swap: Swap) -> str:
    words = f"{swap.id}: {swap.offered_by} → {swap.offered_to} {swap.start}–{swap.end}"
    return f"{words} {swap.answer_note or swap.note}".strip()
