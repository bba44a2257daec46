"""Settings of the notifiers and their outbox. Secrets stand in files, never in the environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

Security = Literal["tls", "starttls", "none"]
HOUR_S = 3600.0


class NotifySettings(BaseSettings):
    """How people are told. Addresses of persons and robots are no settings: they are kept as receivers."""

    notify_key_file: Path | None = Field(
        None,
        description="File with the key that encrypts addresses and secrets of targets. "
        "Made at first start, keep a copy. Default: `notify.key` in the data folder.",
    )
    notify_sandbox_only: bool = Field(
        False,
        description="Nothing leaves this machine: every message is kept in the sandbox and shown there. "
        "For demonstrations and training.",
    )
    notify_timeout_s: float = Field(
        10.0, gt=0, le=60, description="How long a provider may take for one message, in seconds."
    )
    notify_concurrency: int = Field(
        32, ge=1, le=256, description="Messages under way at a time over one channel at most."
    )
    notify_poll_s: float = Field(
        2.0,
        gt=0,
        le=60,
        description="How often the outbox is looked at when nothing has woken it, in seconds.",
    )
    notify_lease_s: float = Field(
        45.0,
        gt=0,
        description="How long a worker holds a message, in seconds: after a crash it is sent again so late. "
        "Longer than the time-out.",
    )
    notify_retry_first_s: float = Field(
        2.0, gt=0, description="Longest pause before the first retry, in seconds; it doubles with each."
    )
    notify_retry_most_s: float = Field(
        120.0, gt=0, description="Longest pause between two attempts, in seconds."
    )
    notify_max_age_s: float = Field(
        6 * HOUR_S, gt=0, description="After that a message is a dead letter, in seconds."
    )
    notify_max_age_by_kind_s: dict[str, float] = Field(
        {"call_up": 300.0, "duty_check": 600.0, "probe": 120.0, "reminder": HOUR_S},
        description="Kinds of message that are of no use so late, in seconds.",
    )
    notify_digest_interval_s: float = Field(
        60.0,
        ge=0,
        description="In a storm a receiver gets one digest in such an interval over a channel, in seconds; "
        "0: never merged.",
    )
    notify_digest_critical_interval_s: float = Field(
        10.0, ge=0, description="The same when a message of priority CRITICAL waits, in seconds."
    )
    notify_sandbox_keep: int = Field(10_000, ge=1, description="Messages kept in the sandbox, newest first.")
    notify_keep_days: float = Field(
        1100.0, gt=0, description="How long finished messages and their receipts are kept, in days."
    )
    notify_endpoints: dict[str, str] = Field(
        {},
        description="Another address of a provider by channel, e.g. a private installation: "
        '`{"dingtalk": "https://robot.example/robot/send"}`.',
    )
    notify_proxy: str = Field(
        "",
        description="HTTP proxy for robots, SMS and voice, e.g. `http://proxy.example:3128`; "
        "never used for webhooks.",
    )
    notify_private_networks: tuple[str, ...] = Field(
        (),
        description="Networks of this site that webhooks may reach although they are private, "
        "e.g. `10.20.0.0/16`; all other private, loopback and link-local addresses are refused.",
    )
    notify_smtp_host: str = Field("", description="Mail server; empty: no e-mail.")
    notify_smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    notify_smtp_security: Security = Field(
        "starttls",
        description="`starttls` (a server without it gets nothing), `tls` (from the first byte) or `none`.",
    )
    notify_smtp_user: str = Field("", description="Name at the mail server; empty: no login.")
    notify_smtp_password_file: Path | None = Field(None, description="File with the mail password.")
    notify_smtp_sender: str = Field("", description="Sender address of e-mails.")
    notify_smtp_ca_file: Path | None = Field(
        None, description="Certificate authority of the mail server; the system's if absent."
    )
    notify_aliyun_key_id: str = Field("", description="AccessKey id for Aliyun SMS and voice.")
    notify_aliyun_key_secret_file: Path | None = Field(None, description="File with its AccessKey secret.")
    notify_sms_sign_name: str = Field("", description="Approved signature (签名) of SMS.")
    notify_sms_template: str = Field(
        "",
        description="Approved SMS template; its variables are `title`, `where`, `value`, `since`, `link`.",
    )
    notify_voice_show_number: str = Field(
        "", description="Number that is shown to the person called; empty: the provider's pool."
    )
    notify_voice_template: str = Field(
        "",
        description="Approved text-to-speech template; its variables are `title`, `where`, `value`, `since`.",
    )
    notify_voice_keypad_template: str = Field(
        "",
        description="Template that thanks after a key was pressed. When set, calls ask for a key "
        "(IvrCall) and tell which one was pressed; otherwise only whether and how long was listened.",
    )
    notify_voice_report_token_file: Path | None = Field(
        None,
        description="File with the token in the address to which the voice provider reports calls; "
        "absent: reports are refused, and outcomes are asked for.",
    )
    notify_voice_wait_s: float = Field(
        900.0, gt=0, description="After that a call without an outcome counts as not answered, in seconds."
    )
    notify_mqtt_host: str = Field("", description="MQTT broker of sirens and beacons; empty: none.")
    notify_mqtt_port: int = Field(1883, ge=1, le=65535, description="Its port.")
    notify_mqtt_user: str = Field("", description="Name at that broker; empty: no login.")
    notify_mqtt_password_file: Path | None = Field(None, description="File with its password.")
    notify_mqtt_ca_file: Path | None = Field(
        None, description="Certificate authority of that broker; set: the connection is TLS."
    )
    notify_siren_on_s: float = Field(
        60.0, gt=0, le=3600, description="A siren goes off by itself after that, in seconds."
    )
    notify_apprise_schemas: tuple[str, ...] = Field(
        ("discord", "lark", "pover", "slack", "tgram"),
        description="Services that may be used through Apprise. Schemas that reach any host "
        "(json, xml, form, bark, ntfy) can also reach inner networks: add them knowingly.",
    )
