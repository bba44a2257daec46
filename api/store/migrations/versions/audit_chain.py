"""Audit rows form a hash chain: those that are there already are joined to it from its beginning."""

import sqlalchemy as sa
from alembic import op

from api.alarms.model import AuditEntry
from api.audit.chain import START, Head, extend

revision = "audit_chain"
down_revision = "timers"

AT_ONCE = 5000
_FIELDS = ("time", "actor", "action", "subject", "text", "enterprise")
_audit = sa.table("audit", *map(sa.column, ("number", *_FIELDS, "hash")))


def upgrade() -> None:
    op.add_column("audit", sa.Column("hash", sa.Text, nullable=False, server_default=""))
    head = _chain(op.get_bind())
    op.create_index("audit_by_time", "audit", ["time", "number"])
    op.create_index("audit_by_actor", "audit", ["actor", "number"])
    op.create_index("audit_by_subject", "audit", ["subject", "number"])
    op.create_index("audit_by_enterprise", "audit", ["enterprise", "number"])
    heads = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.bulk_insert(heads, [{"id": 1, "number": head.number, "hash": head.hash}])
    op.create_table(
        "audit_checkpoint",
        sa.Column("time", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("sent_time", sa.BigInteger),
    )
    op.create_index("audit_checkpoint_unsent", "audit_checkpoint", ["sent_time", "time"])


def _chain(connection: sa.Connection) -> Head:
    """Give every row its hash. Numbers become 1, 2, 3 ...: a number that a transaction took and gave up
    again would look like a row that was removed."""
    head, reached = START, 0
    columns = [_audit.c[name] for name in ("number", *_FIELDS)]
    renumber = (
        sa.update(_audit)
        .where(_audit.c.number == sa.bindparam("old"))
        .values(number=sa.bindparam("new"), hash=sa.bindparam("digest"))
    )
    while True:
        query = sa.select(*columns).where(_audit.c.number > reached).order_by(_audit.c.number)
        rows = connection.execute(query.limit(AT_ONCE)).all()
        if not rows:
            return head
        reached = rows[-1][0]
        links = extend(head, [AuditEntry(**dict(zip(_FIELDS, row[1:], strict=True))) for row in rows])
        connection.execute(
            renumber,
            [
                {"old": row[0], "new": item.number, "digest": item.hash}
                for row, item in zip(rows, links, strict=True)
            ],
        )
        head = Head(links[-1].number, links[-1].hash)
