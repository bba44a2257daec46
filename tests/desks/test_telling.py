"""Which channels a notice takes when it names none."""

import pytest

from api.desks.telling import _ways
from api.store.database import Database
from api.store.tables.notify import receiver, target


@pytest.mark.parametrize(
    ("channels", "taken"), [(["email", "voice"], ["email"]), (["voice"], ["voice"]), ([], None)]
)
def test_nobody_is_phoned_by_a_notice_unless_a_phone_is_all_he_has(
    database_url: str, channels: list[str], taken: list[str] | None
) -> None:
    database = Database.open(database_url)
    with database.write() as connection:
        connection.execute(receiver.insert().values(_row(receiver, id="duty", enabled=True)))
        for number, channel in enumerate(channels, 1):
            values = _row(target, receiver="duty", number=number, channel=channel, enabled=True)
            connection.execute(target.insert().values(values))
        assert _ways(connection, {"duty"}).get("duty") == taken
    database.close()


def _row(table, **known) -> dict:
    """The row with something plain in every column that must not be empty."""
    plain = {str: "", int: 0, bool: False, bytes: b""}
    needed = {
        c.name: plain[c.type.python_type] for c in table.c if not c.nullable and c.autoincrement is not True
    }
    return needed | known
