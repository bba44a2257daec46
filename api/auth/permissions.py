"""Which roles hold which permission. What stands here is allowed; everything else is refused."""

CONTROL_ROOM = frozenset({"operator", "enterprise_supervisor"})
BUREAU = frozenset({"bureau_duty_officer", "bureau_administrator"})
READERS = CONTROL_ROOM | BUREAU | {"on_call", "auditor", "system_administrator", "viewer"}
DISPLAY = frozenset({"display"})
"""A wall screen: it shows alarms and sounds the horn without anybody logged in, and can do nothing else."""
ADMINISTRATORS = frozenset({"system_administrator"})
"""They manage persons, keys and settings. They never act on alarms."""

PERMISSIONS: dict[str, frozenset[str]] = {
    "publication.read": READERS,
    "publication.issue": BUREAU,
    "publication.issue_high": frozenset({"bureau_administrator"}),
    "upstream.read": BUREAU | {"enterprise_supervisor", "auditor", "system_administrator"},
    "alarm.read": READERS | DISPLAY,
    "alarm.acknowledge": CONTROL_ROOM | {"on_call"},
    "alarm.confirm": CONTROL_ROOM | {"on_call"},
    "alarm.reset": CONTROL_ROOM,
    "alarm.shelve": CONTROL_ROOM,
    "alarm.agree": CONTROL_ROOM,
    "alarm.remove_from_service": CONTROL_ROOM,
    "alarm.silence": CONTROL_ROOM | BUREAU,
    "approval.read": CONTROL_ROOM | BUREAU | ADMINISTRATORS | {"auditor"},
    "approval.decide": CONTROL_ROOM | BUREAU | ADMINISTRATORS,
    "audit.read": ADMINISTRATORS | {"auditor", "bureau_administrator", "enterprise_supervisor"},
    "point.read": READERS | DISPLAY,
    "receiver.read": READERS,
    "target.change": ADMINISTRATORS | {"enterprise_supervisor", "bureau_administrator"},
    "outbox.read": READERS,
    "outbox.manage": ADMINISTRATORS | CONTROL_ROOM | BUREAU,
    "answer.revoke": frozenset({"enterprise_supervisor", "bureau_administrator", "system_administrator"}),
    "rota.read": READERS,
    "rota.change": frozenset({"enterprise_supervisor", "bureau_administrator"}),
    "rota.swap": CONTROL_ROOM | BUREAU | {"on_call"},
    "user.read": ADMINISTRATORS | {"auditor"},
    "user.manage": ADMINISTRATORS,
    "key.read": ADMINISTRATORS | {"auditor"},
    "key.manage": ADMINISTRATORS,
    "key.own": READERS,
    "metrics.read": ADMINISTRATORS | {"auditor", "bureau_administrator"},
    "warning.read": READERS,
    "warning.sign": BUREAU,
    "warning.ask": BUREAU,
    "warning.answer": CONTROL_ROOM,
    "warning.verify": BUREAU,
    "warning.close": BUREAU,
    "warning.adjust": BUREAU,
    "warning.lower": frozenset({"bureau_administrator"}),
    "supervision.read": READERS,
    "supervision.create": BUREAU,
    "supervision.answer": CONTROL_ROOM,
    "supervision.verify": BUREAU,
    "supervision.close": BUREAU,
    "supervision.postpone": frozenset({"bureau_administrator"}),
    "duty_check.read": READERS,
    "duty_check.send": BUREAU,
    "duty_check.answer": CONTROL_ROOM,
    "commitment.read": READERS,
    "commitment.record": CONTROL_ROOM,
    "shift.read": CONTROL_ROOM | BUREAU | {"auditor"},
    "shift.write": CONTROL_ROOM | BUREAU,
    "shift.bureau": BUREAU | {"auditor"},
}
