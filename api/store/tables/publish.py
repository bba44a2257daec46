"""What waits to go to provincial platforms, and what was published of warnings."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, text

from api.store.tables.base import ROW_NUMBER, metadata

WAITING = text("refused = ''")

upstream = Table(
    "upstream",
    metadata,
    Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("items", Text, nullable=False),
    Column("refused", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "upstream_waiting",
    upstream.c.platform,
    upstream.c.number,
    sqlite_where=WAITING,
    postgresql_where=WAITING,
)

publication = Table(
    "publication",
    metadata,
    Column("id", Text, primary_key=True),
    Column("warning", Text, nullable=False),
    Column("enterprise", Text, nullable=False),
    Column("message_type", Text, nullable=False),
    Column("colour", Text, nullable=False),
    Column("sent", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("document", Text, nullable=False),
)
Index("publication_by_time", publication.c.time, publication.c.id)
Index("publication_by_warning", publication.c.warning, publication.c.time)
