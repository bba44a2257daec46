"""What the routes tell of links and answers. Times are ns UTC."""

from pydantic import BaseModel, Field

from api.answering.model import Answer, Choice, Kind, Link


class LinkView(BaseModel):
    """A link that was sent to somebody, without its secret."""

    id: str
    receiver: str
    channel: str
    purposes: list[Choice]
    made_at: int
    expires_at: int
    revoked_at: int | None
    revoked_by: str


class AnswerView(BaseModel):
    """What somebody answered through his link."""

    number: int
    link: str
    receiver: str
    person: str
    choice: Choice
    colleague: str = Field(description="Receiver to whom it was handed over.")
    comment: str
    time: int


class AnswersView(BaseModel):
    """Who was asked about a subject by link, and what came back."""

    kind: Kind
    subject: str
    links: list[LinkView]
    answers: list[AnswerView]


def answers_view(kind: Kind, subject: str, links: list[Link], answers: list[Answer]) -> AnswersView:
    return AnswersView(
        kind=kind,
        subject=subject,
        links=[LinkView.model_validate(link, from_attributes=True) for link in links],
        answers=[AnswerView.model_validate(answer, from_attributes=True) for answer in answers],
    )
