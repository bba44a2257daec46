"""Settings of logins, keys and limits (part of `ApiSettings`)."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from api.auth.caller import network_from


class AuthSettings(BaseSettings):
    """Who may speak, for how long, and how often."""

    signing_keys_file: Path | None = Field(
        None,
        description="File with the keys that sign access tokens; made at first start, refused when others "
        "may read it or when it is weak. Default: `signing-keys.json` in the data folder.",
    )
    signing_key_days: float = Field(
        90.0, gt=0, description="After so many days a new signing key takes the place of the old one."
    )
    access_minutes: float = Field(
        15.0,
        gt=0,
        le=60,
        description="Life of an access token, in minutes; a login goes on by refreshing it.",
    )
    session_hours: float = Field(
        13.0, gt=0, description="A login ends after so many hours: a shift of 12 h and its hand-over."
    )
    session_idle_minutes: float = Field(
        60.0, gt=0, description="A login that was not refreshed for so many minutes ends."
    )
    refresh_grace_s: float = Field(
        10.0,
        ge=0,
        description="A refresh token is taken once more within so many seconds after its use, because the "
        "answer may have been lost; later it counts as stolen, and the login ends.",
    )
    second_factor_roles: frozenset[str] = Field(
        frozenset(), description="Roles that are given only to logins with a second factor."
    )
    login_free_attempts: int = Field(
        5, ge=0, description="So many wrong passwords for an account are answered without a delay."
    )
    login_free_attempts_address: int = Field(
        20, ge=0, description="So many wrong passwords from an address are answered without a delay."
    )
    login_longest_delay_s: float = Field(
        60.0,
        gt=0,
        le=600,
        description="Longest delay between logins after wrong passwords, in seconds. It is never for ever: "
        "who is locked out cannot answer alarms.",
    )
    hashing_at_once: int = Field(
        2, ge=1, description="Passwords checked at the same time at most; each takes 64 MiB for 0.1 s."
    )
    allow_plain_http: bool = Field(
        False,
        description="Take passwords from other machines over HTTP without TLS. They can be read on the way.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        (), description="Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed."
    )
    requests_per_s: float = Field(
        100.0, ge=0, description="Requests a second of one key or login at most; 0: no limit."
    )
    requests_burst: float = Field(
        400.0, ge=1, description="Requests that may come at once before that counts."
    )
    address_requests_per_s: float = Field(
        400.0, ge=0, description="Requests a second from one address at most; 0: no limit."
    )
    address_requests_burst: float = Field(
        2000.0, ge=1, description="Requests that may come at once from one address before that counts."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            network_from(network)
        return networks
