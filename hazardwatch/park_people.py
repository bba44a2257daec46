"""The invented people of the park: control room, on-call staff and head of each enterprise; the bureau."""

from hazardwatch.demo_people import CITY, SANDBOX, Cast, Member, RotaPlan

HOUSES = (
    ("E101", "芳烃储运", "Aromatics", ("何静", "He Jing"), ("林涛", "Lin Tao"), ("韩立春", "Han Lichun")),
    ("E102", "液化气储配", "LPG", ("冯倩", "Feng Qian"), ("许强", "Xu Qiang"), ("蒋国栋", "Jiang Guodong")),
    ("E103", "甲醇仓储", "Methanol", ("曹颖", "Cao Ying"), ("邓辉", "Deng Hui"), ("方志远", "Fang Zhiyuan")),
    ("E104", "氯碱化工", "Chlor-alkali", ("魏敏", "Wei Min"), ("袁浩", "Yuan Hao"), ("邱正", "Qiu Zheng")),
    ("E105", "冷链食品", "Cold store", ("田悦", "Tian Yue"), ("余斌", "Yu Bin"), ("陶勇", "Tao Yong")),
    ("E106", "烯烃与燃气", "Olefins", ("夏岚", "Xia Lan"), ("姚军", "Yao Jun"), ("卢建华", "Lu Jianhua")),
)
"""Enterprise, short names, and its control room, on-call person and head, each in Chinese and English."""
OFFICERS = (
    ("示范港区", "harbour", "Harbour district", "杜鹏", "Du Peng"),
    ("示范西区", "west", "Western district", "苏婷", "Su Ting"),
    ("示范南区", "south", "Southern district", "梁超", "Liang Chao"),
)
"""Who watches each district for the bureau."""


def _house(
    enterprise: str,
    house: str,
    house_en: str,
    operator: tuple[str, str],
    on_call: tuple[str, str],
    head: tuple[str, str],
) -> tuple[Member, ...]:
    key = enterprise.lower()
    return (
        Member(
            f"{key}-control-room",
            f"{house}中控室 {operator[0]}",
            f"{house_en} control room, {operator[1]}",
            "operator",
            channels=(SANDBOX,),
            enterprise=enterprise,
        ),
        Member(
            f"{key}-on-call",
            f"{house}待班 {on_call[0]}",
            f"{house_en} on call, {on_call[1]}",
            "on_call",
            enterprise=enterprise,
        ),
        Member(
            f"{key}-head",
            f"{house}负责人 {head[0]}",
            f"{house_en} head, {head[1]}",
            "enterprise_supervisor",
            enterprise=enterprise,
        ),
        Member(
            f"{key}-duty-phone",
            f"{house}二十四小时值班电话",
            f"{house_en} duty phone",
            enterprise=enterprise,
        ),
    )


def _officer(district: str, key: str, district_en: str, name: str, name_en: str) -> Member:
    return Member(
        f"bureau-{key}",
        f"{district}监管员 {name}",
        f"{district_en} officer, {name_en}",
        "bureau_duty_officer",
        of_bureau=True,
        region=f"{CITY}/{district}",
    )


BUREAU = (
    Member("bureau", "监测预警中心 赵宁", "Bureau's desk, Zhao Ning", "bureau_duty_officer", of_bureau=True),
    Member(
        "bureau-head",
        "监测预警中心主任 孙梅",
        "Head of the bureau's desk, Sun Mei",
        "bureau_administrator",
        of_bureau=True,
        channels=(SANDBOX,),
    ),
    *(_officer(*one) for one in OFFICERS),
    Member(
        "administrator", "系统管理员 刘洋", "Administrator, Liu Yang", "system_administrator", channels=()
    ),
    Member("auditor", "审计员 吴静", "Auditor, Wu Jing", "auditor", channels=()),
)
"""Those of the bureau first: who opens the park's demonstration looks at it from there."""

PARK = Cast(
    (*BUREAU, *(member for house in HOUSES for member in _house(*house))),
    tuple(
        RotaPlan(
            f"{enterprise.lower()}-on-call",
            enterprise,
            f"{house}待班",
            f"On call for {house_en}",
            (f"{enterprise.lower()}-on-call", f"{enterprise.lower()}-head"),
            f"{enterprise.lower()}-duty-phone",
        )
        for enterprise, house, house_en, *_ in HOUSES
    ),
)
