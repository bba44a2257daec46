"""What pydantic finds wrong with a request is said to each reader in his language."""

import re
from datetime import date
from typing import Annotated, Any, Literal, get_args

import httpx
import pytest
from fastapi import Body, FastAPI
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticKnownError, core_schema

from api.bilingual import both, halves
from api.invalid_input import CHINESE, told
from api.problems import answer_errors_as_problems

HAN = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"\{(\w+)\}")


class Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    share: float = Field(0.5, ge=0, le=1)
    name: Annotated[str, Field(min_length=1, max_length=3, pattern="^[a-z]*$")] = "a"
    colour: Literal["red", "blue"] = "red"
    day: date = date(2026, 1, 31)
    time: AwareDatetime | None = None
    tags: list[int] = Field(default=[], max_length=1)

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name == "no":
            raise ValueError(both("不能用此名称", "this name is taken"))
        return name


@pytest.mark.parametrize(
    ("given", "chinese", "english"),
    [
        ({"share": 2}, "不得大于 1.0", "less than or equal to 1"),
        ({"share": "x"}, "应为数字", "valid number"),
        ({"name": ""}, "至少 1 个字符", "at least 1 character"),
        ({"name": "abcd"}, "最多 3 个字符", "at most 3 characters"),
        ({"name": "A"}, "格式应符合 ^[a-z]*$", "match pattern"),
        ({"name": "no"}, "不能用此名称", "this name is taken"),
        ({"colour": "green"}, "应为 'red' 或 'blue'", "'red' or 'blue'"),
        ({"day": "soon"}, "应为日期，如 2026-01-31", "valid date"),
        ({"time": "2026-01-31T08:00:00"}, "须带时区", "timezone"),
        ({"tags": [1, 2]}, "最多 1 项，现有 2 项", "at most 1 item"),
        ({"tags": 3}, "应为列表", "valid list"),
        ({"size": 3}, "没有这一项，请删去", "Extra inputs"),
    ],
)
def test_mistake_is_told_in_both_languages(given: dict[str, Any], chinese: str, english: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Wish.model_validate(given)
    first, second = halves(told(refused.value.errors()[0]))
    assert first.startswith(chinese)
    assert english in second
    assert not HAN.search(second)


def test_kinds_are_those_of_pydantic_with_their_own_particulars() -> None:
    known = set(get_args(core_schema.ErrorType))
    assert CHINESE.keys() <= known
    for kind, form in CHINESE.items():
        assert HAN.search(form), kind
        try:
            template = PydanticKnownError(kind, dict.fromkeys(PLACE.findall(form), "1")).message_template
        except (TypeError, ValueError):  # a particular that is a number, or one that only FastAPI gives
            continue
        assert set(PLACE.findall(form)) <= set(PLACE.findall(template)), kind


def test_kind_without_words_is_told_by_its_code() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(complex).validate_python("x")
    assert halves(told(refused.value.errors()[0]))[0] == "不符合要求（complex_type）"
    lacking = {"type": "less_than", "msg": "Input should be less than 3", "ctx": {}}
    assert told(lacking) == both("不符合要求（less_than）", "Input should be less than 3")


async def test_problem_of_an_invalid_request_is_in_the_language_asked_for() -> None:
    app = FastAPI()
    answer_errors_as_problems(app, {})

    @app.post("/wish")
    def wish(wish: Annotated[Wish, Body()]) -> None:
        raise AssertionError(wish)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        for language, detail in (
            ("zh", "body.share：不得大于 1.0；body.size：没有这一项，请删去"),
            (
                "en",
                "body.share: Input should be less than or equal to 1; "
                "body.size: Extra inputs are not permitted",
            ),
        ):
            answer = await client.post(
                "/wish", json={"share": 2, "size": 3}, headers={"Accept-Language": language}
            )
            assert (answer.status_code, answer.json()["detail"]) == (422, detail)
            assert answer.json()["errors"][0]["where"] == "body.share"
            assert bool(HAN.search(answer.json()["errors"][0]["wrong"])) == (language == "zh")
