"""The set-up as the whole service has it: open as long as a first start is not finished."""

import structlog

from api.parts import Parts
from api.setup.code import SetupCode
from api.setup.service import SetUp, Stage

log = structlog.get_logger(__name__)


def set_up_of(parts: Parts) -> SetUp:
    """Its last steps, with everything that runs; without a code in the data folder it answers nothing."""
    code = SetupCode(parts.settings.data_folder, parts.clock)
    if code.is_open:
        log.warning("the set-up is not finished: whoever has its code may enter devices", file=str(code.file))
    stage = Stage(
        writer=parts.writer,
        reader=parts.reader,
        gateway=parts.gateway,
        enterprises=tuple(parts.catalogue.enterprises),
        points=tuple(parts.catalogue.points.values()),
        values=parts.values,
    )
    return SetUp(parts.settings, code, stage)
