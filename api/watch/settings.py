"""Settings of self-watch (part of `ApiSettings`). A limit of 0 switches its check off."""

from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class WatchSettings(BaseSettings):
    """Limits of the checks, and the ping to the outside."""

    watch_every_s: float = Field(5.0, gt=0, description="How often the service looks at itself, in seconds.")
    watch_gateway_silent_s: float = Field(
        15.0, ge=0, description="A gateway that has delivered nothing for so long is silent, in seconds."
    )
    watch_gateways_retired: tuple[str, ...] = Field(
        (), description="Names of gateways that are gone for good, as JSON: their silence is no alarm."
    )
    watch_gateway_urls: dict[str, str] = Field(
        {},
        description="Addresses of the HTTP sides of several gateways by name, as JSON; empty: only "
        "HAZARDWATCH_API_GATEWAY_URL.",
    )
    watch_unobserved_s: float = Field(
        60.0, ge=0, description="How long a gateway's figures may be unreadable, in seconds."
    )
    watch_journal_waiting_bytes: float = Field(
        8 * 2**20, ge=0, description="Bytes that a gateway may have received and not committed."
    )
    watch_conditions_lag_s: float = Field(
        30.0, ge=0, description="How long a condition change may wait in a gateway, in seconds."
    )
    watch_history_lag_s: float = Field(
        300.0, ge=0, description="How far history may be behind a gateway's journal, in seconds."
    )
    watch_clock_offset_s: float = Field(
        5.0, ge=0, description="How far a gateway's clock may be off this service's, in seconds."
    )
    watch_outbox_age_s: float = Field(
        120.0, ge=0, description="How long a notification may wait to be sent, in seconds."
    )
    watch_timers_late_s: float = Field(10.0, ge=0, description="How late a durable timer may be, in seconds.")
    watch_store_s: float = Field(
        2.0, ge=0, description="How long the database may take for a small question, in seconds."
    )
    watch_disk_free_bytes: float = Field(
        2**30, ge=0, description="Bytes that have to be free on the disk of the data folder."
    )
    watch_loop_lag_s: float = Field(
        1.0, ge=0, description="How long the service's own event loop may be held up, in seconds."
    )
    watch_probe_missing_s: float = Field(
        900.0,
        ge=0,
        description="How long no synthetic alarm of a gateway may have come out as a notification, in "
        "seconds; 0 where gateways send none.",
    )
    watch_ping_url: str = Field(
        "",
        description="Address outside that is called as long as every critical check is good; it should raise "
        "an alarm when the calls stay away. Empty: none.",
    )
    watch_ping_every_s: float = Field(60.0, gt=0, description="How often it is called, in seconds.")
    watch_ping_method: Literal["GET", "POST"] = Field("GET", description="How it is called.")
    watch_ping_timeout_s: float = Field(10.0, gt=0, le=60, description="How long it may take, in seconds.")

    @field_validator("watch_ping_url")
    @classmethod
    def _is_a_ping_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no address: write https://host/path")
        return value
