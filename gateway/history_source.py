"""The journal as history's follower sees it, and the making of the history that the settings ask for."""

from collections.abc import Callable, Iterable

from alarm_rules.model import Point
from alarm_rules.wording import Both, halves
from gateway.clock import Clock
from gateway.history.compression import Compressor, rules_by_point
from gateway.history.cursor import Block
from gateway.history.embedded import EmbeddedHistory
from gateway.history.influxdb import InfluxHistory
from gateway.history.port import History, HistoryColumns, RejectedSample
from gateway.journal import Journal
from gateway.journal_reader import JournalReader
from gateway.metrics import Metrics
from gateway.samples import Quarantined
from gateway.settings import GatewaySettings


class JournalSource:
    """Journalled batches for the history writer, from a connection of its own."""

    def __init__(
        self, journal: Journal, names: tuple[str, ...], cursor: str, clock: Clock, metrics: Metrics
    ) -> None:
        self._journal = journal
        self._reader = JournalReader(journal.path)
        self._names = names
        self._cursor = cursor
        self._clock = clock
        self._metrics = metrics
        self.position = journal.follow(cursor)

    def read_after(self, position: int, max_samples: int) -> Block | None:
        found = self._reader.samples_after(position, max_samples)
        if found is None:
            return None
        reached, samples = found
        columns = HistoryColumns(
            samples.point, samples.source_time, samples.value, samples.quality, self._names
        )
        return Block(columns, reached)

    def commit(self, position: int) -> None:
        self._metrics.history_position.set(position)
        self._journal.move_cursor(self._cursor, position)
        self._journal.flush()

    def quarantine(self, rejected: list[RejectedSample]) -> None:
        self._metrics.history_rejected.inc(len(rejected))
        self._journal.quarantine(
            self._clock.now(),
            [
                Quarantined(
                    topic=f"history/{self._cursor}",
                    device="",
                    payload=f"{row.source_time} {row.value!r} {row.quality}".encode(),
                    reason=_refused_by_history(row.reason),
                    tags=(row.point,),
                )
                for row in rejected
            ],
        )

    def close(self) -> None:
        self._reader.close()


def _refused_by_history(reason: str) -> str:
    chinese, english = halves(reason)
    return Both(f"历史库拒收：“{chinese}”", f"history refused it: {english}").stored


def open_history(settings: GatewaySettings, on_trouble: Callable[[str, str | None], None]) -> History:
    """The history of the settings. Raises RuntimeError when another process owns the folder."""
    if settings.history == "influxdb":
        return InfluxHistory(
            settings.influxdb_url,
            settings.influxdb_token.get_secret_value(),
            settings.influxdb_org,
            settings.influxdb_bucket,
            timeout_s=settings.influxdb_timeout_s,
        )
    return EmbeddedHistory(
        settings.history_folder,
        retention_days=settings.history_retention_days,
        max_bytes=settings.history_max_bytes,
        on_trouble=on_trouble,
    )


def open_compression(settings: GatewaySettings, points: Iterable[Point]) -> Compressor | None:
    """What thins the samples on their way to history; None when the settings ask for none."""
    rules = rules_by_point(points, settings.history_compression)
    return Compressor(rules) if rules else None
