"""The gateway's own conditions: what it cannot see, keep or deliver is an alarm like any other.

Anything that can hide danger ends up here as an event `{enterprise}/system/{rule}` for every enterprise
that the gateway watches.
"""

import asyncio
from collections.abc import Sequence

from gateway.budget import BudgetState
from gateway.pipeline import Pipeline
from gateway.samples import Event


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
        """The condition `kind` holds (text says why), or has ended (None)."""
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
