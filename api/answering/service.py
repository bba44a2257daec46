"""Makes links, shows what they are about, and takes the answers: written in one transaction each."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from api.answering.decide import Offer, check, is_repeated, offer
from api.answering.metrics import AnsweringMetrics
from api.answering.model import CHOICES, Answer, Choice, Given, Kind, Link, Shown, UnknownLink
from api.answering.subjects import Subject
from api.auth.principal import Principal, Scope
from api.bilingual import both
from api.rotas.people import People
from api.store.alarms import alarm_by_id
from api.store.answering import (
    answers_about,
    answers_of_link,
    forget_links,
    insert_answer,
    insert_links,
    link_by_token,
    links_about,
    revoke_link,
    turn_nonce,
)
from api.store.timers import Timer, set_timer
from api.store.writer import Clock, Reader, Transaction, Writer

HOUR_NS = 3600 * 10**9
DAY_NS = 24 * HOUR_NS
TOKEN_BYTES = 18
"""144 random bits: 24 characters, short enough for an SMS."""
KEPT_DAYS = 30
"""An expired link that nobody answered with is kept for so long."""
TIMER = "answer-links"

Colleagues = Callable[[Connection, str, str, int], Mapping[str, str]]
"""(connection, receiver, enterprise, now) -> receiver: name of those to whom he may hand over."""


class LinkWanted(NamedTuple):
    """A link that should be made."""

    receiver: str
    subject: str
    kind: Kind
    purposes: tuple[Choice, ...]
    enterprise: str
    channel: str


class View(NamedTuple):
    """Everything that the page is made of."""

    link: Link
    shown: Shown
    offer: Offer
    answers: Sequence[Answer]
    """Given with this link."""
    person: str
    """Name of the receiver."""
    colleagues: Mapping[str, str]
    now: int
    """ns UTC."""


class AnsweringService:
    """Made once in `app.py`; other parts register what their links are about in `subjects`."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        people: People,
        colleagues: Colleagues,
        metrics: AnsweringMetrics,
        valid_hours: float,
    ) -> None:
        self._writer, self._reader, self._clock = writer, reader, clock
        self._people, self._colleagues, self._metrics = people, colleagues, metrics
        self._valid_ns = int(valid_hours * HOUR_NS)
        self.subjects: dict[Kind, Subject] = {}

    def make_link(
        self,
        tx: Transaction,
        receiver: str,
        subject: str,
        purposes: Sequence[Choice] = CHOICES,
        base_url: str = "",
        *,
        kind: Kind = "alarm",
        enterprise: str | None = None,
        channel: str = "",
    ) -> str:
        """The address under which this receiver answers; it stands nowhere else than in its message.

        `subject` is the alarm's id, unless `kind` says otherwise. Without `enterprise` the alarm is
        looked up: whoever has it at hand saves a query.
        """
        owner = _enterprise_of(tx, subject) if enterprise is None else enterprise
        wanted = LinkWanted(receiver, subject, kind, tuple(purposes), owner, channel)
        return self.make_links(tx, [wanted], base_url)[0]

    def make_links(self, tx: Transaction, wanted: Sequence[LinkWanted], base_url: str) -> list[str]:
        """The addresses of many links, in their order."""
        tokens = [secrets.token_urlsafe(TOKEN_BYTES) for _ in wanted]
        base_url = base_url.rstrip("/")
        links = [self._link(tx, one, base_url) for one in wanted]
        insert_links(tx.connection, links, map(hash_of, tokens))
        tx.then(lambda: self._count(links))
        return [f"{base_url}/answer/{token}" for token in tokens]

    def _count(self, links: Sequence[Link]) -> None:
        for link in links:
            self._metrics.links.labels(link.kind).inc()

    def _link(self, tx: Transaction, wanted: LinkWanted, base_url: str) -> Link:
        return Link(
            id=secrets.token_hex(10),
            kind=wanted.kind,
            subject=wanted.subject,
            receiver=wanted.receiver,
            enterprise=wanted.enterprise,
            purposes=wanted.purposes,
            channel=wanted.channel,
            base_url=base_url,
            made_at=tx.now,
            expires_at=tx.now + self._valid_ns,
            nonce=_nonce(),
        )

    async def look(self, token: str) -> View:
        """What the page shows; changes nothing. Raises UnknownLink."""
        return await self._reader.run(lambda connection: self._view(connection, token, self._clock()))

    async def answer(self, token: str, given: Given) -> View:
        """Take an answer; the same answer again changes nothing. Raises UnknownLink or AnswerRefused."""
        return await self._writer.run(lambda tx: self._answer(tx, token, given))

    async def links(self, scope: Scope, kind: Kind, subject: str) -> tuple[list[Link], list[Answer]]:
        """Who was sent a link about a subject, and what came back."""
        return await self._reader.run(
            lambda connection: (
                links_about(connection, kind, subject, scope),
                answers_about(connection, kind, subject, scope),
            )
        )

    async def revoke(self, by: Principal, link_id: str) -> None:
        """A link works no more. Raises UnknownLink."""
        await self._writer.run(lambda tx: self._revoke(tx, by, link_id))

    def start(self, tx: Transaction) -> None:
        """Forget old links now, and from then on daily."""
        forget_links(tx.connection, tx.now - KEPT_DAYS * DAY_NS)
        set_timer(tx, Timer(key=TIMER, kind=TIMER, subject="", due_at=tx.now + DAY_NS))

    def on_timer(self, tx: Transaction, _timer: Timer) -> None:
        """See `start`."""
        self.start(tx)

    def _view(self, connection: Connection, token: str, now: int) -> View:
        link = link_by_token(connection, hash_of(token))
        subject = self.subjects.get(link.kind) if link else None
        shown = subject.show(connection, link) if link and subject else None
        if link is None or shown is None:
            raise UnknownLink(both("没有此链接", "there is no such link"))
        person = self._people(connection).get(link.receiver)
        answers = answers_of_link(connection, link.id)
        colleagues = self._colleagues(connection, link.receiver, link.enterprise, now)
        possible = offer(link, shown, answers, list(colleagues), now)
        if person is None:  # the receiver is gone, and with him his rights
            return View(link, shown, Offer("revoked"), answers, link.receiver, {}, now)
        return View(link, shown, possible, answers, person.name, colleagues, now)

    def _answer(self, tx: Transaction, token: str, given: Given) -> View:
        view = self._view(tx.connection, token, tx.now)
        if is_repeated(given, view.answers):
            return view
        check(view.link, view.offer, given, list(view.colleagues))
        link = view.link
        answer = Answer(
            link=link.id,
            kind=link.kind,
            subject=link.subject,
            receiver=link.receiver,
            enterprise=link.enterprise,
            person=view.person,
            choice=given.choice,
            colleague=given.colleague if given.choice == "hand_over" else "",
            comment=given.comment,
            time=tx.now,
            address=given.address,
        )
        self._apply(tx, link, insert_answer(tx.connection, answer))
        turn_nonce(tx.connection, link, _nonce())
        tx.then(self._metrics.answers.labels(given.choice).inc)
        return self._view(tx.connection, token, tx.now)

    def _apply(self, tx: Transaction, link: Link, answer: Answer) -> None:
        subject = self.subjects[link.kind]
        words = " ".join(filter(None, (answer.colleague, answer.comment, answer.address)))
        actor = f"receiver:{link.receiver}"
        tx.audit(actor, f"answer-{answer.choice}", link.subject, words, link.enterprise)
        if answer.choice == "acknowledge":
            subject.take(tx, link, answer)
        else:
            subject.pass_on(tx, link, answer)

    def _revoke(self, tx: Transaction, by: Principal, link_id: str) -> None:
        link = revoke_link(tx.connection, link_id, by.scope, by.name, tx.now)
        if link is None:
            raise UnknownLink(both(f"没有有效的链接 {link_id}", f"there is no living link {link_id!r}"))
        tx.audit(
            f"operator:{by.name}", "revoke-link", link.subject, f"{link_id} {link.receiver}", link.enterprise
        )


def _enterprise_of(tx: Transaction, alarm_id: str) -> str:
    alarm = alarm_by_id(tx.connection, alarm_id)
    return alarm.copy.place.enterprise if alarm else ""


def hash_of(token: str) -> str:
    """What is kept of a secret: it has 144 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def _nonce() -> str:
    return secrets.token_urlsafe(16)
