"""An outbox that gives every message which asks for an answer a link of its own.

| message | the link is about |
|---|---|
| `call_up` with a call-up in its detail | the call-up: an answer ends the calls, and acknowledges its alarm |
| `duty_check` to a receiver of that enterprise | the duty check; the bureau is only told of it |
| `alarm`, `reminder`, `call_up`, `not_woken` with an alarm | the alarm |

Messages over a channel that cannot show a link go as they are, and so do all of them as long as no
address is set under which telephones reach this service.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from api.answering.model import CHOICES, Choice, Kind
from api.answering.service import AnsweringService, LinkWanted
from api.notify.message import ASKS_FOR_AN_ANSWER, Message
from api.notify.outbox import cancel, enqueue
from api.rotas.people import People, Person
from api.store.writer import Transaction

WITHOUT_LINKS = frozenset({"voice", "siren"})


class About(NamedTuple):
    """What a message's link is about, and what it allows."""

    kind: Kind
    subject: str
    purposes: tuple[Choice, ...]


class LinkedOutbox:
    """The outbox as escalation, call-ups and desks use it, with links in what goes through."""

    def __init__(self, links: AnsweringService, people: People, base_url: str) -> None:
        self._links = links
        self._people = people
        self._base_url = base_url

    def enqueue(self, tx: Transaction, messages: Sequence[Message]) -> int:
        """See `api.notify.outbox.enqueue`."""
        return enqueue(tx, self.with_links(tx, messages))

    def cancel(self, tx: Transaction, alarm_id: str) -> int:
        """See `api.notify.outbox.cancel`."""
        return cancel(tx, alarm_id)

    def with_links(self, tx: Transaction, messages: Sequence[Message]) -> list[Message]:
        """The messages, those that ask for an answer with `link` in their detail; all links in one go."""
        if not self._base_url or not any(map(_may_ask, messages)):
            return list(messages)
        people = self._people(tx.connection)
        about = [self._about(message, people) for message in messages]
        wanted = [
            _wanted(message, one) for message, one in zip(messages, about, strict=True) if one is not None
        ]
        made = iter(self._links.make_links(tx, wanted, self._base_url))
        return [
            message if one is None else _linked(message, next(made))
            for message, one in zip(messages, about, strict=True)
        ]

    def _about(self, message: Message, people: Mapping[str, Person]) -> About | None:
        if not _may_ask(message):
            return None
        subjects = self._links.subjects
        call_up, check = message.detail.get("call_up"), message.detail.get("duty_check")
        if message.kind == "call_up" and call_up and "call_up" in subjects:
            return About("call_up", call_up, ("acknowledge", "cannot_come"))
        if message.kind == "duty_check" and check and "duty_check" in subjects:
            person = people.get(message.receiver)
            is_theirs = person is not None and person.enterprise == message.enterprise
            return About("duty_check", check, ("acknowledge",)) if is_theirs else None
        if message.kind in ASKS_FOR_AN_ANSWER and message.alarm_id is not None:
            return About("alarm", message.alarm_id, CHOICES)
        return None


def _wanted(message: Message, about: About) -> LinkWanted:
    return LinkWanted(
        receiver=message.receiver,
        subject=about.subject,
        kind=about.kind,
        purposes=about.purposes,
        enterprise=message.enterprise,
        channel=message.channel,
    )


def _may_ask(message: Message) -> bool:
    asks = message.kind in ASKS_FOR_AN_ANSWER or message.kind == "duty_check"
    return asks and message.channel not in WITHOUT_LINKS and "link" not in message.detail


def _linked(message: Message, link: str) -> Message:
    return msgspec.structs.replace(message, detail=message.detail | {"link": link})
