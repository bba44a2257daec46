"""A refusal is told in the language that the request asked for."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api.bilingual import SIGN, both
from api.problems import Problem, answer_errors_as_problems


class Known(Exception):
    """An error of a part."""


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    answer_errors_as_problems(app, {Known: (409, "known")})

    @app.get("/problem")
    def problem() -> None:
        raise Problem(
            404, "unknown", both("没有报警 a1。", "There is no alarm a1."), reasons=[both("甲", "one")]
        )

    @app.get("/known")
    def known() -> None:
        raise Known(both("须先签收。", "The desk has to sign first."))

    way = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=way, base_url="http://service") as client:
        yield client


async def test_refusal_is_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    for language, detail, reason in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "没有报警 a1。", "甲"),
        ("en", "There is no alarm a1.", "one"),
    ):
        answer = await client.get("/problem", headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["detail"]) == (404, detail)
        assert answer.json()["reasons"] == [reason]
        assert answer.headers["Content-Language"] == language[:2]
    assert (await client.get("/known", headers={"Accept-Language": "en"})).json()[
        "detail"
    ] == "The desk has to sign first."


async def test_refusal_without_a_language_has_both(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problem")
    assert answer.json()["detail"] == both("没有报警 a1。", "There is no alarm a1.")
    assert "Content-Language" not in answer.headers


async def test_what_the_framework_refuses_is_in_both_languages_too(client: httpx.AsyncClient) -> None:
    chinese = (await client.get("/nowhere", headers={"Accept-Language": "zh"})).json()["detail"]
    english = (await client.get("/nowhere", headers={"Accept-Language": "en"})).json()["detail"]
    assert (chinese, english) == ("GET /nowhere：没有此地址", "GET /nowhere: Not Found")
    assert SIGN in (await client.get("/nowhere")).json()["detail"]
