"""Adapters made for tests: surroundings with settings, and what is sent."""

import time
from typing import Any

from alarm_rules.model import Priority
from api.notify.catalogue import adapters
from api.notify.message import Outgoing
from api.notify.port import Notifier, Surroundings, Target
from api.notify.settings import NotifySettings


async def keep_nothing(_message: Outgoing, _target: Target) -> None:
    """For adapters that are not the sandbox."""


def make(channel: str, clock=time.time_ns, **settings: Any) -> Notifier:
    """The notifier of a channel with these settings; a short time-out."""
    kept = NotifySettings(**({"notify_timeout_s": 0.3} | settings))
    return adapters()[channel].make(Surroundings(settings=kept, clock=clock, keep=keep_nothing))


def outgoing(channel: str, **more: Any) -> Outgoing:
    """An alarm as it reaches an adapter."""
    fields: dict[str, Any] = {
        "key": "alarm1/step1/li.wei",
        "kind": "alarm",
        "priority": Priority.CRITICAL,
        "enterprise": "acme",
        "receiver": "li.wei",
        "channel": channel,
        "title": "【紧急】报警：液位高高 一号储罐",
        "body": "数值 Value：96.5 %\n开始 Since：2026-11-22 15:58:07 (UTC+08:00)",
        "link": "https://watch.example/a/k3y",
        "alarm_ids": ("alarm1",),
    }
    return Outgoing(**(fields | more))


def target(channel: str, address: str, **more: Any) -> Target:
    """Where it goes."""
    return Target(receiver="li.wei", number=1, channel=channel, address=address, **more)
