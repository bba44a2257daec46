"""What becomes of rows after an attempt, and of rows that can no longer be sent: one transaction's work."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from api.bilingual import both, joined
from api.notify.backoff import Random, retry_at
from api.notify.errors import MessageRefused, Retriable
from api.notify.message import Message
from api.notify.sending import Result
from api.notify.settings import NotifySettings
from api.store.calls import VoiceCall, keep_calls
from api.store.outbox import (
    Row,
    bury,
    finish,
    put_back,
    send_alone,
    settle_lane,
    unsettled_lanes,
    withdrawn_of,
)
from api.store.receipts import ReceiptRow, add_receipts
from api.store.receivers import mark_verified
from api.store.writer import Transaction

SECOND_NS = 1_000_000_000
FIRST_QUESTION_S = 20.0
CONDITION = "notification_failed"
TELLS_VERIFIED = "verifies"
"""Key in the detail of a test message: the version of the target that it proves."""

Report = Callable[[Transaction, str, str, bool, str], None]
"""AlarmService.report: (transaction, kind, about, active, text)."""


class Tally(msgspec.Struct):
    """What is counted once the transaction is on disk: (figure, channel) -> how many."""

    counts: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    latencies: list[tuple[str, float]] = msgspec.field(default_factory=list)

    def add(self, figure: str, channel: str, count: int = 1) -> None:
        self.counts[figure, channel] += count


class Settler:
    """Writes what became of rows. Used in the writing thread, by one worker."""

    def __init__(self, settings: NotifySettings, report: Report, random: Random) -> None:
        self._settings = settings
        self._report = report
        self._random = random

    def settle(self, tx: Transaction, results: Sequence[Result]) -> Tally:
        """Mark the rows of these results, keep receipts and calls, begin or end conditions."""
        tally = Tally()
        withdrawn = withdrawn_of(tx.connection, [row.number for r in results for row in r.load.rows])
        for result in results:
            add_receipts(tx.connection, [_receipt(row, result) for row in result.load.rows])
            if result.error is None:
                self._accepted(tx, result, tally)
            else:
                for row in result.load.rows:
                    self._not_accepted(tx, row, result, row.number in withdrawn, tally)
        self._lanes_that_work(tx, results)
        return tally

    def bury(self, tx: Transaction, rows: Iterable[tuple[int, str, str]], words: str, tally: Tally) -> None:
        """Waiting rows, as (number, channel, lane), that cannot be sent any more."""
        by_lane: dict[tuple[str, str], list[int]] = {}
        for number, channel, lane in rows:
            by_lane.setdefault((channel, lane), []).append(number)
        for (channel, lane), numbers in by_lane.items():
            count = bury(tx.connection, numbers, tx.now, words)
            tally.add("dead", channel, count)
            if count:
                self._report_failure(tx, channel, lane)

    def ended(self, tx: Transaction, channel: str, lane: str) -> None:
        """Nothing undelivered on this lane waits for a person any more."""
        self._report(tx, CONDITION, about(channel, lane), False, "")

    def max_age_ns(self, message: Message | None, kind: str) -> int:
        """After that a message of this kind is of no use."""
        asked = message.detail.get("max_age_s") if message else None
        by_kind = self._settings.notify_max_age_by_kind_s
        seconds = float(asked or by_kind.get(kind, self._settings.notify_max_age_s))
        return int(seconds * SECOND_NS)

    def retry_at(self, result: Result, now: int) -> int:
        """When the rows of a failed load, and their lane, may be tried again."""
        asked = result.error.retry_after_s if isinstance(result.error, Retriable) else None
        return retry_at(
            now,
            max(row.attempts for row in result.load.rows),
            self._settings.notify_retry_first_s,
            self._settings.notify_retry_most_s,
            self._random,
            asked,
        )

    def _accepted(self, tx: Transaction, result: Result, tally: Tally) -> None:
        load, receipt = result.load, result.receipt
        assert receipt is not None
        carrier = load.rows[0].number
        for row in load.rows:
            message = row.message
            if not finish(tx.connection, row.number, load.lease, "sent", tx.now, receipt.words, carrier):
                tally.add("lost_leases", message.channel)
                continue
            tally.add("sent", message.channel)
            tally.latencies.append((message.channel, (result.ended_at - row.created_at) / SECOND_NS))
            if TELLS_VERIFIED in message.detail and row.target is not None:
                version = int(message.detail[TELLS_VERIFIED])
                mark_verified(tx.connection, message.receiver, row.target, version, result.ended_at)
        if load.form != "single":
            tally.add("digested", load.rows[0].message.channel, len(load.rows))
        if load.rows[0].message.channel == "voice" and receipt.reference:
            keep_calls(tx.connection, [_call(load.rows[0], receipt.reference, result)])

    def _not_accepted(self, tx: Transaction, row: Row, result: Result, withdrawn: bool, tally: Tally) -> None:
        error, lease, channel = result.error, result.load.lease, row.message.channel
        assert error is not None
        tally.add("failed", channel)
        if withdrawn:
            tally.add("cancelled", channel, finish(tx.connection, row.number, lease, "cancelled", tx.now, ""))
            return
        if isinstance(error, MessageRefused) and result.load.form != "single":
            # One bad message must not take the others with it: each goes by itself.
            tally.add("retried", channel, send_alone(tx.connection, row.number, lease))
            return
        again = self.retry_at(result, tx.now)
        expires = row.created_at + self.max_age_ns(row.message, row.message.kind)
        if isinstance(error, Retriable) and again < expires:
            tally.add("retried", channel, put_back(tx.connection, row.number, lease, again, error.words))
            return
        words = (
            error.words
            if not isinstance(error, Retriable)
            else joined([both("已过期，最后一次", "too old, last"), error.words], "：", ": ")
        )
        if finish(tx.connection, row.number, lease, "dead", tx.now, words, unsettled=True):
            tally.add("dead", channel)
            self._report_failure(tx, channel, row.lane)

    def _lanes_that_work(self, tx: Transaction, results: Sequence[Result]) -> None:
        worked = {r.load.rows[0].lane: r.load.rows[0].message.channel for r in results if r.error is None}
        for lane in unsettled_lanes(tx.connection, worked) if worked else ():
            settle_lane(tx.connection, lane)
            self.ended(tx, worked[lane], lane)

    def _report_failure(self, tx: Transaction, channel: str, lane: str) -> None:
        text = both(
            f"经 {channel} 的消息未能送达，请查看未送达消息清单并修正接收目标。",
            f"A message over {channel} could not be delivered: see the dead letters and mend the target.",
        )
        self._report(tx, CONDITION, about(channel, lane), True, text)


def about(channel: str, lane: str) -> str:
    """What a condition is about: the channel and a mark of the address, no tenant's particulars."""
    return f"{channel}/{lane[:8] or 'no-target'}"


