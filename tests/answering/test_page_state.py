"""The answering page says one state, and its times as everything else says them."""

from typing import Any

import pytest

from alarm_rules.model import Priority
from api.answering.decide import Offer
from api.answering.model import Link, Shown
from api.answering.page import page_of
from api.answering.service import View

NOW = 1_772_000_000 * 10**9


def page(language: Any = "zh", **about: Any) -> str:
    """The page of an alarm that waits for an answer."""
    link = Link(
        id="one",
        kind="alarm",
        subject="alarm-1",
        receiver="zhang-wei",
        enterprise="acme",
        purposes=("acknowledge",),
        channel="feishu",
        base_url="https://alarms.example",
        made_at=NOW,
        expires_at=NOW + 3600 * 10**9,
        nonce="nonce",
    )
    facts: dict[str, Any] = {
        "what": "液位高高报",
        "since": NOW,
        "priority": Priority.CRITICAL,
        "state": "UNACK",
    }
    shown = Shown(**(facts | about))
    return page_of(View(link, shown, Offer("open", ("acknowledge",)), (), {}, "张伟", NOW), language)


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [(180.0, "3 分钟", "3 min"), (600.0, "10 分钟", "10 min"), (45.0, "45 秒", "45 s")],
)
def test_time_to_respond_is_said_as_in_messages(seconds: float, chinese: str, english: str) -> None:
    assert f"处置时限 {chinese}<" in page(within_s=seconds)
    assert f"Respond within {english}<" in page("en", within_s=seconds)


@pytest.mark.parametrize(
    ("state", "chinese", "english"),
    [
        ("SHLVD", "已搁置", "Shelved"),
        ("DSUPR", "已按设计抑制", "Suppressed by design"),
        ("OOSRV", "已停用", "Out of service"),
    ],
)
def test_alarm_put_aside_does_not_wait_for_an_answer(state: str, chinese: str, english: str) -> None:
    text, translated = page(state=state), page("en", state=state)
    assert f"<h2>{chinese}</h2>" in text
    assert f"<title>{chinese} · " in text
    assert "等待确认" not in text
    assert f"<h2>{english}</h2>" in translated
    assert "Waits for an answer" not in translated


def test_unanswered_alarm_waits_for_an_answer() -> None:
    assert "<h2>等待确认</h2>" in page()
    assert "打开页面不等于确认" in page()
