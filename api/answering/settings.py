"""Settings of the answering links."""

from pydantic import Field
from pydantic_settings import BaseSettings


class AnsweringSettings(BaseSettings):
    """How long a person can answer through the link that he was sent."""

    answer_link_hours: float = Field(
        72.0, gt=0, le=24 * 90, description="An answering link works for so long, in hours."
    )
    answer_base_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/]+(/[^\s]*)?)?$",
        description="Address under which telephones reach this service, e.g. `https://alarms.example.org`; "
        "its host name must be one of the allowed hosts. Empty: messages carry no answering links.",
    )
    answer_guesses: int = Field(
        20,
        ge=1,
        description="Unknown answering links that one address may ask for at once; then one every ten "
        "seconds. A link that is known always works: a person must not be locked out by his neighbours.",
    )
