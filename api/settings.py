"""Settings of the alert service, read from the environment (`HAZARDWATCH_API_...`).

Every field has a description: the documentation is generated from it.
"""

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from api.alarms.settings import AlarmSettings
from api.answering.settings import AnsweringSettings
from api.approvals.settings import ApprovalSettings
from api.audit.settings import AuditSettings
from api.auth.settings import AuthSettings
from api.back_testing.settings import BackTestSettings
from api.desks.settings import DeskSettings
from api.escalation.settings import EscalationSettings
from api.figures.settings import FigureSettings
from api.maps.settings import MapSettings
from api.notify.settings import NotifySettings
from api.publish.settings import PublishSettings
from api.register.settings import RegisterSettings
from api.reports.settings import ReportSettings
from api.rotas.settings import RotaSettings
from api.watch.settings import WatchSettings

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


def _in_data_folder(name: str) -> Any:
    return lambda data: data["data_folder"] / name


class ApiSettings(
    AlarmSettings,
    AnsweringSettings,
    ApprovalSettings,
    AuditSettings,
    AuthSettings,
    BackTestSettings,
    DeskSettings,
    PublishSettings,
    RotaSettings,
    EscalationSettings,
    FigureSettings,
    MapSettings,
    NotifySettings,
    RegisterSettings,
    ReportSettings,
    WatchSettings,
):
    """Everything that can be set about the alert service."""

    model_config = SettingsConfigDict(env_prefix="HAZARDWATCH_API_", frozen=True, extra="forbid")

    data_folder: Path = Field(
        Path("data"), description="Folder for the alarm store and the secrets; made when missing."
    )
    database_url: str = Field(
        "",
        description="Where alarms are kept: `postgresql://user@host/name`, or `sqlite:////path/file`. "
        "Empty: `alarms.sqlite` in the data folder.",
    )
    site: Path = Field(
        Path("site"), description="Folder or file of the register and the rules, as the gateway reads them."
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="Local time of desks, reports and daily deadlines (IANA name)."
    )
    dashboard: Path | None = Field(
        None, description="Folder with the built screens. Empty: where `make dashboard` puts them."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; only this machine by default.")
    port: int = Field(8470, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    allowed_hosts: tuple[str, ...] = Field(
        LOOPBACK_NAMES,
        description="Host names (without port) under which browsers may reach the service; others are "
        "refused, which stops web pages elsewhere from reaching it by DNS rebinding.",
    )
    gateway_url: str = Field(
        "http://127.0.0.1:8471", description="Address of the gateway's own HTTP side, for trends."
    )
    history_timeout_s: float = Field(
        10.0, gt=0, description="How long a trend may take in the gateway before it is given up, in seconds."
    )
    intake_token_file: Path = Field(
        default_factory=_in_data_folder("intake.token"),
        description="File with the token that gateway and alert service share. "
        "Default: `intake.token` in the data folder.",
    )
    operators_file: Path = Field(
        default_factory=_in_data_folder("operators.json"),
        description="File with the operators and the hashes of their keys. "
        "Default: `operators.json` in the data folder.",
    )
    max_intake_bytes: int = Field(
        64 * 2**20, ge=1024, description="Largest delivery of the gateway that is taken, in bytes."
    )
    max_body_bytes: int = Field(
        64 * 2**10, ge=1024, description="Largest body of any other request, in bytes."
    )
    feed_silent_after_s: float = Field(
        2.0,
        gt=0,
        description="A gateway that has sent no values for so long counts as silent, in seconds. It sends "
        "twice a second; with the heartbeat, the screens tell of its silence within a second more.",
    )
    values_hz: float = Field(
        4.0, gt=0, le=50, description="How often a second new values are sent to the screens at most."
    )
    heartbeat_s: float = Field(
        1.0, gt=0, le=3, description="Interval of the heartbeat to the screens, in seconds."
    )
    max_live_clients: int = Field(200, ge=1, description="Screens connected at a time at most.")
    live_queue: int = Field(
        256, ge=2, description="Messages waiting for one slow screen before it is given a new snapshot."
    )
    live_alarms: int = Field(
        2000,
        ge=1,
        description="Open alarms in a snapshot at most, the most urgent first; the rest by paging.",
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone: give an IANA name such as Asia/Shanghai")
        return value
