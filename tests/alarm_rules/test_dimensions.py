"""What is kept ready at an installation comes from any of the files that describe it."""

from pathlib import Path

import pytest

from alarm_rules.load import load_site
from alarm_rules.model import ResponsiblePerson
from tests.alarm_rules.sites import LEVEL, write_site

EMERGENCY = """\
enterprises:
  - id: E001
    installations:
      - id: H01
        longitude: 117.5
        latitude: 38.5
        plans: [{title: 泄漏处置方案, version: 3, filed: 2026年3月1日, document: "https://plans.example/3"}]
        persons:
          - {role: 操作负责人, name: 王五}
          - {role: main, name: 张三, phone: 0316-1234567}
        teams: [{name: 专职队, leader: 李四, phone: "+8613800000000", people: 18}]
        materials: [{name: 空气呼吸器, quantity: 4, counted_in: 套, checked: 2026/10/2}]
        videos: [{name: 罐区, address: "rtsp://video.example/1"}]
        units:
          - {id: U1, substance: 甲醇, cas: 67-56-1, height_m: 12.6, diameter_m: 10, volume_m3: 980}
"""
HEADINGS = (
    "企业编码,重大危险源编码,主要负责人,主要负责人电话,"
    "设备编码,存储介质,罐高,位号,监测类型,单位,量程下限,量程上限"
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = write_site(tmp_path / "site", [LEVEL])
    (folder / "register-emergency.yaml").write_text(EMERGENCY, encoding="utf-8")
    return folder


def test_a_second_file_gives_an_installation_its_dimensions(site):
    (installation,) = load_site(site).enterprises[0].installations
    assert (installation.longitude, installation.latitude) == (117.5, 38.5)
    assert [plan.filed for plan in installation.plans] == ["2026-03-01"]
    assert installation.teams[0].people == 18
    assert installation.materials[0].checked == "2026-10-02"
    assert installation.videos[0].address == "rtsp://video.example/1"


def test_responsible_persons_stand_in_the_order_of_their_roles(site):
    (installation,) = load_site(site).enterprises[0].installations
    assert installation.persons == (
        ResponsiblePerson(role="main", name="张三", phone="0316-1234567"),
        ResponsiblePerson(role="operational", name="王五"),
    )


def test_unit_facts_of_one_file_join_the_points_of_another(site):
    loaded = load_site(site)
    (unit,) = loaded.enterprises[0].installations[0].units
    assert (unit.substance, unit.cas, unit.height_m, unit.diameter_m) == ("甲醇", "67-56-1", 12.6, 10.0)
    assert [point.unit for point in loaded.points] == ["U1"]


def test_a_table_names_the_responsible_person_in_each_row(tmp_path):
    rows = [
        f"E001,H01,张三,{phone},TK1,甲醇,12.6,LT{n},液位,m,0,12"
        for n, phone in enumerate(("", "0316-1234567"))
    ]
    (tmp_path / "register.csv").write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    (installation,) = load_site(tmp_path).enterprises[0].installations
    assert installation.persons == (ResponsiblePerson(role="main", name="张三", phone="0316-1234567"),)
    assert installation.units[0].height_m == 12.6
    assert installation.units[0].substance == "甲醇"
