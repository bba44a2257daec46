"""The desks as a part of the running service: settings in, everything wired out."""

from pathlib import Path
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from alarm_rules.model import Site
from api.catalogue import Catalogue
from api.desks.composing import Desks, make_desks
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.desks.policy import load_policy
from api.desks.secret import duty_check_secret
from api.desks.settings import DeskSettings
from api.desks.telling import Send
from api.store.levels import policies_in_use
from api.store.writer import Transaction, Writer

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    NotOnDesk: (404, "not-on-desk"),
    StepRefused: (409, "step-refused"),
    WrongEntry: (422, "wrong-entry"),
}
SECRET_FILE = "duty-check.secret"


async def open_desk_part(
    settings: DeskSettings,
    data_folder: Path,
    catalogue: Catalogue,
    zone: ZoneInfo,
    writer: Writer,
    registry: CollectorRegistry,
    send: Send,
) -> Desks:
    """Make the desks and prepare their timers. Raises PolicyInvalid. The level watch still has to become
    a follower of the alarm service, and the handlers have to be given to the timers."""
    policy = load_policy(settings.desk_policy)
    secret = duty_check_secret(settings.duty_check_secret_file or data_folder / SECRET_FILE)
    site = Site(
        enterprises=catalogue.enterprises,
        points=tuple(catalogue.points.values()),
        rules=tuple(catalogue.rules.values()),
    )
    desks = make_desks(writer, site, policy, secret, zone, registry, send)

    def prepare(tx: Transaction) -> None:
        desks.prepare(tx)
        _note_policy(tx, policy.fingerprint)

    await writer.run(prepare)
    return desks


def _note_policy(tx: Transaction, fingerprint: str) -> None:
    """The audit says when levels are derived by another policy than before."""
    earlier = policies_in_use(tx.connection) - {fingerprint}
    if earlier:
        tx.audit("service", "desk-policy.changed", fingerprint, f"before: {', '.join(sorted(earlier))}")
