"""Uploads of a register, and a service whose folder they go into."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx

from alarm_rules.load import load_site
from tests.api.serving import Api, running_api
from tests.auth.accounts import Accounts, client, of
from tests.register.plants import REGISTER, write_yard

HEADINGS = (
    "enterprise,installation,hazard_class,unit,unit_kind,tag,name,quantity,engineering_unit,"
    "range_low,range_high,H,HH,longitude,latitude,cas,lel_authority,gateway"
)
LEVEL = "yard,H01,2,TK1,storage_tank,TK1.LT1,液位,level,m,0,12,10,11,117.0,38.0,,,GW1"
WARMTH = "yard,H01,2,TK1,storage_tank,TK1.TT1,温度,temperature,degC,-40,80,40,,117.0,38.0,,,GW1"
GAS = "yard,H01,2,GA1,gas_area,GA1.GD1,东侧甲烷,combustible_gas,%LEL,0,100,,,117.002,38.001,74-82-8,NFPA,GW1"
NEW = "yard,H01,2,TK2,storage_tank,TK2.LT1,液位,level,m,0,12,10,11,117.0,38.002,,,GW1"


def table(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows, ""]).encode()


class Yard(NamedTuple):
    """A service over a folder, and persons who import."""

    api: Api
    site: Path
    chief: httpx.Client
    """Supervisor of the enterprise `yard`."""
    second: httpx.Client
    """Another one."""
    everybody: httpx.Client
    """A system administrator who sees all enterprises."""

    def check(self, name: str, content: bytes, who: httpx.Client | None = None) -> dict[str, Any]:
        answer = (who or self.chief).post("/register/import", params={"file": name}, content=content)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def carry_out(self, name: str, content: bytes, based_on: str, **more: str) -> httpx.Response:
        query = {"file": name, "dry_run": "false", "based_on": based_on, "reason": "扩建", **more}
        return self.chief.post("/register/import", params=query, content=content)

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.site.iterdir() if path.is_file()}


def write_split(site: Path) -> Path:
    """The yard's site, each enterprise in a file of its own."""
    write_yard(site)
    own, head, other = REGISTER.partition("  - id: other")
    (site / "register.yaml").unlink()
    (site / "register-yard.yaml").write_text(own, encoding="utf-8")
    (site / "register-other.yaml").write_text(f"enterprises:\n{head}{other}", encoding="utf-8")
    return site


@contextmanager
def running_yard(folder: Path, *, apply: bool = True, split: bool = True, **more: Any) -> Iterator[Yard]:
    site = write_split(folder / "site") if split else write_yard(folder / "site")
    with Accounts(folder / "data") as accounts:
        roles = ("enterprise_supervisor",)
        tokens = [
            accounts.login(accounts.user("chief", *roles, grant=of("yard"))),
            accounts.login(accounts.user("second", *roles, grant=of("yard"))),
            accounts.login(accounts.user("admin", "system_administrator")),
        ]
    settings: dict[str, Any] = {"site": load_site(site), "register_apply": apply} | more
    with (
        patch.dict(os.environ, {"HAZARDWATCH_API_SITE": str(site)}),
        running_api(folder / "data", **settings) as api,
    ):
        people = [client(api, token) for token in tokens]
        yield Yard(api, site, *people)
        for person in people:
            person.close()
