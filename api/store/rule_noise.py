"""What people were told because of one rule."""

from sqlalchemy import Connection, select

from api.alarms.quality.annunciations import Annunciation
from api.store.tables.annunciations import annunciation as table


def told_of_rule(
    connection: Connection, enterprise: str, rule: str, start: int, end: int, most: int
) -> list[Annunciation]:
    """The newest annunciations of a rule in [start, end), ns UTC, of any class; at most so many."""
    query = (
        select(*(table.c[name] for name in Annunciation._fields))
        .where(table.c.enterprise == enterprise, table.c.time >= start, table.c.time < end)
        .where(table.c.rule == rule)
        .order_by(table.c.time.desc())
        .limit(most)
    )
    return [Annunciation(**row) for row in connection.execute(query).mappings()]
