"""Warning levels and warnings, supervision orders, duty checks, commitments, shift logs."""

import sqlalchemy as sa
from alembic import op

revision = "desks"
down_revision = "escalation"

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _index("alarm_active_in_installation", "alarm", "enterprise installation", where="active")
    _create_levels()
    _create_warnings()
    _create_supervision()
    _create_duty_checks()
    _create_commitments()
    _create_shifts()


def _create_levels() -> None:
    op.create_table(
        "installation_level",
        *_texts("enterprise installation district city"),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        *_texts("standing grounds policy"),
        sa.Column("active_alarms", sa.Integer, nullable=False),
        sa.Column("looked_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "installation"),
    )
    _index("level_by_level", "installation_level", "level since enterprise installation")
    op.create_table(
        "level_change",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("enterprise installation"),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("level_before", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        *_texts("cause actor text grounds policy"),
        sqlite_autoincrement=True,
    )
    _index("level_change_by_place", "level_change", "enterprise installation number")
    _index("level_change_by_time", "level_change", "time")


def _create_warnings() -> None:
    op.create_table(
        "warning",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise installation district city"),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("is_open", sa.Boolean, nullable=False),
        *_texts("state"),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("overdue", sa.Integer, nullable=False),
        *_texts("facts"),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _index("warning_by_begun", "warning", "begun_at id")
    _index("warning_by_enterprise", "warning", "enterprise begun_at id")
    _index("warning_open", "warning", "enterprise installation", where="is_open", unique=True)
    _index("warning_open_by_begun", "warning", "begun_at id", where="is_open")
    op.create_table(
        "warning_step",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("warning_id enterprise kind"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("actor"),
        sa.Column("level", sa.Integer, nullable=False),
        *_texts("text"),
        sqlite_autoincrement=True,
    )
    _index("warning_step_by_warning", "warning_step", "warning_id number")
    _index("warning_step_by_time", "warning_step", "time")


def _create_supervision() -> None:
    op.create_table(
        "supervision",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise installation"),
        sa.Column("warning_id", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("is_open", sa.Boolean, nullable=False),
        *_texts("state"),
        sa.Column("soon_at", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("overdue", sa.Integer, nullable=False),
        *_texts("facts"),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _index("supervision_by_created", "supervision", "created_at id")
    _index("supervision_by_enterprise", "supervision", "enterprise created_at id")
    _index("supervision_by_warning", "supervision", "warning_id")
    op.create_table(
        "supervision_step",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("order_id enterprise kind"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("actor text"),
        sqlite_autoincrement=True,
    )
    _index("supervision_step_by_order", "supervision_step", "order_id number")


def _create_duty_checks() -> None:
    op.create_table(
        "duty_check",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise"),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        *_texts("sent_by reason"),
        sa.Column("answered_at", sa.BigInteger),
        *_texts("answered_by answered_via"),
        sa.Column("missed", sa.Boolean, nullable=False),
    )
    _index("duty_check_by_time", "duty_check", "sent_at id")
    _index("duty_check_by_enterprise", "duty_check", "enterprise sent_at id")


def _create_commitments() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("enterprise day"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        *_texts("recorded_by correction content"),
        sa.UniqueConstraint("enterprise", "day", "version", name="commitment_version"),
    )
    _index("commitment_by_day", "commitment", "day enterprise version")
    op.create_table(
        "commitment_day",
        *_texts("day enterprise"),
        sa.Column("in_time", sa.Boolean, nullable=False),
        sa.Column("listed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "enterprise"),
    )


def _create_shifts() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("desk enterprise"),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        *_texts("on_duty"),
        sa.Column("offered_at", sa.BigInteger),
        *_texts("offered_to"),
        sa.Column("ended_at", sa.BigInteger),
        *_texts("taken_by"),
    )
    _index("shift_by_desk", "shift", "desk begun_at id")
    _index("shift_lasting", "shift", "desk", where="ended_at IS NULL", unique=True)
    op.create_table(
        "shift_entry",
        sa.Column("number", ROW_NUMBER, primary_key=True, autoincrement=True),
        *_texts("desk enterprise shift"),
        sa.Column("time", sa.BigInteger, nullable=False),
        *_texts("kind author text"),
        sa.Column("critical", sa.Boolean, nullable=False),
        sa.Column("about", sa.BigInteger),
        *_texts("subject"),
        sqlite_autoincrement=True,
    )
    _index("shift_entry_by_desk", "shift_entry", "desk number")
    _index("shift_entry_about", "shift_entry", "about")
    _index("shift_entry_matters", "shift_entry", "desk number", where="kind = 'matter'")
    op.create_table(
        "shift_read",
        sa.Column("entry", sa.BigInteger, nullable=False),
        *_texts("person"),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("entry", "person"),
    )


def _texts(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names.split()]


def _index(name: str, table: str, columns: str, *, where: str | None = None, unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name, table, columns.split(), unique=unique, sqlite_where=condition, postgresql_where=condition
    )
