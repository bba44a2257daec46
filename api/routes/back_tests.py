"""Back-tests: stored history through limits that might be, before anybody proposes them."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path

from api.auth.principal import Principal
from api.back_testing.model import BackTest, BackTestRefused
from api.back_testing.schemas import (
    BackTestBody,
    BackTestLine,
    BackTestList,
    BackTestPolicy,
    BackTestView,
    ProposeBody,
    line_of,
    view_of,
)
from api.back_testing.wishes import check_span, checked
from api.bilingual import both
from api.guards import require
from api.limits.schemas import LimitChangeView
from api.limits.showing import limit_change_view
from api.parts import Parts, PartsOf
from api.schemas import ProblemView

Reader = Annotated[Principal, Depends(require("limit.read"))]
Changer = Annotated[Principal, Depends(require("limit.change"))]
Id = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$", description="Id of a back-test.")]

router = APIRouter(
    prefix="/back-tests",
    tags=["limits"],
    responses={status: {"model": ProblemView} for status in (401, 403, 404, 409, 422)},
)


@router.get("")
async def list_back_tests(parts: PartsOf, reader: Reader) -> BackTestList:
    """Back-tests that are kept, the newest first, without their results."""
    jobs = parts.back_tests.all(reader.scope)
    return BackTestList(back_tests=[line_of(job, parts.back_tests.ahead(job)) for job in jobs])


@router.get("/policy")
async def show_back_test_policy(parts: PartsOf, _reader: Reader) -> BackTestPolicy:
    """How long a history may be, and how an approved change comes into the site's files here."""
    settings = parts.settings
    return BackTestPolicy(
        most_days=settings.back_test_most_days,
        longest_s=settings.back_test_longest_s,
        apply_here=settings.limits_apply,
        command=f"hazardwatch limits apply {{id}} --site {settings.site}",
    )


@router.post("", status_code=202)
async def ask_for_back_test(
    body: Annotated[BackTestBody, Body()], parts: PartsOf, person: Changer
) -> BackTestLine:
    """Replay history through the rules in force and through changed ones. It runs after the answer, behind
    everything else on the machine, one at a time; `GET /back-tests/{id}` tells what became of it."""
    enterprise, changes = checked(body.wished(), parts.catalogue.rules, person.scope)
    check_span(body.start, body.end, parts.clock(), parts.settings.back_test_most_days)
    job = await parts.back_tests.ask(enterprise, changes, (body.start, body.end), body.reason, person.name)
    await _note(parts, person, "limit.test", job, body.reason)
    return line_of(job, parts.back_tests.ahead(job))


@router.get("/{test_id}")
async def show_back_test(test_id: Id, parts: PartsOf, reader: Reader) -> BackTestView:
    """One back-test with what it found."""
    job = parts.back_tests.find(test_id, reader.scope)
    return view_of(job, parts.back_tests.ahead(job), await parts.back_tests.result(job))


@router.post("/{test_id}/cancel")
async def cancel_back_test(test_id: Id, parts: PartsOf, person: Changer) -> BackTestLine:
    """End a back-test that waits or runs."""
    job = await parts.back_tests.cancel(test_id, person.scope, person.name)
    await _note(parts, person, "limit.test_cancelled", job, "")
    return line_of(job, parts.back_tests.ahead(job))


@router.post("/{test_id}/propose", status_code=201)
async def propose_back_tested_change(
    test_id: Id, body: Annotated[ProposeBody, Body()], parts: PartsOf, person: Changer
) -> LimitChangeView:
    """Propose the change as it was tried, with both back-tests as this service ran them. Nothing changes
    before another person agrees to it and it is written into the site's files."""
    job = parts.back_tests.find(test_id, person.scope)
    result = await parts.back_tests.result(job)
    if result is None:
        raise BackTestRefused(
            both(
                f"回测 {test_id} 尚未完成（{job.state}），完成后才能提出",
                f"back-test {test_id} is {job.state}: only one that is done can be proposed",
            )
        )
    if job.proposed:
        raise BackTestRefused(
            both(
                f"回测 {test_id} 已提出为 {job.proposed}",
                f"back-test {test_id} was proposed already, as {job.proposed}",
            )
        )
    wish = result.body
    rates = (wish.before.per_day, wish.after.per_day)
    change, proposal = await parts.writer.run(
        lambda tx: parts.limits.propose(tx, wish.change(), rates, person, body.reason or job.reason)
    )
    await parts.back_tests.note_proposed(test_id, change.id)
    return limit_change_view(parts.limits, change, proposal)


async def _note(parts: Parts, person: Principal, act: str, job: BackTest, text: str) -> None:
    await parts.writer.run(lambda tx: tx.audit(f"operator:{person.name}", act, job.id, text, job.enterprise))
