"""Roles, what each of them may do, and which routes that opens."""

from collections import defaultdict

from api.auth.permissions import PERMISSIONS, ROLE_TITLES
from api.auth.powers import role_faults
from api.guards import permission_of
from api.routers import ROUTERS
from hazardwatch.reference.markdown import code, table

HELD = "●"


def roles_table() -> str:
    """Every role, and with which others it goes in one person."""
    rows = []
    for role, (title, purpose) in ROLE_TITLES.items():
        apart = [other for other in ROLE_TITLES if other != role and _are_apart(role, other)]
        rows.append((code(role), title, purpose, ", ".join(map(code, apart))))
    return table(("role", "中文", "what for", "never together with"), rows)


def _are_apart(role: str, other: str) -> bool:
    return "display" not in (role, other) and bool(role_faults((role, other)))


def permissions_table() -> str:
    """Every permission with the roles that hold it and the routes it opens."""
    opened: dict[str, list[str]] = defaultdict(list)
    for router in ROUTERS:
        for route in router.routes:
            if permission := permission_of(route):
                methods = " ".join(sorted(getattr(route, "methods", None) or ()))
                opened[permission].append(code(f"{methods} {getattr(route, 'path', '')}"))
    rows = [
        (
            code(permission),
            *(HELD if role in PERMISSIONS[permission] else "" for role in ROLE_TITLES),
            "<br>".join(opened[permission]),
        )
        for permission in sorted(PERMISSIONS)
    ]
    return table(("permission", *ROLE_TITLES, "opens"), rows)
