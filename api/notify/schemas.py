"""What the routes of receivers and the outbox take and answer. No address is ever answered. Times: ns UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.notify.message import Kind
from api.schemas import PriorityName
from api.store.outbox import OutboxState, Row
from api.store.receipts import ReceiptRow
from api.store.receivers import Receiver, ReceiverKind, SealedTarget
from api.store.sandbox import SandboxMessage

ID = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class ReceiverBody(BaseModel):
    """What is known of a receiver."""

    model_config = ConfigDict(extra="forbid")

    enterprise: str = Field(
        "", max_length=100, description="Whose receiver; empty: the bureau's, told for all enterprises."
    )
    kind: ReceiverKind = Field(
        "person", description="A person, a duty phone that is always manned, a device."
    )
    name: str = Field(min_length=1, max_length=100, description="Name as messages and lists show it.")
    name_en: str = Field("", max_length=100, description="The same in English.")
    login: str = Field("", max_length=100, description="Name under which this person logs in, if he does.")
    enabled: bool = Field(True, description="False: nothing is sent, e.g. after leaving the site.")
    note: str = Field("", max_length=1000, description="For the administrators.")


class NewReceiver(ReceiverBody):
    """A receiver to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "li.wei", "enterprise": "acme", "kind": "person", "name": "李伟"}]
        }
    )

    id: str = Field(pattern=ID, description="Id that rotas and ladders use, e.g. `li.wei`.")


class ReceiverChange(ReceiverBody):
    """A receiver as it shall be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"enterprise": "acme", "kind": "person", "name": "李伟", "version": 1}]
        }
    )

    version: int = Field(
        ge=1, le=2**31 - 1, description="The version that was seen; a later one refuses the change."
    )


class TargetBody(BaseModel):
    """A way to a receiver. Address and secret are taken and kept encrypted, never answered."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"channel": "sms", "label": "手机", "address": "13800000000"}],
        },
    )

    channel: str = Field(max_length=40, description="One of GET /notify/channels.")
    label: str = Field("", max_length=100, description="What it is for people, e.g. 值班手机.")
    address: str = Field(
        "", max_length=2000, description="Number, mail address, token or URL; empty in a change: as it is."
    )
    secret: str = Field("", max_length=500, description="Signing secret; empty in a change: as it is.")
    forget_secret: bool = Field(False, description="True: from now on without a secret.")
    options: dict[str, str] = Field({}, max_length=20, description="What GET /notify/channels names.")
    enabled: bool = Field(True, description="False: nothing is sent here.")