def _receipt(row: Row, result: Result) -> ReceiptRow:
    message, error, receipt = row.message, result.error, result.receipt
    told: dict[str, Any] = {"outcome": "accepted", "words": "", "reference": ""}
    if error is not None:
        told |= {"outcome": error.outcome, "words": error.words}
    elif receipt is not None:
        told |= {"words": receipt.words, "reference": receipt.reference}
    return ReceiptRow(
        outbox=row.number,
        carrier=result.load.rows[0].number,
        message_key=message.key,
        receiver=message.receiver,
        channel=message.channel,
        target=row.target,
        lane=row.lane,
        enterprise=message.enterprise,
        alarm_id=message.alarm_id,
        attempt=row.attempts,
        started_at=result.started_at,
        ended_at=result.ended_at,
        form=result.load.form,
        messages=len(result.load.rows),
        **told,
    )


def _call(row: Row, reference: str, result: Result) -> VoiceCall:
    return VoiceCall(
        reference=reference,
        outbox=row.number,
        message_key=row.message.key,
        receiver=row.message.receiver,
        enterprise=row.message.enterprise,
        alarm_id=row.message.alarm_id,
        started_at=result.ended_at,
        ask_at=result.ended_at + int(FIRST_QUESTION_S * SECOND_NS),
    )
