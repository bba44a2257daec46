"""Calls placed through the outbox's voice channel: numbers, limits, retries and receipts are kept there."""

from sqlalchemy import Connection

from api.bilingual import both, joined
from api.call_up.model import CallReport, Outcome
from api.call_up.port import Dial
from api.notify.message import Message
from api.notify.outbox import delivery_of, enqueue
from api.store.calls import VoiceCall
from api.store.writer import Transaction

VOICE = "voice"
KEYS = both("请按 1 确认报警，按 2 表示无法到场。", "Press 1 to acknowledge the alarm, 2 if you cannot come.")


class OutboxCaller:
    """A call is a message of kind `call_up` over the channel `voice`, with the call's id as its key."""

    def dial(self, tx: Transaction, dial: Dial) -> None:
        message = Message(
            key=dial.call_id,
            kind="call_up",
            receiver=dial.receiver,
            channel=VOICE,
            priority=dial.priority,
            enterprise=dial.enterprise,
            alarm_id=dial.alarm_id,
            title=dial.text,
            body=joined([dial.text, KEYS], "\n", "\n"),
            detail={"never_merged": True},
        )
        enqueue(tx, [message])

    def outcome_of(self, connection: Connection, dial: Dial, now: int) -> CallReport | None:
        delivery = delivery_of(connection, dial.call_id)
        for call in delivery.calls:
            if not call.is_open:
                return _report(dial.call_id, call)
        if delivery.outcome in ("dead", "cancelled", "unknown"):
            return CallReport(call_id=dial.call_id, outcome="failed", note=delivery.words[:200])
        return None


def _report(call_id: str, call: VoiceCall) -> CallReport:
    outcome: Outcome = "answered" if call.answered else "no_answer"
    return CallReport(
        call_id=call_id,
        outcome=outcome,
        listened_s=call.listened_s,
        pressed=call.keypad,
        reference=call.reference,
        note=call.words[:200],
    )
