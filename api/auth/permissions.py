"""Which roles hold which permission. What stands here is allowed; everything else is refused."""

CONTROL_ROOM = frozenset({"operator", "enterprise_supervisor"})
BUREAU = frozenset({"bureau_duty_officer", "bureau_administrator"})
READERS = CONTROL_ROOM | BUREAU | {"on_call", "auditor", "system_administrator", "viewer"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "alarm.read": READERS,
    "alarm.acknowledge": CONTROL_ROOM | {"on_call"},
    "point.read": READERS,
}
