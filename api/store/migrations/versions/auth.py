"""Persons who log in, their sessions, and keys of gateways, displays and programs."""

import sqlalchemy as sa
from alembic import op

revision = "auth"
down_revision = "open_pages"


def upgrade() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("name", "roles", "granted", "password_hash"),
        *_times("password_changed"),
        *_texts("totp_secret"),
        *_times("totp_confirmed", "totp_last_step"),
        *_texts("recovery"),
        *_times("created"),
        *_texts("created_by"),
        *_times("disabled"),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("user"),
        *_times("started", "used", "ends", "generation", "rotated"),
        *_texts("address", "device"),
        sa.Column("second_factor", sa.Boolean, nullable=False),
        *_times("revoked"),
        *_texts("revoked_by"),
    )
    op.create_index("login_session_by_user", "login_session", ["user", "started"])
    op.create_index("login_session_by_end", "login_session", ["ends"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("kind", "name", "owner", "granted", "networks", "digest"),
        *_times("created"),
        *_texts("created_by"),
        *_times("ends", "used"),
        *_texts("used_from"),
        *_times("revoked"),
        *_texts("revoked_by"),
        sa.UniqueConstraint("digest", name="api_key_digest"),
    )
    op.create_table(
        "access_version",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *_times("version"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]
