"""What the routes of unknown tags and quarantine answer. Times are ns UTC."""

from pydantic import BaseModel, ConfigDict, Field


class UnknownPointView(BaseModel):
    """A tag that a device publishes and the register does not have for it."""

    model_config = ConfigDict(from_attributes=True)

    device: str = Field(description="Device `{enterprise}/{gateway}` that sends it.", examples=["E001/GW1"])
    tag: str = Field(description="The tag.", examples=["TK103.LT01"])
    times: int = Field(description="Values that came for it since the gateway started.")
    first_seen: int = Field(description="When the first of them came.")
    last_seen: int = Field(description="When the newest of them came.")
    last_value: float | None = Field(description="The newest value; null when it was no number.")


class UnknownPoints(BaseModel):
    """Unknown tags in sight since the gateway started; 5,000 at most, 1,000 of a device."""

    points: list[UnknownPointView] = Field(description="By device and tag.")


class QuarantineLine(BaseModel):
    """A message, or a part of one, that the gateway could not use."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(description="Number of the row.")
    received_time: int = Field(description="When it came.")
    topic: str = Field(description="Topic of the message.")
    device: str = Field(description="Device `{enterprise}/{gateway}` that sent it.")
    reason: str = Field(description="What is wrong and what would be right.")
    tags: list[str] = Field(description="The tags that could not be used; empty: the whole message.")
    payload: str = Field(
        description="The message, from a device and not to be trusted: show it as text. Signs that are no "
        "UTF-8 stand as \\xNN. In a list only its beginning."
    )
    bytes: int = Field(description="Length of the whole message in bytes.")
    retried_time: int | None = Field(description="When it was read again with success; null: not yet.")


class QuarantinePage(BaseModel):
    """Rows of the quarantine, the newest first."""

    rows: list[QuarantineLine] = Field(description="The rows of this page.")
    next: int | None = Field(description="Give it as `after` for the next page; null on the last one.")


class RetryView(BaseModel):
    """What became of reading a message again."""

    id: int = Field(description="Number of the row.")
    samples: int = Field(description="Samples that could be used now.")
    reason: str = Field(description="Why the rest could not be used; empty: all of it could.")
