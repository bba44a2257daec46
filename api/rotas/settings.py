"""Settings of the rotas."""

from pydantic import Field
from pydantic_settings import BaseSettings


class RotaSettings(BaseSettings):
    """Files that people send to a rota."""

    rota_file_bytes: int = Field(
        2 * 2**20, ge=1024, description="Largest calendar or file of rotas that is taken, in bytes."
    )
