"""What somebody might type into the page of the first start."""

from typing import Any

from api.setup.schemas import EnterpriseRequest

LEVEL: dict[str, Any] = {
    "tag": "TK101.LT01",
    "name": "TK101 液位",
    "quantity": "level",
    "engineering_unit": "m",
    "range_low": 0.0,
    "range_high": 12.0,
    "limits": {"L": 1.0, "H": 10.0, "HH": 11.0},
}
ENTERPRISE: dict[str, Any] = {
    "id": "E001",
    "name": "示范石化",
    "district": "滨海新区",
    "city": "示范市",
    "installation_id": "H01",
    "installation_name": "甲醇罐区",
    "hazard_class": 3,
    "unit_id": "TK101",
    "unit_name": "甲醇储罐",
    "unit_kind": "storage_tank",
    "points": [LEVEL],
}


def wish(**more: Any) -> EnterpriseRequest:
    """The first enterprise, with something else than usual."""
    return EnterpriseRequest(**(ENTERPRISE | more))
