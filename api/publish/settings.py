"""Settings of what leaves the house."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class PublishSettings(BaseSettings):
    """Forwarding to platforms and publishing warnings."""

    upstream_file: Path | None = Field(
        None,
        description="YAML file of the provincial platforms that values and events are forwarded to; "
        "without it nothing is forwarded.",
    )
    upstream_timeout_s: float = Field(
        15.0, gt=0, le=300, description="How long a platform may take to answer, in seconds."
    )
    upstream_late_s: float = Field(
        600.0, gt=0, description="Something that waits so long for a platform is a system alarm, in seconds."
    )
    cap_sender: str = Field(
        "hazardwatch@localhost",
        pattern=r"^[^\s,<&]+$",
        description="Sender of published warnings (CAP 1.2): a name that is unique in the world, such as "
        "an address of the publishing authority. No spaces, commas, < or &.",
    )
    cap_sender_name: str = Field("", description="Name of the publishing authority as people read it.")
