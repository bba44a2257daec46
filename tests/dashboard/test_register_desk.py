"""The register on the screens: browsed, imported by two persons, unknown points, quarantine."""

import re
import shutil
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from playwright.sync_api import expect

from alarm_rules.register_keys import PLACE, POINT
from hazardwatch.demo import EXAMPLE
from tests.dashboard.browsing import PHONE, Screen
from tests.dashboard.conftest import FreshPlant, OpenAs
from tests.dashboard.running import Plant

NEW_TANK = """\
          - id: TK109
            kind: storage_tank
            name: 甲醇储罐 TK109
            points:
              - {tag: TK109.LT01, name: TK109 液位, quantity: level, engineering_unit: m, range_low: 0,
                 range_high: 12, limits: {H: 10.0, HH: 11.0}, longitude: 117.6985, latitude: 38.9499}
"""
NEXT_INSTALLATION = "      - id: H02\n"


def publish(plant: Plant, payload: str) -> None:
    """As the plant's own device does."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="register-desk")
    client.username_pw_set("E001/GW1", plant.demo.device_key)
    client.connect("127.0.0.1", plant.demo.mqtt_port)
    client.loop_start()
    client.publish("hazardwatch/v1/E001/GW1/data", payload, qos=1).wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def test_points_are_browsed_by_place_state_and_words(open_as: OpenAs) -> None:
    screen = open_as("operator", "register")
    screen.sees("示范化工储运有限公司")
    screen.sees("TK101.LT01")
    screen.sees("0.8 / 1.5 / 10 / 11.2 m")
    screen.assert_accessible()
    screen.press("液氨储存重大危险源")
    screen.sees("V201.PT01")
    screen.sees_no("TK101.LT01")
    screen.press("液氨储罐 V201")
    screen.sees_no("GA2.GD01", within="[role=grid]")
    screen.page.get_by_role("button", name="全部", exact=True).click()
    screen.page.get_by_role("searchbox").fill("调压区 北侧")
    screen.sees("GA1.GD01")
    screen.sees_no("TK101.LT01")
    screen.page.reload()
    screen.sees("GA1.GD01")
    screen.sees("GA1.GD01").click()
    expect(screen.page).to_have_url(re.compile(r"/point/E001(/|%2F)GA1\.GD01$"))


def test_value_in_the_register_is_live(open_as: OpenAs) -> None:
    screen = open_as("operator", "register?text=TK101.PT01")
    screen.becomes_live()
    value = screen.page.locator("[data-point='E001/TK101.PT01'] .value")
    expect(value).not_to_have_text("—")
    before = value.text_content() or ""
    expect(value).not_to_have_text(before, timeout=20_000)


def test_register_on_a_phone_does_not_scroll_sideways(open_as: OpenAs) -> None:
    for path in ("register", "register/import", "unknown-points", "quarantine"):
        screen = open_as("enterprise_supervisor", path, size=PHONE)
        screen.becomes_live()
        screen.assert_fits()
        screen.assert_accessible()


def _downloaded(screen: Screen, button: str) -> Path:
    with screen.page.expect_download() as download:
        screen.press(button)
    return Path(download.value.path())


def test_template_and_running_register_are_tables_that_the_import_reads(
    open_as: OpenAs, tmp_path: Path
) -> None:
    screen = open_as("enterprise_supervisor", "register/import", language="en")
    template = _downloaded(screen, "Download a CSV template").read_text("utf-8-sig").splitlines()
    assert set(template[0].split(",")) == {*PLACE, *POINT}
    assert len(template) == 2

    chinese = open_as("enterprise_supervisor", "register/import")
    chinese.page.locator("select[name=format]").select_option("csv")
    table = _downloaded(chinese, "下载现行台账")
    known = {name for key in (*PLACE.values(), *POINT.values()) for name in (key.name, *key.aliases)}
    lines = table.read_text("utf-8-sig").splitlines()
    assert set(lines[0].split(",")) <= known
    assert len(lines) > 1

    file = tmp_path / "register-E001.csv"
    file.write_bytes(table.read_bytes())
    chinese.page.locator("input[type=file]").set_input_files(file)
    chinese.sees("没有可写入的改动")
    file = tmp_path / "register-E001-changed.csv"
    file.write_text(table.read_text("utf-8-sig").replace("TK101 液位", "TK101 液位（改）"), encoding="utf-8")
    chinese.page.locator("input[type=file]").set_input_files(file)
    chinese.sees("与正在运行的台账的差别")
    chinese.sees("TK101 液位（改）")


@pytest.fixture
def own_site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "site"))


def test_import_from_mistake_to_second_person_and_restart(
    fresh_plant: FreshPlant, open_as: OpenAs, own_site: Path, tmp_path: Path
) -> None:
    folder = {"HAZARDWATCH_API_SITE": str(own_site), "HAZARDWATCH_GATEWAY_SITE": str(own_site)}
    plant = fresh_plant(simulate=False, HAZARDWATCH_API_REGISTER_APPLY="true", **folder)
    whole = (own_site / "register.yaml").read_text("utf-8")
    screen = open_as("enterprise_supervisor", "register/import", at=plant)
    screen.sees("执行中")

    upload = tmp_path / "有错.yaml"
    upload.write_text(whole.replace("range_high: 12\n", "range_high: twelve\n", 1), encoding="utf-8")
    screen.page.locator("input[type=file]").set_input_files(upload)
    screen.sees("'twelve' 不是数字", within="table")
    screen.assert_accessible()

    changed = whole.replace(NEXT_INSTALLATION, NEW_TANK + NEXT_INSTALLATION, 1)
    upload = tmp_path / "新台账.yaml"
    upload.write_text(changed.replace("H: 10.0, HH", "H: 9.5, HH", 1), encoding="utf-8")
    screen.page.locator("input[type=file]").set_input_files(upload)
    screen.sees("E001/TK109.LT01")
    screen.sees("高限")
    screen.sees("limits.H")
    screen.assert_accessible()

    upload = tmp_path / "放宽.yaml"
    upload.write_text(
        changed.replace("limits: {H: 40, HH: 50}", "limits: {H: 45, HH: 50}", 1), encoding="utf-8"
    )
    screen.page.locator("input[type=file]").set_input_files(upload)
    screen.sees("需要第二人同意")
    screen.page.get_by_label("原因").fill("新建 TK109")
    screen.press("提请第二人同意")
    screen.sees("已提请，等待第二人同意")
    with plant.as_person("bureau_administrator") as second:
        (waiting,) = second.get("/register/imports").json()["imports"]
        assert second.post(f"/approvals/{waiting['id']}/approve", json={}).status_code == 200
    screen.press("写入台账")
    screen.sees("已写入，等待网关和报警服务重启")
    assert "TK109" in (own_site / "register.yaml").read_text("utf-8")
    for part in ("gateway", "api"):
        plant.signal(part, 15)
        plant.start(part)
    screen.allow("")
    screen.page.reload()
    screen.sees("执行中")
    screen.page.goto(f"{plant.url}/app/register?text=TK109")
    screen.sees("TK109.LT01")


def test_unknown_tag_and_its_message_are_shown_as_text(open_as: OpenAs, plant: Plant) -> None:
    publish(plant, '{"v": {"TK107.LT01": 4.25, "<img src=x onerror=alert(1)>": 1}}')
    screen = open_as("enterprise_supervisor", "unknown-points")
    screen.sees("TK107.LT01").click()
    screen.sees("tag: TK107.LT01, quantity: level")
    screen.assert_accessible()
    screen = open_as("enterprise_supervisor", "quarantine")
    screen.sees("台账中此设备没有这个位号").click()
    screen.sees("onerror=alert(1)", within="dialog")
    screen.assert_accessible()
    screen.press("按现行台账重读")
    screen.sees("没有可用的样本", within="dialog")
