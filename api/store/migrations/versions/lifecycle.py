"""Facts of the whole alarm life, holds, proposals, the horn, annunciations and floods."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "lifecycle"
down_revision = "audit_chain"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TOLD = "kind IN ('raised', 'raised_again')"
"""Lines of the older journal with which people were told."""


def upgrade() -> None:
    for column in _facts():
        op.add_column("alarm", column)
    op.add_column("journal", sa.Column("annunciates", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("alarm_by_enterprise", "alarm", ["enterprise", "onset", "id"])
    op.create_index("alarm_by_installation", "alarm", ["enterprise", "installation", "onset", "id"])
    _create_holds()
    _create_proposals()
    _create_silence()
    _create_annunciations()
    _create_floods()
    op.execute("UPDATE alarm SET annunciated_time = raised_time")
    op.execute(f"UPDATE journal SET annunciates = {_true()} WHERE {TOLD}")
    op.execute(
        "INSERT INTO annunciation (alarm_id, time, enterprise, installation, unit, point, rule, priority, "
        "alarm_class, second_level_gas, onset, returned_time, returned_at, "
        "acknowledged_time, acknowledged_by) "
        "SELECT a.id, j.time, a.enterprise, a.installation, a.unit, a.point, a.rule, a.priority, "
        "a.alarm_class, a.second_level_gas, a.onset, a.returned_time, a.returned_time, a.acknowledged_time, "
        "a.acknowledged_by FROM journal j JOIN alarm a ON a.id = j.alarm_id WHERE j.annunciates "
        "ORDER BY j.number"
    )


def _facts() -> list[sa.Column[Any]]:
    return [
        sa.Column("confirmed_by", sa.Text),
        sa.Column("confirmed_time", sa.BigInteger),
        sa.Column("confirm_comment", sa.Text),
        sa.Column("latch_holds", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reset_wanted", sa.Text),
        sa.Column("shelved", sa.Text),
        sa.Column("out_of_service", sa.Text),
        sa.Column("suppressed_by", sa.Text),
        sa.Column("proposed", sa.Text),
        sa.Column("quiet", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("annunciated_time", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("second_level_gas", sa.Boolean, nullable=False, server_default=sa.false()),
    ]


def _true() -> str:
    return "TRUE" if op.get_bind().dialect.name == "postgresql" else "1"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _create_holds() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("kind", "point", "rule", "enterprise", "by", "agreed_by"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("reason"),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("one_shot", sa.Boolean, nullable=False),
        sa.Column("ended_time", sa.BigInteger),
        *_texts("ended_by", "ended_text"),
    )
    _create_partial_index("hold_lasting", "hold", ["point", "rule", "kind"], "ended_time IS NULL")
    op.create_index("hold_by_time", "hold", ["time", "id"])


def _create_proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("kind", "point", "rule", "enterprise", "by", "reason"),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("one_shot", sa.Boolean, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        *_texts("outcome", "decided_by"),
        sa.Column("decided_time", sa.BigInteger),
    )
    _create_partial_index("proposal_waiting", "proposal", ["point", "rule", "kind"], "outcome = ''")
    op.create_index("proposal_by_time", "proposal", ["time", "id"])


def _create_silence() -> None:
    op.create_table(
        "silence",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("enterprise", "by"),
        sa.Column("time", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("silence_by_enterprise", "silence", ["enterprise", "time"])


def _create_annunciations() -> None:
    op.create_table(
        "annunciation",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("alarm_id"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("enterprise", "installation", "unit", "point", "rule"),
        sa.Column("priority", sa.Integer, nullable=False),
        *_texts("alarm_class"),
        sa.Column("second_level_gas", sa.Boolean, nullable=False),
        sa.Column("onset", sa.BigInteger, nullable=False),
        sa.Column("returned_time", sa.BigInteger),
        sa.Column("returned_at", sa.BigInteger),
        sa.Column("acknowledged_time", sa.BigInteger),
        sa.Column("acknowledged_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("annunciation_by_time", "annunciation", ["time"])
    op.create_index("annunciation_by_enterprise", "annunciation", ["enterprise", "time"])
    op.create_index("annunciation_by_alarm", "annunciation", ["alarm_id"])


def _create_floods() -> None:
    op.create_table(
        "flood",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("enterprise"),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    _create_partial_index("flood_going_on", "flood", ["enterprise"], "ended IS NULL")
    op.create_index("flood_by_enterprise", "flood", ["enterprise", "started"])


def _create_partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
