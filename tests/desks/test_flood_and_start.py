"""A flood in one installation does not hold up the writer; the start keeps its secret, notes its policy."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from alarm_rules.condition import ConditionChange, ConditionDelivery
from alarm_rules.pack_files import load_system_rules
from api.catalogue import Catalogue
from api.desks.colours import WarningLevel
from api.desks.errors import PolicyInvalid
from api.desks.looking import FEW, FLOOD, GAP_NS_EACH_ALARM, Looked, share_out
from api.desks.part import open_desk_part
from api.desks.policy import load_policy
from api.desks.secret import duty_check_secret
from api.desks.settings import DeskSettings
from tests.desks.office import SITE, Office
from tests.desks.times import MINUTE, SHANGHAI, S

PUT_OFF = "hazardwatch_api_levels_put_off_total"


async def flood(office: Office, alarms: int) -> None:
    """So many alarms of unknown rules at one point, in one delivery of another gateway."""
    changes = [
        ConditionChange(
            sequence=number,
            rule=f"acme/own{number}",
            point="acme/LT0",
            active=True,
            onset=office.now,
            source_time=office.now,
            received_time=office.now,
        )
        for number in range(1, alarms + 1)
    ]
    await office.service.take(ConditionDelivery(gateway="flood", journal="f", changes=changes))


async def test_flooded_installation_is_looked_at_again_soon_and_gas_at_once(office: Office) -> None:
    await flood(office, FLOOD + 1)
    assert await office.level() is WarningLevel.YELLOW  # unknown rules are HIGH: five and more in class 3
    office.now += S // 100
    await office.alarm("acme/LT1/HH")
    await office.reader.run(lambda _connection: None)
    assert office.metric(PUT_OFF) == 1
    looked_at = (await office.kept()).looked_at
    await office.wait(S)
    kept = await office.kept()
    assert looked_at < kept.looked_at <= looked_at + S
    assert kept.active_alarms == FLOOD + 2
    office.now = kept.looked_at + 1
    await office.alarm("acme/GT0/HH")
    assert await office.level() is WarningLevel.ORANGE
    assert office.metric(PUT_OFF) == 1


def test_work_is_shared_out_in_a_flood_and_everybody_has_his_turn() -> None:
    places = [("e", f"i{number:02}") for number in range(60)]
    looked = {place: Looked(0, 100) for place in places}
    total = 100 * len(places)
    now, turns = total * GAP_NS_EACH_ALARM, 0
    while any(each.at == 0 for each in looked.values()):
        turns += 1
        chosen, later = share_out(places, looked, (), now)
        assert 0 < sum(looked[place].active for place in chosen) <= FLOOD
        assert set(chosen) | later.keys() == set(places)
        assert all(moment > now for moment in later.values())
        looked |= {place: Looked(now, 100) for place in chosen}
        now += 1
    assert turns == total / FLOOD


def test_gas_small_and_new_installations_are_never_put_off() -> None:
    looked = {
        ("e", "big"): Looked(50, FLOOD + 1),
        ("e", "gas"): Looked(50, 500),
        ("e", "small"): Looked(50, FEW),
    }
    places = [*looked, ("e", "new")]
    now, later = share_out(places, looked, {("e", "gas")}, 60)
    assert now == [("e", "gas"), ("e", "new"), ("e", "small")]
    assert list(later) == [("e", "big")]


def test_installation_with_more_alarms_than_room_has_its_turn_too() -> None:
    looked = {("e", "big"): Looked(0, 10 * FLOOD)}
    moment = 10 * FLOOD * GAP_NS_EACH_ALARM
    assert share_out(list(looked), looked, (), moment - 1) == ([], {("e", "big"): 2 * moment - 1})
    assert share_out(list(looked), looked, (), moment) == ([("e", "big")], {})


async def test_changed_policy_stands_in_the_audit(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text("shifts: {label: ours, sources: [], longest_s: 28800}\n")
    catalogue = Catalogue(SITE, load_system_rules().values())

    async def start(policy: Path | None) -> None:
        await open_desk_part(
            DeskSettings(desk_policy=policy),
            tmp_path,
            catalogue,
            SHANGHAI,
            office.writer,
            CollectorRegistry(),
            lambda _tx, _messages: 0,
        )

    policy_in_force = (await office.kept()).policy
    assert policy_in_force != load_policy(file).fingerprint
    await start(file)
    assert await office.audited("desk-policy.changed") == 1
    assert (tmp_path / "duty-check.secret").stat().st_mode & 0o777 == 0o600


def test_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "data" / "duty-check.secret"
    first = duty_check_secret(file)
    assert duty_check_secret(file) == first
    assert len(first) == 32
    assert duty_check_secret(tmp_path / "other.secret") != first


@pytest.mark.parametrize("text", ["", "00ff", "not hex at all"])
def test_secret_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "duty-check.secret"
    file.write_text(text)
    with pytest.raises(PolicyInvalid, match="delete it"):
        duty_check_secret(file)


async def test_restart_after_a_hold_has_passed_settles_it(office: Office) -> None:
    await office.alarm("acme/LT0/H")
    await office.alarm("acme/LT0/H", active=False)
    office.now += 6 * MINUTE
    await office.start()
    assert await office.level() is WarningLevel.NONE
