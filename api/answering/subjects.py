"""The port to what a link can be about."""

from typing import Protocol

from sqlalchemy import Connection

from api.answering.model import Answer, Link, Shown
from api.store.writer import Transaction


class Subject(Protocol):
    """One kind of subject: alarms here, call-ups and duty checks in their own parts."""

    def show(self, connection: Connection, link: Link) -> Shown | None:
        """The subject as it is now; None if it is gone."""
        ...

    def take(self, tx: Transaction, link: Link, answer: Answer) -> None:
        """The receiver takes it on. Raises AnswerRefused, with nothing written."""
        ...

    def pass_on(self, tx: Transaction, link: Link, answer: Answer) -> None:
        """The receiver cannot come, or hands over to `answer.colleague`: who is told next?"""
        ...
