"""What the park's invented people do while its plants play: some ten minutes in which the bureau has work.

Everything is done over the HTTP interface, in their own names. Times are seconds after the plants' start; the
plants' part of the story is in `simulators/parks/park/`. A step that fails is said; the others go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import httpx

from hazardwatch.demo_people import CITY, Member
from hazardwatch.output import errors

ZONE = ZoneInfo("Asia/Shanghai")
LOOK_S = 1.0
PATIENCE_S = 120.0
"""How long a step waits for the alarm or the warning that it answers."""
PICKS_UP_S = 7.0
"""From the question to a control room to its answer, one control room after the other."""
SECOND_NS = 1_000_000_000
ENTERPRISES = ("E101", "E102", "E103", "E104", "E105", "E106")
SILENT = "E105"
"""Gives no commitment and answers no duty check."""
Found = dict[str, Any]
Seen = TypeVar("Seen")


class StepRefused(Exception):
    """The service said no, or what the step waits for did not come."""


class Person:
    """One of the invented people, logged in."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **query: str) -> Found:
        """Raises StepRefused, httpx.TransportError."""
        return _said(await self._client.get(path, params=query, headers=self._headers))

    async def post(self, path: str, body: Found | None = None) -> Found:
        """Raises StepRefused, httpx.TransportError."""
        return _said(await self._client.post(path, json=body, headers=self._headers))


def _said(answer: httpx.Response) -> Found:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise StepRefused(f"{asked} was answered with {answer.status_code}: {answer.text[:300]}")
    return dict(answer.json()) if answer.content else {}


class Step(NamedTuple):
    """Something that is done at a time."""

    at_s: float
    what: str
    do: Callable[[], Awaitable[object]]


async def play(url: str, password: str, members: Iterable[Member], began: float) -> None:
    """The whole course, from `began` on by the event loop's clock. Never raises for what the service says."""
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
        course = Course(client, password, {member.id: member for member in members})
        async with asyncio.TaskGroup() as group:
            for step in course.steps():
                group.create_task(_do(step, began), name=f"park: {step.what}")


async def _do(step: Step, began: float) -> None:
    await asyncio.sleep(began + step.at_s - asyncio.get_running_loop().time())
    try:
        await step.do()
    except (StepRefused, httpx.HTTPError) as refused:
        words = f"the park's people could not {step.what}: {refused or type(refused).__name__}"
        errors.print(words, style="yellow", highlight=False, markup=False, soft_wrap=True)


