"""Brings the tables up to date when the database is opened, with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

FOLDER = Path(__file__).parent / "migrations"
BASE = "alarms"


def migrate(connection: Connection) -> None:
    """Run every revision that is missing, in the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    tables = set(inspect(connection).get_table_names())
    if "alarm" in tables and "alembic_version" not in tables:
        command.stamp(config, BASE)  # made by version 0.1, which kept no version
    command.upgrade(config, "head")
