"""Between a table's row and the value it stands for."""

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from alarm_rules.model import Priority
from api.alarms.lifecycle import is_open
from api.alarms.model import Acknowledgement, Alarm, Facts, Held, Place, Proposed, RuleCopy

_COPIED = tuple(field for field in RuleCopy.__struct_fields__ if field not in {"priority", "place"})
_PLACE = Place.__struct_fields__
_JSON_FACTS: dict[str, type] = {
    "reset_wanted": Acknowledgement,
    "shelved": Held,
    "out_of_service": Held,
    "suppressed_by": tuple[str, ...],
    "proposed": Proposed,
}
"""Facts of several fields that are read and written as a whole."""
FACT_COLUMNS = (
    "active",
    "returned_time",
    "acknowledged_by",
    "acknowledged_time",
    "acknowledge_comment",
    "confirmed_by",
    "confirmed_time",
    "confirm_comment",
    "latch_holds",
    *_JSON_FACTS,
    "quiet",
    "annunciated_time",
    "is_open",
)
"""The columns that change during an alarm's life, beside `version`."""
_OWN = tuple(field for field in Alarm.__struct_fields__ if field not in {"facts", "copy"})


def fact_columns(facts: Facts) -> dict[str, Any]:
    """Values of FACT_COLUMNS."""
    answer, confirmed = facts.acknowledged, facts.confirmed
    columns = {
        "active": facts.active,
        "returned_time": facts.returned_time,
        "acknowledged_by": answer.by if answer else None,
        "acknowledged_time": answer.time if answer else None,
        "acknowledge_comment": answer.comment if answer else None,
        "confirmed_by": confirmed.by if confirmed else None,
        "confirmed_time": confirmed.time if confirmed else None,
        "confirm_comment": confirmed.comment if confirmed else None,
        "latch_holds": facts.latched,
        "quiet": facts.quiet,
        "annunciated_time": facts.annunciated_time,
        "is_open": is_open(facts),
    }
    for name in _JSON_FACTS:
        value = getattr(facts, name)
        columns[name] = msgspec.json.encode(value).decode() if value else None
    return columns


def row_of(alarm: Alarm) -> dict[str, Any]:
    """All columns of table `alarm`."""
    row = {field: getattr(alarm, field) for field in _OWN}
    row |= {field: getattr(alarm.copy, field) for field in _COPIED}
    row |= {field: getattr(alarm.copy.place, field) for field in _PLACE}
    row["priority"] = int(alarm.copy.priority)
    return row | fact_columns(alarm.facts)


def alarm_of(row: RowMapping) -> Alarm:
    """The alarm that a row of table `alarm` keeps."""
    facts = facts_of(row)
    copy = RuleCopy(
        priority=Priority(row["priority"]),
        place=Place(**{field: row[field] for field in _PLACE}),
        **{field: row[field] for field in _COPIED},
    )
    return Alarm(facts=facts, copy=copy, **{field: row[field] for field in _OWN})


def facts_of(row: RowMapping) -> Facts:
    """The facts that a row of table `alarm` keeps."""
    wholes: dict[str, Any] = {
        name: msgspec.json.decode(row[name], type=kind)
        for name, kind in _JSON_FACTS.items()
        if row[name] is not None
    }
    return Facts(
        active=row["active"],
        returned_time=row["returned_time"],
        acknowledged=_answer(row, "acknowledged", "acknowledge_comment"),
        confirmed=_answer(row, "confirmed", "confirm_comment"),
        latched=row["latch_holds"],
        quiet=row["quiet"],
        annunciated_time=row["annunciated_time"],
        **wholes,
    )


def _answer(row: RowMapping, act: str, comment: str) -> Acknowledgement | None:
    if row[f"{act}_by"] is None:
        return None
    return Acknowledgement(by=row[f"{act}_by"], time=row[f"{act}_time"], comment=row[comment] or "")


def columns_of(struct: msgspec.Struct) -> dict[str, Any]:
    """Columns of a struct whose fields are a table's columns."""
    return {field: getattr(struct, field) for field in struct.__struct_fields__}
