"""Figures of the outbox every few seconds, and what is too old to be kept every hour."""

from api.notify.metrics import NotifyMetrics
from api.notify.settings import NotifySettings
from api.store.outbox import forget_older, oldest_waiting
from api.store.receivers import unverified_targets
from api.store.writer import Transaction

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
FIGURES_EVERY_NS = 2 * SECOND_NS
FORGET_EVERY_NS = 3600 * SECOND_NS
FORGET_AT_ONCE = 2000


class Housekeeping:
    """Done by the worker in its own transactions."""

    def __init__(self, settings: NotifySettings, metrics: NotifyMetrics) -> None:
        self._settings = settings
        self._metrics = metrics
        self._figures_at = 0
        self._forget_at = 0

    def keep(self, tx: Transaction) -> None:
        """Whatever is due now."""
        if tx.now >= self._figures_at:
            self._figures_at = tx.now + FIGURES_EVERY_NS
            self._figures(tx)
        if tx.now >= self._forget_at:
            before = tx.now - int(self._settings.notify_keep_days * DAY_NS)
            forgotten = forget_older(tx.connection, before, FORGET_AT_ONCE)
            self._forget_at = tx.now + (0 if forgotten == FORGET_AT_ONCE else FORGET_EVERY_NS)

    def _figures(self, tx: Transaction) -> None:
        oldest = oldest_waiting(tx.connection)
        age_s = 0.0 if oldest is None else max(0, tx.now - oldest) / SECOND_NS
        unverified = unverified_targets(tx.connection)
        tx.then(lambda: self._metrics.oldest_waiting.set(age_s))
        tx.then(lambda: self._metrics.unverified.set(unverified))
