"""The gateway's own conditions: what it cannot see, keep or deliver is an alarm like any other.

Anything that can hide danger ends up here as an event `{enterprise}/system/{rule}` for every enterprise
that the gateway watches.
"""

import asyncio
from collections.abc import Sequence

from alarm_rules.wording import Both
from gateway.budget import BudgetState
from gateway.pipeline import Pipeline
from gateway.samples import Event

FAILED = {
    "history_unavailable": "历史库不可用",
    "history_maintenance": "历史库维护失败",
    "devices_unreadable": "设备文件无法使用",
    "alert_service_unreachable": "报警服务未接收送去的内容",
}
"""Conditions whose text is what a library, a server or the system said: what that means, in Chinese. Their
own words stay as they are, in quotation marks."""


def quarantined(count: int) -> str:
    """The text of `quarantine`."""
    return Both(
        f"启动以来有 {count} 条报文放入隔离区", f"{count} messages were put into quarantine since the start"
    ).stored


def points_ahead(count: int, some: Sequence[str]) -> str | None:
    """The text of `clock_skew` for so many points, some of them by name; None for none."""
    names = ", ".join(some)
    return Both(f"{count} 个测点：{names}", f"{count} points, {names}").stored if count else None


def clock_set_back(by_s: float) -> str:
    """The text of `clock_skew` for this machine's own clock."""
    return Both(
        f"网关所在机器的时钟被拨回 {by_s:.0f} 秒；网关的时间照常前进",
        f"the clock of the gateway's machine was set back by {by_s:.0f} s; the gateway's time runs on",
    ).stored


class Troubles:
    """Raises and ends system conditions. `tell` may be called from any thread."""

    def __init__(self, pipeline: Pipeline, enterprises: Sequence[str], about: str) -> None:
        """about: name of the gateway, the "point" of these conditions."""
        self._pipeline = pipeline
        self._enterprises = tuple(enterprises)
        self._about = about
        self._loop = asyncio.get_running_loop()
        self._told: dict[str, str | None] = {}

    def tell(self, kind: str, text: str | None) -> None:
        """The condition `kind` holds (text says why, in both languages or as a part failed), or has ended
        (None)."""
        self._loop.call_soon_threadsafe(self._report, kind, text)

    def holding(self, kind: str) -> str:
        """What was told of a condition that holds now; empty when it does not."""
        return self._told.get(kind) or ""

    def settle(self, family: str) -> None:
        """End what an earlier life of this process left behind: conditions of this name's beginning that
        nobody has told of in this life, now that the part has shown that it works."""
        left = {
            rule.rpartition("/")[2]
            for rule, about in self._pipeline.system_conditions()
            if about.endswith(f"/{self._about}") and rule.rpartition("/")[2].startswith(family)
        }
        for kind in left - self._told.keys():
            self._report(kind, None)

    def _report(self, kind: str, text: str | None) -> None:
        if text is not None and kind in FAILED:
            text = Both(f"{FAILED[kind]}：“{text}”", text).stored
        known = kind in self._told and (self._told[kind] is None) == (text is None)
        self._told[kind] = (text or kind) if text is not None else None
        if known:  # said already: nothing to judge, nothing to commit
            return
        self._pipeline.report(
            *(
                Event(
                    f"{enterprise}/system/{kind}", f"{enterprise}/{self._about}", text is not None, text or ""
                )
                for enterprise in self._enterprises
            )
        )

    def budget(self, state: BudgetState) -> None:
        """Journal near or over its disk budget."""
        self._report("journal_budget", state.nearing)
        self._report("journal_full", state.full)
