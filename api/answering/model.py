"""What a link is, what somebody answered through it, and what the page shows. All times are ns UTC."""

from typing import Literal

import msgspec

from alarm_rules.model import Priority

Kind = Literal["alarm", "call_up", "duty_check"]
Choice = Literal["acknowledge", "cannot_come", "hand_over"]
CHOICES: tuple[Choice, ...] = ("acknowledge", "cannot_come", "hand_over")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A secret address for one receiver and one subject. Of the secret only a hash is kept."""

    id: str
    kind: Kind
    subject: str
    """Id of the alarm, call-up or duty check."""
    receiver: str
    enterprise: str
    purposes: tuple[Choice, ...]
    """What may be answered with it."""
    channel: str = ""
    """Over which it was sent."""
    base_url: str
    """Where the service was reached when it was made; a link for a colleague begins in the same way."""
    made_at: int
    expires_at: int
    revoked_at: int | None = None
    revoked_by: str = ""
    nonce: str
    """Has to come with an answer, and is another one after it."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered through a link. Never changed."""

    number: int = 0
    link: str
    kind: Kind
    subject: str
    receiver: str
    enterprise: str
    person: str
    """Name of the receiver at that time."""
    choice: Choice
    colleague: str = ""
    """Receiver who was handed the subject."""
    comment: str = ""
    time: int
    address: str = ""
    """From where the answer came."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the form sent."""

    choice: Choice
    nonce: str
    colleague: str = ""
    comment: str = ""
    address: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A subject as the page shows it. Texts are in Chinese, and in English where there are any."""

    what: str
    what_en: str = ""
    where: str = ""
    value: str = ""
    """At the onset."""
    point: str = ""
    """Id of the point it is about; empty for what is about none."""
    since: int
    priority: Priority
    consequence: str = ""
    consequence_en: str = ""
    response: str = ""
    response_en: str = ""
    within_s: float | None = None
    """Time to respond."""
    state: str = ""
    """State name of an alarm; empty for other subjects."""
    taken_by: str = ""
    """Who has answered it already, by whatever way."""
    taken_at: int | None = None
    closed: bool = False
    """Nothing is left to answer."""


class AnswerRefused(Exception):
    """The answer cannot be taken; the message says why, politely, in Chinese and English."""


class UnknownLink(Exception):
    """No link has this secret."""