class Course:
    """The steps, and who does them. Each logs in when first needed: nobody is at work all day."""

    def __init__(self, client: httpx.AsyncClient, password: str, members: dict[str, Member]) -> None:
        self._client = client
        self._password = password
        self._members = members
        self._people: dict[str, Person] = {}
        self._logging_in = asyncio.Lock()

    def steps(self) -> list[Step]:
        """All of them, by their times."""
        return [
            Step(3, "take over their desks", self._stand_watch),
            Step(6, "give their commitments", self._commit),
            Step(9, "issue supervision orders", self._supervise),
            Step(20, "check the control rooms", self._check_duty),
            Step(40, "put a cell aside for calibration", self._hold_for_calibration),
            Step(80, "answer the high level", lambda: self._acknowledge("E103", "TK131.LT01.H", STOPPED)),
            Step(125, "answer the lost wire", lambda: self._acknowledge("E106", "SP161.PT01.FAILURE", WIRE)),
            Step(230, "answer the leak", lambda: self._answer_all("E102", "E102/UA12.", LEAK)),
            Step(275, "answer the jump", lambda: self._acknowledge("E101", "TK112.LT01.DISAGREES", GAUGE)),
            Step(280, "answer the balance", lambda: self._acknowledge("E101", "TK112.LT01.BALANCE", GAUGE)),
            Step(300, "work through the warning", self._work_through),
            Step(350, "call the cold store up", self._call_up),
            Step(480, "answer the silence", lambda: self._answer_all(SILENT, f"{SILENT}/", RESTORED)),
        ]

    async def person(self, name: str) -> Person:
        """By the id of the member. Raises StepRefused, httpx.TransportError."""
        async with self._logging_in:
            if name not in self._people:
                form = {"username": self._members[name].name, "password": self._password}
                token = _said(await self._client.post("/session/token", data=form))["access_token"]
                self._people[name] = Person(self._client, token)
            return self._people[name]

    async def operator(self, enterprise: str) -> Person:
        return await self.person(f"{enterprise.lower()}-control-room")

    async def _stand_watch(self) -> None:
        desks = [(f"{one.lower()}-control-room", f"enterprise:{one}") for one in ENTERPRISES]
        for member, desk in [*desks, ("bureau", f"city:{CITY}")]:
            person = await self.person(member)
            await person.post(f"/shifts/desks/{desk}/take")
            await person.post(
                f"/shifts/desks/{desk}/log", {"kind": "note", "text": "接班，设备运行情况已交接。"}
            )

    async def _commit(self) -> None:
        for number, enterprise in enumerate(ENTERPRISES):
            if enterprise == SILENT:
                continue
            commitment = {
                "enterprise": enterprise,
                "day": f"{datetime.now(ZONE):%Y-%m-%d}",
                "units_running": 4 + number,
                "units_stopped": number % 2,
                "operations": {"hot_work": 1, "work_at_height": 1 + number % 3},
                "statement": "今日各装置安全风险已研判，防范措施已落实。",
                "signed_by": self._members[f"{enterprise.lower()}-head"].name.split()[-1],
            }
            await (await self.operator(enterprise)).post("/commitments", commitment)

    async def _supervise(self) -> None:
        """One becomes overdue while one looks, one has time, one is answered."""
        officer = await self.person("bureau")
        orders = [
            ("E101", "苯泵区探测器年度检定记录缺失，限期补齐。", "周文博", timedelta(minutes=3)),
            ("E106", "调压站紧急切断阀远控试验未按周期进行，限期完成。", "汪琦", timedelta(days=1)),
            ("E103", "装车区静电接地报警器故障，限期更换。", "任洁", timedelta(days=5)),
        ]
        for enterprise, item, responsible, time in orders:
            deadline = int((datetime.now(ZONE) + time).timestamp()) * SECOND_NS
            order = {
                "enterprise": enterprise,
                "item": item,
                "responsible": responsible,
                "deadline": deadline,
            }
            issued = await officer.post("/supervision", order)
            if enterprise == "E103":
                head = await self.person("e103-head")
                await head.post(f"/supervision/{issued['id']}/answer", {"text": "已更换并试验合格，附记录。"})

    async def _check_duty(self) -> None:
        asked = {"enterprises": ["E103", "E104", SILENT], "reason": "日间抽查"}
        sent = await (await self.person("bureau")).post("/duty-checks", asked)
        for check in sent["checks"]:
            if check["enterprise"] != SILENT:
                await asyncio.sleep(PICKS_UP_S)
                operator = await self.operator(check["enterprise"])
                await operator.post(f"/duty-checks/{check['id']}/answer")

    async def _hold_for_calibration(self) -> None:
        operator = await self.operator("E104")
        for rule in ("H", "HH"):
            hold = {
                "kind": "out_of_service",
                "point": "E104/CL14.GD03",
                "rule": f"E104/CL14.GD03.{rule}",
                "reason": "仪表班按计划标定氯气探测器",
                "for_s": 1800,
            }
            await operator.post("/holds", hold)

    async def _acknowledge(self, enterprise: str, rule: str, comment: str) -> None:
        operator = await self.operator(enterprise)
        alarm = await self._alarm(operator, f"{enterprise}/{rule}")
        await operator.post(f"/alarms/{alarm['id']}/acknowledge", {"comment": comment})

    async def _answer_all(self, enterprise: str, points: str, comment: str) -> None:
        """Everything open at these points that nobody has answered yet."""
        operator = await self.operator(enterprise)
        for alarm in await self._wait(lambda: self._open(operator, points), f"an alarm at {points}"):
            await operator.post(f"/alarms/{alarm['id']}/acknowledge", {"comment": comment})

    async def _work_through(self) -> None:
        """The warning of the leak: signed and asked by the bureau, answered by the enterprise, verified."""
        officer = await self.person("bureau")
        warning = await self._wait(lambda: self._warning(officer), "a warning of E102")
        path = f"/warnings/{warning['id']}"
        await officer.post(f"{path}/sign", {"text": "已与企业中控室电话核实，泄漏属实。"})
        await officer.post(f"{path}/ask", {"text": "请反馈泄漏原因、处置措施和人员情况。"})
        await asyncio.sleep(60)
        answer = {"text": "卸车鹤管断裂，丙烷泄漏；已切断进料，喷淋稀释，现场无人员伤亡。"}
        await (await self.person("e102-head")).post(f"{path}/answer", answer)
        await asyncio.sleep(120)
        await officer.post(f"{path}/verify", {"text": "视频核实泄漏已停止，现场检测合格。"})

    async def _call_up(self) -> None:
        call = {
            "receivers": ["e105-on-call", "e105-head"],
            "text": "冷链食品数据采集设备离线，请立即到中控室核实并回电。",
            "enterprise": SILENT,
        }
        await (await self.person("bureau")).post("/call-ups", call)

    async def _alarm(self, person: Person, rule: str) -> Found:
        async def look() -> Found | None:
            alarms = (await person.get("/alarms", open="true"))["alarms"]
            return next((one for one in alarms if one["rule"] == rule), None)

        return await self._wait(look, f"an alarm of {rule}")

    async def _open(self, person: Person, points: str) -> list[Found]:
        alarms = (await person.get("/alarms", open="true", limit="500"))["alarms"]
        return [one for one in alarms if one["point"].startswith(points) and one["acknowledged"] is None]

    async def _warning(self, person: Person) -> Found | None:
        warnings = (await person.get("/warnings"))["warnings"]
        return next((one for one in warnings if one["enterprise"] == "E102"), None)

    async def _wait(self, look: Callable[[], Awaitable[Seen | None]], what: str) -> Seen:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while loop.time() < end:
            if found := await look():
                return found
            await asyncio.sleep(LOOK_S)
        raise StepRefused(f"{what} did not come within {PATIENCE_S:g} s")


STOPPED = "已停进料泵，倒罐至 TK133。"
LEAK = "已启动应急预案，正在远程切断卸车阀，人员撤离中。"
RESTORED = "采集设备网络已恢复，数据已补传，现场核对正常。"
WIRE = "仪表班赴现场检查接线，以压力乙为准。"
GAUGE = "甲液位计检修后未校准，以乙为准，已挂牌。"
