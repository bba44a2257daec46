"""Which roles hold which permission. What stands here is allowed; everything else is refused."""

CONTROL_ROOM = frozenset({"operator", "enterprise_supervisor"})
BUREAU = frozenset({"bureau_duty_officer", "bureau_administrator"})
READERS = CONTROL_ROOM | BUREAU | {"on_call", "auditor", "system_administrator", "viewer"}
DISPLAY = frozenset({"display"})
"""A wall screen: it shows alarms and sounds the horn without anybody logged in, and can do nothing else."""
ADMINISTRATORS = frozenset({"system_administrator"})
"""They manage persons, keys and settings. They never act on alarms."""

ROLE_TITLES = {
    "operator": ("中控室值班员", "Answers the alarms of an enterprise in its control room."),
    "enterprise_supervisor": ("企业主管", "Answers for the control room: rotas, targets, second person."),
    "bureau_duty_officer": ("监管值班员", "Watches a region at the bureau: warnings, call-ups, duty checks."),
    "bureau_administrator": ("监管管理员", "Answers for the bureau's desk: lowers warnings, grants delays."),
    "on_call": ("待班人员", "Is called when nobody answers, and takes alarms on."),
    "auditor": ("审计员", "Reads everything, the audit too, and changes nothing."),
    "system_administrator": ("系统管理员", "Manages persons, keys and settings; never acts on alarms."),
    "viewer": ("观察员", "Looks."),
    "display": ("大屏", "A wall screen by its own key, with nobody logged in; given to no person."),
}
"""Name and purpose of each role."""

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
    "watch.read": READERS,
    "point.read": READERS | DISPLAY,
    "receiver.read": READERS,
    "target.change": ADMINISTRATORS | {"enterprise_supervisor", "bureau_administrator"},
    "outbox.read": READERS,
    "outbox.manage": ADMINISTRATORS | CONTROL_ROOM | BUREAU,
    "answer.revoke": frozenset({"enterprise_supervisor", "bureau_administrator", "system_administrator"}),
    "escalation.read": READERS,
    "call_up.read": READERS,
    "call_up.start": BUREAU | {"enterprise_supervisor"},
    "call_up.answer": CONTROL_ROOM | BUREAU | {"on_call"},
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
