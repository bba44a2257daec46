"""The daily commitment: recorded, corrected, and what is missing at ten."""

import pytest

from api.auth.principal import EVERYTHING
from api.desks.commitment_day import CommitmentContent
from api.desks.errors import NotOnDesk, StepRefused
from api.store.commitments import (
    CommitmentCursor,
    CommitmentQuery,
    page_of_commitments,
    page_of_missing,
    tally_days,
    versions_of,
)
from tests.desks.office import OTHER_OFFICER, SUPERVISOR, Office, person
from tests.desks.times import local

CONTENT = CommitmentContent(units_running=3, units_stopped=1, statement="今日安全承诺", signed_by="陈总")
BETA_SUPERVISOR = person("孙丽", "enterprise_supervisor", "beta")
DAY_1, DAY_2 = "2026-06-21", "2026-06-22"


async def record(
    office: Office, day: str = DAY_1, correction: str = "", by=SUPERVISOR, enterprise: str = "acme"
):
    return await office.desks.commitments.record(by, enterprise, day, CONTENT, correction)


async def missing(office: Office, day: str, scope=EVERYTHING) -> list[str]:
    rows = await office.reader.run(lambda c: page_of_missing(c, day, scope, None, 100))
    return [row.enterprise for row in rows]


async def test_missing_commitments_are_listed_at_ten(either: Office) -> None:
    office = either
    await record(office)
    await office.until(local(21, 10) - 1)
    assert await missing(office, DAY_1) == []
    await office.until(local(21, 10))
    assert await missing(office, DAY_1) == ["beta", "gamma"]
    assert await missing(office, DAY_1, OTHER_OFFICER.scope) == ["gamma"]
    told = {receiver for receiver, title in await office.sent("system") if "安全承诺" in title}
    assert told == {"beta-room", "binhai", "district", "city"}
    (tally,) = await office.reader.run(lambda c: tally_days(c, EVERYTHING, DAY_1, DAY_2))
    assert tally == (DAY_1, 3, 1)


async def test_commitment_at_ten_is_late_but_kept(office: Office) -> None:
    await office.until(local(21, 10))
    kept = await record(office)
    assert kept.version == 1
    assert await missing(office, DAY_1) == ["acme", "beta", "gamma"]


async def test_correction_is_a_new_version_and_the_first_one_counts(office: Office) -> None:
    await record(office)
    with pytest.raises(StepRefused, match="理由"):
        await record(office)
    await office.until(local(21, 11))
    await record(office, correction="新增动火")
    versions = await office.reader.run(lambda c: versions_of(c, "acme", DAY_1, SUPERVISOR.scope))
    assert [(one.version, one.correction) for one in versions] == [(1, ""), (2, "新增动火")]
    assert "acme" not in await missing(office, DAY_1)


async def test_days_on_which_the_service_was_down_are_settled_one_by_one(office: Office) -> None:
    await record(office)
    office.now = local(23, 12)
    await office.start()
    tallies = await office.reader.run(lambda c: tally_days(c, EVERYTHING, DAY_1, "2026-06-30"))
    assert [(tally.day, tally.due, tally.in_time) for tally in tallies] == [
        (DAY_1, 3, 1),
        (DAY_2, 3, 0),
        ("2026-06-23", 3, 0),
    ]


async def test_commitment_of_the_day_before_counts_for_tomorrow(office: Office) -> None:
    await office.until(local(21, 20))
    await record(office, DAY_2)
    await office.until(local(22, 10))
    assert await missing(office, DAY_2) == ["beta", "gamma"]


async def test_enterprise_commits_for_itself_only(office: Office) -> None:
    with pytest.raises(NotOnDesk):
        await record(office, by=BETA_SUPERVISOR)


async def test_pages_go_on_where_the_last_one_ended(office: Office) -> None:
    for day in ("2026-06-19", "2026-06-20", DAY_1):
        await record(office, day)
        await record(office, day, correction="x")
        await record(office, day, by=BETA_SUPERVISOR, enterprise="beta")
    after, seen = None, []
    while True:
        query = CommitmentQuery(EVERYTHING)
        page = await office.reader.run(
            lambda c, after=after, query=query: page_of_commitments(c, query, after, 2)
        )
        seen += [(one.day, one.enterprise, one.version) for one in page]
        if len(page) < 2:
            break
        after = CommitmentCursor(page[-1].day, page[-1].enterprise)
    assert seen == [
        (day, enterprise, version)
        for day in (DAY_1, "2026-06-20", "2026-06-19")
        for enterprise, version in (("beta", 1), ("acme", 2))
    ]
