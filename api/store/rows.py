"""Between a table's row and the value it stands for."""

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from alarm_rules.model import Priority
from api.alarms.lifecycle import is_open
from api.alarms.model import Acknowledgement, Alarm, Facts, Place, RuleCopy

_COPIED = tuple(field for field in RuleCopy.__struct_fields__ if field not in {"priority", "place"})
_PLACE = Place.__struct_fields__
FACT_COLUMNS = (
    "active",
    "returned_time",
    "acknowledged_by",
    "acknowledged_time",
    "acknowledge_comment",
    "is_open",
)
"""The columns that change during an alarm's life, beside `version`."""
_OWN = tuple(field for field in Alarm.__struct_fields__ if field not in {"facts", "copy"})


def fact_columns(facts: Facts) -> dict[str, Any]:
    """Values of FACT_COLUMNS."""
    answer = facts.acknowledged
    return {
        "active": facts.active,
        "returned_time": facts.returned_time,
        "acknowledged_by": answer.by if answer else None,
        "acknowledged_time": answer.time if answer else None,
        "acknowledge_comment": answer.comment if answer else None,
        "is_open": is_open(facts),
    }


def row_of(alarm: Alarm) -> dict[str, Any]:
    """All columns of table `alarm`."""
    row = {field: getattr(alarm, field) for field in _OWN}
    row |= {field: getattr(alarm.copy, field) for field in _COPIED}
    row |= {field: getattr(alarm.copy.place, field) for field in _PLACE}
    row["priority"] = int(alarm.copy.priority)
    return row | fact_columns(alarm.facts)


def alarm_of(row: RowMapping) -> Alarm:
    """The alarm that a row of table `alarm` keeps."""
    answer = None
    if row["acknowledged_by"] is not None:
        answer = Acknowledgement(
            by=row["acknowledged_by"],
            time=row["acknowledged_time"],
            comment=row["acknowledge_comment"] or "",
        )
    facts = Facts(active=row["active"], returned_time=row["returned_time"], acknowledged=answer)
    copy = RuleCopy(
        priority=Priority(row["priority"]),
        place=Place(**{field: row[field] for field in _PLACE}),
        **{field: row[field] for field in _COPIED},
    )
    return Alarm(facts=facts, copy=copy, **{field: row[field] for field in _OWN})


def columns_of(struct: msgspec.Struct) -> dict[str, Any]:
    """Columns of a struct whose fields are a table's columns."""
    return {field: getattr(struct, field) for field in struct.__struct_fields__}
