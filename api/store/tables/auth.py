"""Persons who log in, their sessions, and keys of gateways, displays and programs.

A person's grant may hold several enterprises, so it is kept as JSON in `granted` and resolved against the
register when it is read; secrets are kept as hashes, or locked away with the key ring.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from api.store.tables.base import metadata

user = Table(
    "user_account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("granted", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("password_changed", BigInteger, nullable=False),
    Column("totp_secret", Text, nullable=False),
    Column("totp_confirmed", BigInteger, nullable=False),
    Column("totp_last_step", BigInteger, nullable=False),
    Column("recovery", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
)

session = Table(
    "login_session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("rotated", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("revoked", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
)
Index("login_session_by_user", session.c.user, session.c.started)
Index("login_session_by_end", session.c.ends)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("granted", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("used_from", Text, nullable=False),
    Column("revoked", BigInteger, nullable=False),
    Column("revoked_by", Text, nullable=False),
    UniqueConstraint("digest", name="api_key_digest"),
)

access_version = Table(
    "access_version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)
"""One row: how often persons, logins or keys were changed, by whatever process."""
