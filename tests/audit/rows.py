"""Audit rows for the tests, and hypothesis strategies of them."""

from hypothesis import strategies as st

from api.alarms.model import AuditEntry
from api.audit.chain import START, Link, extend

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
INT64 = st.integers(-(2**63), 2**63 - 1)
ENTRIES = st.builds(AuditEntry, time=INT64, actor=TEXT, action=TEXT, subject=TEXT, text=TEXT, enterprise=TEXT)


def entry(number: int) -> AuditEntry:
    """One of a plain series."""
    return AuditEntry(
        time=1_750_000_000_000_000_000 + number * 1_000_000_000,
        actor=f"operator:{('李娜', '王芳', '赵敏')[number % 3]}",
        action="acknowledge",
        subject=f"alarm{number}",
        text="已到现场核实",
        enterprise=("acme", "other", "")[number % 3],
    )


def chain(entries: list[AuditEntry]) -> list[Link]:
    """The entries as a chain from its beginning."""
    return extend(START, entries)
