"""A yard with everything that the register may say of it, for tests of what people see."""

from pathlib import Path

from alarm_rules.load import load_site
from alarm_rules.model import Site

REGISTER = """\
defaults: {gateway: GW1, period_s: 10}
enterprises:
  - id: yard
    name: 北场化工
    district: 东区
    city: 示例市
    installations:
      - id: H01
        name: 储罐区
        hazard_class: 2
        r_value: 62
        plans: [{title: 泄漏处置方案, version: 3, filed: 2026-03-01}]
        persons:
          - {role: main, name: 张三, phone: 0316-1234567}
        teams: [{name: 专职队, leader: 李四, phone: "13800000000", people: 18}]
        materials: [{name: 空气呼吸器, quantity: 4, counted_in: 套}]
        videos: [{name: 罐区, address: "rtsp://video.example/1"}]
        units:
          - id: TK1
            kind: storage_tank
            name: 甲醇储罐 TK1
            substance: 甲醇
            cas: 67-56-1
            height_m: 12.6
            points:
              - {tag: TK1.LT1, name: 液位, quantity: level, engineering_unit: m, range_low: 0, range_high: 12,
                 limits: {H: 10, HH: 11}, longitude: 117.0, latitude: 38.0}
              - {tag: TK1.TT1, name: 温度, quantity: temperature, engineering_unit: degC, range_low: -40,
                 range_high: 80, limits: {H: 40}, longitude: 117.0, latitude: 38.0}
          - id: GA1
            kind: gas_area
            points:
              - {tag: GA1.GD1, name: 东侧甲烷, quantity: combustible_gas, engineering_unit: "%LEL",
                 range_low: 0, range_high: 100, cas: 74-82-8, lel_authority: NFPA,
                 longitude: 117.002, latitude: 38.001}
              - {tag: GA1.GD2, name: 西侧甲烷, quantity: combustible_gas, engineering_unit: "%LEL",
                 range_low: 0, range_high: 100, cas: 74-82-8, lel_authority: NFPA, in_use: false,
                 out_of_service: {reason: 检修, person: 王五, since: 2026-01-05}}
  - id: other
    installations:
      - id: H01
        units:
          - id: U1
            kind: pressure_vessel
            points:
              - {tag: V1.PT1, quantity: pressure, engineering_unit: MPa, range_low: 0, range_high: 2.5}
"""
RULES = "packs: [gas, level, temperature, instrument]\n"


def write_yard(folder: Path, register: str = REGISTER, rules: str = RULES) -> Path:
    """The site's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.yaml").write_text(register, encoding="utf-8")
    (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    return folder


def yard(folder: Path) -> Site:
    return load_site(write_yard(folder))