class TargetChangeBody(TargetBody):
    """A target as it shall be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"channel": "sms", "label": "值班手机", "version": 1}]}
    )

    version: int = Field(
        ge=1, le=2**31 - 1, description="The version that was seen; a later one refuses the change."
    )


class TargetView(BaseModel):
    """A target without its address."""

    number: int = Field(description="Counts from 1 within the receiver.")
    channel: str = Field(description="The channel.")
    label: str = Field(description="What it is for people.")
    hint: str = Field(description="The end of the address.")
    has_secret: bool = Field(description="Is a signing secret kept?")
    options: dict[str, str] = Field(description="Options of the channel.")
    enabled: bool = Field(description="Is it used?")
    verified_at: int | None = Field(description="When a test message got through; null: never.")
    version: int = Field(description="Rises with each change.")
    changed_at: int = Field(description="ns UTC.")
    changed_by: str = Field(description="Who changed it last.")


class ReceiverView(ReceiverBody):
    """A receiver with the targets."""

    id: str = Field(description="Id that rotas and ladders use.")
    version: int = Field(description="Rises with each change.")
    changed_at: int = Field(description="ns UTC.")
    changed_by: str = Field(description="Who changed it last.")
    targets: list[TargetView] = Field(description="Ways to this receiver.")


class ReceiverPage(BaseModel):
    """Receivers by id."""

    receivers: list[ReceiverView] = Field(description="At most `limit`.")
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class ChangeWaits(BaseModel):
    """The change is not made yet."""

    proposal: str = Field(description="Id of the proposal that a second person has to agree to.")


class TestSent(BaseModel):
    """A test message is on its way."""

    message_key: str = Field(description="Look it up with GET /outbox?message=...")


class FieldView(BaseModel):
    """One thing that a target of a channel needs."""

    name: str = Field(description="Name in the body.")
    title: str = Field(description="For a form.")
    title_en: str = Field(description="The same in English.")
    required: bool = Field(description="Must it be given?")
    example: str = Field(description="What it looks like.")


class ChannelView(BaseModel):
    """A channel, what a target of it needs, and whether it can be used."""

    channel: str = Field(description="Name in targets and ladders.")
    name: str = Field(description="For people.")
    name_en: str = Field(description="The same in English.")
    ready: bool = Field(description="False: a setting is missing, messages become dead letters.")
    reason: str = Field(description="Which setting is missing.")
    sandbox: bool = Field(description="True: what is sent here is kept in the sandbox and reaches nobody.")
    address: FieldView = Field(description="The address.")
    secret: FieldView | None = Field(description="The secret, if the channel has one.")
    options: list[FieldView] = Field(description="Options.")
    messages: int = Field(description="At most so many messages to one target ...")
    per_s: float = Field(description="... in so many seconds.")
    source: str = Field(description="Where these figures are from.")


class ReceiptView(BaseModel):
    """One attempt to deliver a message to one target."""

    attempt: int = Field(description="1 for the first.")
    receiver: str = Field(description="Who.")
    channel: str = Field(description="How.")
    target: int | None = Field(description="Which of the receiver's targets.")
    started_at: int = Field(description="ns UTC.")
    ended_at: int = Field(description="ns UTC.")
    outcome: str = Field(description="accepted, busy, unreachable, unclear, target_refused, message_refused")
    words: str = Field(description="What the provider said, shortened.")
    reference: str = Field(description="The provider's id of the message.")
    form: str = Field(description="single, digest or bundle")
    messages: int = Field(description="How many messages went in this call.")


class OutboxMessage(BaseModel):
    """A message on its way to one target."""

    number: int = Field(description="Row of the outbox.")
    message_key: str = Field(description="Idempotency key of the message.")
    kind: Kind = Field(description="What it is about.")
    receiver: str = Field(description="Who is told.")
    channel: str = Field(description="How.")
    target: int | None = Field(description="Which of the receiver's targets; null: there is none.")
    priority: PriorityName = Field(description="Urgency.")
    enterprise: str = Field(description="Whose alarm.")
    alarm_id: str | None = Field(description="The alarm, if it is about one.")
    title: str = Field(description="Title.")
    body: str = Field(description="Text.")
    state: OutboxState = Field(description="waiting, sent, cancelled or dead")
    attempts: int = Field(description="How often it was tried.")
    created_at: int = Field(description="ns UTC.")
    not_before: int = Field(description="When it is tried next at the earliest, ns UTC.")
    finished_at: int | None = Field(description="When it was sent, withdrawn or given up, ns UTC.")
    sent_with: int | None = Field(description="Row that carried it, itself unless it went in a digest.")
    words: str = Field(description="What the provider said last, or why it was given up.")


class OutboxMessageWithReceipts(OutboxMessage):
    """A message with every attempt."""

    receipts: list[ReceiptView] = Field(description="Oldest first.")


class OutboxPage(BaseModel):
    """Messages, newest first."""

    messages: list[OutboxMessage] = Field(description="At most `limit`.")
    next: int | None = Field(description="Give it as `before` for the next page; null on the last one.")


class ReceiptList(BaseModel):
    """Attempts, oldest first."""

    receipts: list[ReceiptView] = Field(description="Each with its outcome.")


class SeenBody(BaseModel):
    """Why nothing more is done about a dead letter."""

    model_config = ConfigDict(extra="forbid")

    why: str = Field("", max_length=500, description="For the audit.")


class SandboxView(BaseModel):
    """A message that would have been sent."""

    number: int = Field(description="Rises with time.")
    key: str = Field(description="Key of the call: of the message, or of a digest.")
    kept_at: int = Field(description="ns UTC.")
    kind: Kind = Field(description="What it is about.")
    receiver: str = Field(description="Who would have been told.")
    channel: str = Field(description="How.")
    priority: PriorityName = Field(description="Urgency.")
    enterprise: str = Field(description="Whose alarm.")
    alarm_ids: list[str] = Field(description="The alarms in it.")
    messages: int = Field(description="How many messages are in it.")
    created_at: int = Field(description="When the oldest message in it was made, ns UTC.")
    title: str = Field(description="Title.")
    body: str = Field(description="Text.")
    link: str = Field(
        description="Where the person would have answered; empty for others, who would answer in his name."
    )
    times: int = Field(description="How often it came; above 1 it was sent again after a crash.")


class SandboxPage(BaseModel):
    """Kept messages, newest first."""

    messages: list[SandboxView] = Field(description="At most `limit`.")
    next: int | None = Field(description="Give it as `before` for the next page; null on the last one.")


class CallReportTaken(BaseModel):
    """What the voice provider wants to read."""

    code: Literal[0] = Field(0, description="0: taken.")
    msg: str = Field("接收成功", description="For people.")


def receiver_view(receiver: Receiver, targets: list[SealedTarget]) -> ReceiverView:
    """A receiver with those of the targets that are his."""
    fields = {name: getattr(receiver, name) for name in Receiver.__struct_fields__}
    return ReceiverView(**fields, targets=[target_view(t) for t in targets if t.receiver == receiver.id])


def target_view(target: SealedTarget) -> TargetView:
    """A target without what is secret."""
    same = ("number", "channel", "label", "hint", "enabled", "verified_at", "version")
    return TargetView(
        **{name: getattr(target, name) for name in same},
        has_secret=bool(target.sealed_secret),
        options=dict(target.options),
        changed_at=target.changed_at,
        changed_by=target.changed_by,
    )


def outbox_fields(row: Row) -> dict[str, object]:
    """The fields of OutboxMessage."""
    message = row.message
    of_row = set(Row.__struct_fields__) - {"message", "lane", "withdrawn"}
    of_message = ("kind", "receiver", "channel", "enterprise", "alarm_id", "title", "body")
    return (
        {name: getattr(row, name) for name in of_row}
        | {name: getattr(message, name) for name in of_message}
        | {"message_key": message.key, "priority": message.priority.name}
    )


def receipt_view(receipt: ReceiptRow) -> ReceiptView:
    return ReceiptView(**{name: getattr(receipt, name) for name in ReceiptView.model_fields})


def sandbox_view(message: SandboxMessage) -> SandboxView:
    fields = {name: getattr(message, name) for name in SandboxView.model_fields}
    return SandboxView(**fields | {"priority": message.priority.name, "alarm_ids": list(message.alarm_ids)})
