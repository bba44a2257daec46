"""What one person may put aside alone, and what only two: faults of gas detectors, urgent system alarms."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm_rules.model import Priority
from alarm_rules.pack_files import load_system_rules
from api.alarms.agreement import Proposal
from api.alarms.alone import alone_s
from api.alarms.holding import Hold, Wish
from api.alarms.lifecycle import ActionRefused
from api.alarms.model import RuleCopy
from api.alarms.policy import default_policy
from api.alarms.putting_aside import PuttingAside
from api.auth.principal import EVERYTHING, Principal, Scope
from api.catalogue import Catalogue
from api.metrics import Metrics
from api.service import AlarmService
from api.store.database import Database
from api.store.writer import Reader, Writer
from tests.api.plant import SECOND, SITE, T0, _rule, change, delivery

DEAD = ("acme/A1.GT01/H", "acme/A1.GT01")
LEVEL_FAULT = ("acme/TK101.LT01/H", "acme/TK101.LT01")
SILENT = ("service/system/gateway_silent", "gw1")
PLANT = msgspec.structs.replace(
    SITE,
    rules=(
        _rule("A1.GT01", "H", "可燃气体探测器失联", Priority.MEDIUM, alarm_class="instrument"),
        _rule("TK101.LT01", "H", "液位计失联", Priority.MEDIUM, alarm_class="instrument"),
    ),
)
CATALOGUE = Catalogue(PLANT, load_system_rules().values())
HOUR = 3600
OPERATOR = frozenset({"operator"})
ZHANG, LI = Principal("张伟", OPERATOR, EVERYTHING), Principal("李娜", OPERATOR, EVERYTHING)
OF_ACME = Principal("王芳", OPERATOR, Scope(frozenset({"acme"})))


class Desk:
    """Persons who put rules aside in a real store."""

    def __init__(self, writer: Writer, service: AlarmService, ids: Iterator[int]) -> None:
        self.service = service
        self.aside = PuttingAside(
            writer,
            service.apply,
            default_policy(),
            CATALOGUE.copy_of,
            CATALOGUE.watches_gas,
            lambda: f"{next(ids):016}",
        )

    async def wish(
        self, of: tuple[str, str], kind: str, seconds: int | None, by: Principal = ZHANG
    ) -> Hold | Proposal:
        until = None if seconds is None else T0 + seconds * SECOND
        wish = Wish(kind=kind, rule=of[0], point=of[1], by=by.name, reason="换探头", until=until)
        return await self.aside.put_aside(by, wish)


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    database = Database.open(f"sqlite:///{folder / 'alarms.sqlite'}")
    writer, reader = Writer(database, lambda: T0), Reader(database)
    yield Desk(writer, AlarmService(writer, reader, CATALOGUE, Metrics(), lambda _: None), count())
    reader.close()
    writer.close()
    database.close()


@pytest.mark.parametrize("active", [False, True], ids=["beforehand", "while it is active"])
async def test_a_dead_gas_detector_is_taken_out_of_service_by_two_persons(
    tmp_path: Path, active: bool
) -> None:
    async with desk(tmp_path) as at:
        if active:
            await at.service.take(delivery(change(1, rule=DEAD[0], point=DEAD[1])))
        proposal = await at.wish(DEAD, "out_of_service", 60)
        assert isinstance(proposal, Proposal)
        with pytest.raises(ActionRefused, match="cannot agree to his own"):
            await at.aside.agree(ZHANG, proposal.id)
        hold = await at.aside.agree(LI, proposal.id)
        assert (hold.by, hold.agreed_by) == ("张伟", "李娜")


@pytest.mark.parametrize(("seconds", "alone"), [(HOUR, True), (HOUR + 1, False)])
async def test_a_dead_gas_detector_is_shelved_by_one_person_for_an_hour_at_most(
    tmp_path: Path, seconds: int, alone: bool
) -> None:
    async with desk(tmp_path) as at:
        assert isinstance(await at.wish(DEAD, "shelved", seconds), Hold) is alone


async def test_shelving_a_dead_gas_detector_without_an_end_lasts_as_long_as_one_person_may(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        hold = await at.wish(DEAD, "shelved", None)
        assert isinstance(hold, Hold)
        assert hold.until == T0 + HOUR * SECOND


async def test_the_fault_of_another_instrument_is_put_aside_by_one_person(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        assert isinstance(await at.wish(LEVEL_FAULT, "shelved", 4 * HOUR), Hold)
        assert isinstance(await at.wish(LEVEL_FAULT, "out_of_service", 14 * 24 * HOUR), Hold)


@pytest.mark.parametrize("kind", ["shelved", "out_of_service"])
async def test_a_silent_gateway_is_put_aside_by_two_persons_who_see_every_enterprise(
    tmp_path: Path, kind: str
) -> None:
    async with desk(tmp_path) as at:
        proposal = await at.wish(SILENT, kind, 60)
        assert isinstance(proposal, Proposal)
        with pytest.raises(ActionRefused, match="every enterprise"):
            await at.aside.agree(OF_ACME, proposal.id)
        assert (await at.aside.agree(LI, proposal.id)).agreed_by == "李娜"


COPIES = st.builds(
    RuleCopy,
    name=st.just("x"),
    priority=st.sampled_from(Priority),
    alarm_class=st.sampled_from(("process", "instrument", "system", "advisory")),
    known=st.booleans(),
    second_level_gas=st.booleans(),
)


@given(
    copies=st.lists(COPIES, min_size=1, max_size=3),
    kind=st.sampled_from(("shelved", "out_of_service")),
    gas=st.booleans(),
)
def test_no_further_alarm_and_no_gas_ever_gives_one_person_more_time(copies, kind, gas) -> None:
    def bound(some, watches_gas: bool) -> float:
        found = alone_s(some, kind, default_policy(), watches_gas=watches_gas)
        return float("inf") if found is None else found

    assert bound(copies, gas) <= bound(copies[:1], gas)
    assert bound(copies, True) <= bound(copies, False)
    if any(copy.second_level_gas for copy in copies):
        assert bound(copies, gas) == 0
