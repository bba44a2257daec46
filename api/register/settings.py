"""Settings of the register's import."""

from pydantic import Field
from pydantic_settings import BaseSettings


class RegisterSettings(BaseSettings):
    """Part of `ApiSettings`."""

    register_apply: bool = Field(
        False,
        description="Let an imported register be written into the site's folder from the page. Only where "
        "the gateway reads the same folder and this service may write there.",
    )
    register_file_bytes: int = Field(
        16 * 2**20, ge=1024, description="Largest register file that is taken, in bytes."
    )
