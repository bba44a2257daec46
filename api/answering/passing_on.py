"""Who is told when somebody cannot come: the ladder's next step at once, or the colleague he named.

The ladder goes on in both cases: handing over is no acknowledgement, and a colleague may be asleep.
"""

from collections.abc import Callable, Sequence

from api.answering.model import Answer, Link
from api.bilingual import both, joined
from api.catalogue import Catalogue
from api.notify.message import Message
from api.notify.texts import alarm_text, subject_of
from api.store.alarms import alarm_by_id
from api.store.receivers import ways_of
from api.store.writer import Transaction

Hurry = Callable[[Transaction, str], None]
"""`Escalation.hurry`: make the next step of this alarm's ladder now."""
MakeLink = Callable[..., str]
"""`AnsweringService.make_link`."""
Enqueue = Callable[[Transaction, Sequence[Message]], object]
"""`api.notify.outbox.enqueue`."""


class PassingOn:
    """A follower of `AlarmSubject`."""

    def __init__(self, catalogue: Catalogue, make_link: MakeLink, enqueue: Enqueue, hurry: Hurry) -> None:
        self._catalogue = catalogue
        self._make_link = make_link
        self._enqueue = enqueue
        self._hurry = hurry

    def __call__(self, tx: Transaction, link: Link, answer: Answer) -> None:
        if answer.choice == "cannot_come":
            self._hurry(tx, link.subject)
        else:
            self._enqueue(tx, self._messages(tx, link, answer))

    def _messages(self, tx: Transaction, link: Link, answer: Answer) -> list[Message]:
        """One for each way to the colleague, with a link of his own."""
        alarm = alarm_by_id(tx.connection, link.subject)
        if alarm is None:
            return []
        text = alarm_text("alarm", subject_of(alarm, self._catalogue))
        handed = both(f"{answer.person} 转交给您", f"Handed over to you by {answer.person}")
        if answer.comment:
            handed = joined([handed, answer.comment], "：", ": ")
        channels = sorted(channel for _, channel in ways_of(tx.connection, [answer.colleague]))
        return [
            Message(
                key=f"handed-over/{answer.number}/{channel}",
                kind="alarm",
                receiver=answer.colleague,
                channel=channel,
                priority=alarm.copy.priority,
                enterprise=link.enterprise,
                alarm_id=alarm.id,
                title=text.title,
                body=joined([handed, text.body], "\n", "\n"),
                detail={"link": self._link(tx, link, answer, channel), "parameters": text.parameters},
            )
            for channel in channels
        ]

    def _link(self, tx: Transaction, link: Link, answer: Answer, channel: str) -> str:
        return self._make_link(
            tx,
            answer.colleague,
            link.subject,
            link.purposes,
            link.base_url,
            enterprise=link.enterprise,
            channel=channel,
        )
