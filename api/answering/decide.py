"""What a link still allows: a pure decision about the link, its subject and the answers so far.

| status | when | the page |
|---|---|---|
| open | the subject waits for an answer | asks |
| answered | this receiver has answered with this link, and nothing else is left to say | says what he said |
| taken | somebody has taken it on, by whatever way | says who and when |
| closed | the subject is over | says so |
| expired, revoked | the link's time is over, or somebody ended it | says so |
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from api.answering.model import Answer, AnswerRefused, Choice, Given, Link, Shown
from api.auth.keys import same_secret
from api.bilingual import both

Status = Literal["open", "answered", "taken", "closed", "expired", "revoked"]
OVER: frozenset[Status] = frozenset({"expired", "revoked"})
MAX_COMMENT = 500


class Offer(NamedTuple):
    """What the page may ask for."""

    status: Status
    choices: tuple[Choice, ...] = ()


def offer(link: Link, shown: Shown, answers: Sequence[Answer], colleagues: Sequence[str], now: int) -> Offer:
    """What may be answered now. `answers` are those given with this link, oldest first.

    Who could not come may still acknowledge, and the other way round nothing: an acknowledgement is final.
    """
    if link.revoked_at is not None:
        return Offer("revoked")
    if answers and answers[-1].choice == "acknowledge":
        return Offer("answered")
    if shown.taken_by:
        return Offer("taken")
    if shown.closed:
        return Offer("closed")
    if link.expires_at <= now:
        return Offer("expired")
    said = {answer.choice for answer in answers}
    left = tuple(choice for choice in link.purposes if choice not in said)
    if not colleagues:
        left = tuple(choice for choice in left if choice != "hand_over")
    return Offer("open", left) if left else Offer("answered")


def is_repeated(given: Given, answers: Sequence[Answer]) -> bool:
    """Is this what was answered last, sent again (a double tap, a page that was loaded anew)?"""
    if not answers:
        return False
    last = answers[-1]
    return (last.choice, last.colleague) == (given.choice, given.colleague)


def check(link: Link, possible: Offer, given: Given, colleagues: Sequence[str]) -> None:
    """AnswerRefused if this answer cannot be taken now."""
    if given.choice not in possible.choices:
        raise AnswerRefused(both("现在不能这样答复。", "This answer is not possible now."))
    if not same_secret(given.nonce, link.nonce):
        raise AnswerRefused(
            both("页面已过期，请再按一次。", "The page was out of date: please press once more.")
        )
    if given.choice == "hand_over" and given.colleague not in colleagues:
        raise AnswerRefused(both("请选择一位同事。", "Please choose a colleague."))
    if len(given.comment) > MAX_COMMENT:
        raise AnswerRefused(both(f"备注最多{MAX_COMMENT}字。", f"At most {MAX_COMMENT} characters, please."))
