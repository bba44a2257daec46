"""Back-tests as a part of the running service: settings in, everything wired out."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from api.back_testing.jobs import BackTests
from api.back_testing.metrics import BackTestMetrics
from api.back_testing.model import BackTest, BackTestRefused, UnknownBackTest
from api.back_testing.program import LimitProgram, ProgramFailed, ProgramRefused
from api.back_testing.settings import BackTestSettings
from api.back_testing.shelf import BackTestShelf
from api.catalogue import Catalogue
from api.live import LiveHub, News
from api.store.writer import Clock

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownBackTest: (404, "unknown-back-test"),
    BackTestRefused: (409, "back-test-refused"),
    ProgramRefused: (409, "apply-refused"),
    ProgramFailed: (502, "program-failed"),
}
FOLDER = "back-tests"
TOPIC = "back-tests"


def open_back_tests(
    settings: BackTestSettings,
    data_folder: Path,
    site: Path,
    catalogue: Catalogue,
    hub: LiveHub,
    clock: Clock,
    registry: CollectorRegistry,
) -> BackTests:
    """Enter `running` of what it gives."""

    def tell(job: BackTest) -> None:
        hub.tell(News(topic=TOPIC, subject=job.id, enterprise=job.enterprise))

    return BackTests(
        LimitProgram(site, settings.back_test_history, settings.back_test_niceness),
        BackTestShelf(data_folder / FOLDER),
        settings,
        clock,
        BackTestMetrics(registry),
        catalogue.rules_digest,
        tell,
    )
