"""What the routes of back-tests take and answer. Times are ns UTC."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.alarms.schemas import NO_NUL
from api.back_testing.model import BackTest, State, Wished
from api.limits.schemas import Instant, LimitChangeBody, Name, Number, Short, Value

Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=NO_NUL)]


class WishedBody(BaseModel):
    """One fact of a rule in force that shall be another one."""

    model_config = ConfigDict(extra="forbid")

    rule: Name = Field(description="Full id of the rule.", examples=["E001/TK101.LT01.H"])
    field: Short = Field(
        "", description="Key of the rule, or `when.` and a parameter; empty: switch the rule off."
    )
    new: Value = Field(None, description="Its value to be.")


EXAMPLE: JsonValue = {
    "changes": [{"rule": "acme/TK101.LT01/H", "field": "when.deadband", "new": 0.2}],
    "start": 1_790_812_800_000_000_000,
    "end": 1_791_417_600_000_000_000,
    "reason": "液位在高报值附近波动，一天十几次",
}


class BackTestBody(BaseModel):
    """Limits that might be, and the history to try them on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    changes: list[WishedBody] = Field(min_length=1, max_length=500, description="What shall change.")
    start: Instant = Field(description="Beginning of the history.")
    end: Instant = Field(description="Its end.")
    reason: Reason = Field(description="Why; it goes with the proposal.")

    def wished(self) -> list[Wished]:
        return [Wished(rule=each.rule, field=each.field, new=each.new) for each in self.changes]


class ProposeBody(BaseModel):
    """That the back-tested change is proposed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "液位波动"}]})

    reason: Annotated[str, Field(max_length=1000, pattern=NO_NUL)] = Field(
        "", description="Why; as it was given with the back-test if empty."
    )


class RuleTallyBody(BaseModel):
    """One rule's alarms on both sides."""

    rule: Name = Field(description="Id of the rule.")
    point: Name = Field(description="Its point.")
    priority: Short = Field(description="Its priority.")
    alarm_class: Short = Field(description="Its class; `advisory` ones only announce.")
    before: Number = Field(description="Alarms with the rules in force.")
    after: Number = Field(description="Alarms with the change.")
    gained: Number = Field(description="Alarms that come.")
    lost: Number = Field(description="Alarms that go.")
    shifted: Number = Field(description="Alarms that begin or end at other times.")


class ResultBody(BaseModel):
    """What a back-test found."""

    body: LimitChangeBody = Field(description="What would be proposed, with both back-tests.")
    points: list[Name] | None = Field(
        description="Only rules of these points were replayed: nothing else can differ. Null: all of them."
    )
    rules: list[RuleTallyBody] = Field(description="Rules with an alarm on either side, by how much differs.")


class WishedView(BaseModel):
    """One fact that was tried."""

    rule: str = Field(description="Id of the rule.")
    field: str = Field(description="Which fact; empty: the rule was switched off.")
    old: Value = Field(description="Its value in force then.")
    new: Value = Field(description="Its value to be.")


class BackTestLine(BaseModel):
    """A back-test in a list."""

    id: str = Field(description="Id of the back-test.")
    enterprise: str = Field(description="Whose rules they are.")
    state: State = Field(
        description="`waiting`, `running`; then `done`, `refused` (see `words`), `cancelled`, `timed_out`, "
        "`failed` (a fault of the program), or `interrupted` by a restart."
    )
    progress: float = Field(description="Share of the history that was replayed, 0 to 1.")
    ahead: int = Field(description="Back-tests that run before it.")
    changes: list[WishedView] = Field(description="What was tried.")
    start: int = Field(description="Beginning of the history.")
    end: int = Field(description="Its end.")
    reason: str = Field(description="Why, in the words of who asked.")
    by: str = Field(description="Who asked.")
    asked_at: int = Field(description="When he did.")
    started_at: int | None = Field(description="When it began; null: it waits.")
    ended_at: int | None = Field(description="When it was over; null: it is not.")
    words: str = Field(description="Why it has no result; empty otherwise.")
    proposed: str = Field(description="Id of the change of limits that was proposed from it; empty: none.")


class BackTestView(BackTestLine):
    """A back-test with what it found."""

    result: ResultBody | None = Field(description="Null unless it is done.")


class BackTestList(BaseModel):
    """Back-tests, the newest first."""

    back_tests: list[BackTestLine] = Field(description="Those that are kept.")


class BackTestPolicy(BaseModel):
    """What back-tests may take, and how an approved change comes into the site's files."""

    most_days: float = Field(description="Longest history of one back-test, in days.")
    longest_s: float = Field(description="A back-test that takes longer is ended, in seconds.")
    apply_here: bool = Field(
        description="An approved change may be written from the page: `POST /limit-changes/{id}/apply`."
    )
    command: str = Field(
        description="What writes it otherwise, on the machine with the site's files; `{id}` is the change."
    )


def line_of(job: BackTest, ahead: int) -> BackTestLine:
    return BackTestLine(**_fields(job, ahead))


def view_of(job: BackTest, ahead: int, result: ResultBody | None) -> BackTestView:
    return BackTestView(**_fields(job, ahead), result=result)


def _fields(job: BackTest, ahead: int) -> dict[str, Any]:
    fields = {name: getattr(job, name) for name in job.__struct_fields__ if name != "changes"}
    changes = [
        WishedView(rule=each.rule, field=each.field, old=each.old, new=each.new) for each in job.changes
    ]
    return fields | {"changes": changes, "ahead": ahead}
