"""Telephone calls by Aliyun: Dyvmsapi SingleCallByTts, or IvrCall when a key shall be pressed.

help.aliyun.com/document_detail/393519.html and 393521.html (calls), 393529.html (asking: the provider
recommends 3 to 5 minutes after the call), vms/voicereport-6 (reports: a JSON list, answered with code 0).
A duration of 0 s means that nobody picked up; the keys pressed come in `dtmf` of a report only.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from api.bilingual import both
from api.notify.aliyun import Aliyun
from api.notify.errors import Unclear
from api.notify.facts import WORDS, provider
from api.notify.message import Outgoing
from api.notify.port import Adapter, AddressForm, Field, NotConfigured, Receipt, Surroundings, Target
from api.notify.templates import check_phone, template_values
from api.notify.voice import CallOutcome

MS_NS = 1_000_000
NOTICE, KEYPAD = "11000000300006", "11000000300005"
"""Product ids of voice notices and of interactive calls."""
SPOKEN = ("title", "where", "value", "since")
ANSWER_KEY = "1"


class AliyunVoice:
    """One call to one number. Implements api.notify.voice.VoiceNotifier."""

    def __init__(self, around: Surroundings) -> None:
        if not around.settings.notify_voice_template:
            raise NotConfigured(
                both(
                    "电话须设置 HAZARDWATCH_API_NOTIFY_VOICE_TEMPLATE",
                    "calls need HAZARDWATCH_API_NOTIFY_VOICE_TEMPLATE",
                )
            )
        self._settings = around.settings
        self._facts = provider("voice")
        self._aliyun = Aliyun("voice", self._facts, around)

    async def send(self, message: Outgoing, target: Target) -> Receipt:
        spoken = template_values(message, self._facts.parameter_characters, SPOKEN)
        common = {
            "CalledNumber": target.address,
            "CalledShowNumber": self._settings.notify_voice_show_number,
            "PlayTimes": target.options.get("play_times", "2"),
            "OutId": hashlib.sha256(message.key.encode()).hexdigest()[:15],
        }
        if self._settings.notify_voice_keypad_template:
            told = await self._aliyun.call("IvrCall", common | self._interactive(spoken))
        else:
            notice = {"TtsCode": self._settings.notify_voice_template, "TtsParam": spoken}
            told = await self._aliyun.call("SingleCallByTts", common | notice)
        return Receipt(reference=str(told.get("CallId", "")), words=str(told.get("Message", "")))

    async def outcome(self, reference: str, placed_at: int) -> CallOutcome | None:
        told = await self._aliyun.call(
            "QueryCallDetailByCallId",
            {
                "CallId": reference,
                "ProdId": KEYPAD if self._settings.notify_voice_keypad_template else NOTICE,
                "QueryDate": str(placed_at // MS_NS),
            },
        )
        if not told.get("Data"):
            return None
        try:
            data = msgspec.json.decode(told["Data"], type=dict[str, Any])
        except (msgspec.MsgspecError, TypeError) as error:
            raise Unclear(
                both(f"通话详情无法读取：{error}", f"the details of a call cannot be read: {error}")
            ) from error
        return _outcome(reference, data, "state", "stateDesc")

    def read_report(self, content: bytes) -> list[CallOutcome]:
        rows = msgspec.json.decode(content, type=list[dict[str, Any]])
        return [
            _outcome(str(row["call_id"]), row, "status_code", "status_msg")
            for row in rows
            if row.get("call_id")
        ]

    async def close(self) -> None:
        await self._aliyun.close()

    def _interactive(self, spoken: str) -> dict[str, str]:
        """After the message a key is waited for; whichever it is, the report tells."""
        thanks = self._settings.notify_voice_keypad_template
        return {
            "StartCode": self._settings.notify_voice_template,
            "StartTtsParams": spoken,
            "ByeCode": thanks,
            "MenuKeyMap.1.Key": ANSWER_KEY,
            "MenuKeyMap.1.Code": thanks,
        }


def _outcome(reference: str, row: Mapping[str, Any], code: str, words: str) -> CallOutcome:
    try:
        listened_s = float(row.get("duration") or 0)
    except (TypeError, ValueError) as error:
        raise Unclear(
            both(
                f"通话时长无法读取：{row.get('duration')!r}",
                f"the duration of a call cannot be read: {row.get('duration')!r}",
            )
        ) from error
    return CallOutcome(
        reference=reference,
        answered=listened_s > 0,
        listened_s=listened_s,
        keypad=str(row.get("dtmf") or "")[:20],
        words=f"{row.get(code, '')} {row.get(words, '')}".strip()[:WORDS],
    )


ADAPTER = Adapter(
    channel="voice",
    name="语音电话（阿里云）",
    name_en="Telephone call (Aliyun)",
    form=AddressForm(
        address=Field(name="address", title="电话号码", title_en="Telephone number", example="13800000000"),
        options=(
            Field(
                name="play_times",
                title="播放次数 1–3",
                title_en="How often it is played, 1 to 3",
                required=False,
                example="2",
            ),
        ),
        check=check_phone,
    ),
    make=AliyunVoice,
    merges=False,
    configured_by=("notify_aliyun_key_id", "notify_aliyun_key_secret_file", "notify_voice_template"),
)
