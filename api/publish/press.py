"""Publishing warnings: a person of the bureau decides, the message is checked, kept and counted."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from api.auth.principal import Principal
from api.bilingual import both
from api.catalogue import Catalogue
from api.desks.register import DeskRegister
from api.desks.warning_loop import WarningEpisode
from api.publish.cap import Message, faults, write
from api.publish.metrics import PublishMetrics
from api.publish.warnings import (
    CapTerms,
    NothingToPublish,
    Published,
    Sender,
    centre_of,
    load_cap_terms,
    message_of,
)
from api.store.publications import Publication, add_publication, publications_of
from api.store.warnings import warning_by_id
from api.store.writer import Reader, Transaction, Writer


class UnknownWarning(Exception):
    """No warning has this id, or none that this person may see."""


class NotYours(Exception):
    """Somebody else publishes warnings of this colour; the message says who."""


class CapFaulty(Exception):
    """The message would break the rules of CAP; it names each place."""


KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownWarning: (404, "unknown-warning"),
    NotYours: (403, "permission-required"),
    NothingToPublish: (409, "nothing-to-publish"),
    CapFaulty: (409, "message-faulty"),
}


class Press:
    """What is published of warnings."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        catalogue: Catalogue,
        register: DeskRegister,
        metrics: PublishMetrics,
        sender: Sender,
        zone: ZoneInfo,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._catalogue = catalogue
        self._register = register
        self._metrics = metrics
        self._sender = sender
        self._zone = zone
        self._terms: CapTerms = load_cap_terms()

    async def preview(self, warning_id: str, person: Principal, now: int) -> bytes:
        """What `publish` would put out now. UnknownWarning, NothingToPublish."""

        def job(connection: Connection) -> bytes:
            warning, message = self._message(connection, warning_id, person, now)
            return _checked(message, warning)

        return await self._reader.run(job)

    async def publish(self, warning_id: str, person: Principal) -> Publication:
        """Put it out in this person's name. UnknownWarning, NotYours, NothingToPublish, CapFaulty."""
        return await self._writer.run(lambda tx: self._publish(tx, warning_id, person))

    def _publish(self, tx: Transaction, warning_id: str, person: Principal) -> Publication:
        warning, message = self._message(tx.connection, warning_id, person, tx.now)
        colour = _colour(warning)
        if self._terms.colours[colour].issuer == "head" and not person.may("publication.issue_high"):
            raise NotYours(
                both(
                    f"{colour} 预警只能由持有 publication.issue_high 的人员发布",
                    f"a {colour} warning is published by who may publication.issue_high",
                )
            )
        publication = Publication(
            id=message.identifier,
            warning=warning.id,
            enterprise=warning.enterprise,
            message_type=message.message_type,
            colour=colour,
            sent=message.sent,
            time=tx.now,
            published_by=person.name,
            document=_checked(message, warning).decode(),
        )
        add_publication(tx, publication)
        tx.audit(f"operator:{person.name}", "publish", publication.id, colour, warning.enterprise)
        tx.then(lambda: self._metrics.published.labels(message.message_type).inc())
        return publication

    def _message(
        self, connection: Connection, warning_id: str, person: Principal, now: int
    ) -> tuple[WarningEpisode, Message]:
        warning = warning_by_id(connection, warning_id, person.scope)
        if warning is None:
            raise UnknownWarning(both(f"没有预警 {warning_id}", f"there is no warning {warning_id}"))
        place = (warning.enterprise, warning.installation)
        points = [p for p in self._catalogue.points.values() if (p.enterprise, p.installation) == place]
        message = message_of(
            warning,
            _colour(warning),
            self._register.facts(place),
            centre_of(points),
            [self._published(found) for found in publications_of(connection, warning.id)],
            self._terms,
            self._sender,
            now,
            self._zone,
        )
        return warning, message

    def _published(self, found: Publication) -> Published:
        reference = f"{self._sender.address},{found.id},{found.sent}"
        return Published(found.id, found.message_type, found.colour, reference)  # type: ignore[arg-type]


def _colour(warning: WarningEpisode) -> str:
    """The colour that stands now; of a warning that is over, the one it reached."""
    return (warning.current or warning.level).word


def _checked(message: Message, warning: WarningEpisode) -> bytes:
    document = write(message)
    if found := faults(document):
        raise CapFaulty(
            both(
                f"预警 {warning.id} 无法发布：{'；'.join(found)}",
                f"warning {warning.id} cannot be published: {'; '.join(found)}",
            )
        )
    return document
