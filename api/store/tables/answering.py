"""Answering links, by the hash of their secret, and what was answered through them."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from api.store.tables.base import ROW_NUMBER, metadata

answer_link = Table(
    "answer_link",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("revoked_by", Text, nullable=False),
    Column("nonce", Text, nullable=False),
)
Index("answer_link_by_token", answer_link.c.token_hash, unique=True)
Index("answer_link_by_subject", answer_link.c.kind, answer_link.c.subject)
Index("answer_link_by_expiry", answer_link.c.expires_at)

answer = Table(
    "answer",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("link", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("colleague", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("answer_by_link", answer.c.link, answer.c.number)
Index("answer_by_subject", answer.c.kind, answer.c.subject, answer.c.number)
