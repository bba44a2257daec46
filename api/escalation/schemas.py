"""Bodies of the routes of escalation."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from alarm_rules.model import Ladder, LadderStep, LadderTop
from api.auth.principal import Scope
from api.call_up.schemas import CallUpView, call_up_view
from api.escalation.outlook import DeadTop
from api.escalation.overview import AlarmEscalation, Next, Person, Planned, Preview
from api.escalation.weak_steps import Cause, Place, WeakStep
from api.store.ladders import Climb, Proof
from api.store.outbox import OutboxState


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonView(Body):
    receiver: str = Field(description="Id of the receiver.", examples=["zhang"])
    via: str = Field(description="Name in the ladder that leads to him.", examples=["rota:control-room"])
    on_call_source: str = Field(description="Of a rota: `layer`, `override` or `fallback`; else empty.")
    channels: list[str] = Field(description="Ways that would be used; empty: none that the step allows.")


class NextView(Body):
    at: int = Field(description="When, ns UTC.")
    step: int = Field(description="Index of the step in its phase; -1: the top contact.")
    words: str = Field(description="The same in words, Chinese first.")
    call_up: bool = Field(description="True if they are phoned until they answer.")
    people: list[PersonView] = Field(description="Who that would be now; asked again when the time comes.")


class ToldView(Body):
    time: int = Field(description="When the step was made, ns UTC.")
    due_at: int = Field(description="When it was due, ns UTC.")
    phase: str = Field(description="`unacked`, or `acked`: the alarm had an owner and was still active.")
    step: int = Field(description="Index of the step in its phase; -1: the top contact.")
    repeat: int = Field(description="0 is the step itself, 1 its first repeat.")
    receiver: str = Field(description="Who was told; empty: the step led to nobody.")
    via: str = Field(description="Name in the ladder that led to him.")
    on_call_source: str = Field(description="Of a rota: who was on call by layer, override or fallback.")
    channels: list[str] = Field(description="Ways that were used.")
    call_up: str = Field(description="Id of the call-up that he was called with; empty if none.")


class SentView(Body):
    at: int = Field(description="When it was handed over, ns UTC.")
    kind: str = Field(description="`alarm`, `reminder`, `call_up`, `not_woken`, ...")
    receiver: str = Field(description="To whom.")
    channel: str = Field(description="Over which way.")
    state: OutboxState = Field(description="`waiting`, `sent`, `cancelled` or `dead`.")
    attempts: int = Field(description="Attempts so far.")
    words: str = Field(description="What the provider said last.")


class AlarmEscalationView(Body):
    alarm_id: str = Field(description="The alarm.")
    ladder: str | None = Field(description="Id of its ladder; null: nobody has to answer it (advisory).")
    ladder_name: str = Field(description="Name of the ladder.")
    ladder_name_en: str = Field("", description="Its English name, if it has one.")
    ladder_status: str = Field(description="What its times are, e.g. `default, not a regulation`.")
    phase: str | None = Field(description="`unacked`, `acked`, or null if it never climbed.")
    started_at: int | None = Field(description="When this climb began, ns UTC.")
    slow: bool = Field(description="True: the condition has ended unanswered, the waits are longer.")
    ladder_exhausted: bool = Field(
        description="True: the ladder came to its end without an answer. Show red."
    )
    exhausted_at: int | None = Field(description="Since when, ns UTC.")
    ended_at: int | None = Field(description="When the climb ended, ns UTC; null while it goes on.")
    ended_by: str = Field(description="`operator:{name}`, or what hides or closed the alarm.")
    next: NextView | None = Field(description="What happens next by itself; null: nothing.")
    told: list[ToldView] = Field(description="Who was told, in order.")
    messages: list[SentView] = Field(description="What became of the messages, in order.")
    call_ups: list[CallUpView] = Field(description="Who was called up for it, with every call.")


class ExhaustedView(Body):
    alarm_id: str = Field(description="The alarm.")
    enterprise: str = Field(description="Whose it is.")
    ladder: str = Field(description="Id of the ladder.")
    exhausted_at: int = Field(description="Since when nobody is left above, ns UTC.")
    next_at: int = Field(description="When the top contact is told again, ns UTC.")


class ExhaustedList(Body):
    alarms: list[ExhaustedView] = Field(description="The longest waiting first.")


class StepView(Body):
    phase: str = Field(description="`unacked` or `acked`.")
    step: int = Field(description="Index in its phase; -1: the top contact.")
    after_s: float = Field(description="Seconds since the phase began.")
    to: list[str] = Field(description="Names as the ladder has them.")
    call_up: bool = Field(description="True if they are phoned until they answer.")
    people: list[PersonView] = Field(description="Who that is. Empty: the step leads to nobody.")


class PreviewView(Body):
    ladder: str | None = Field(description="Id of the ladder; null: nobody has to answer.")
    ladder_name: str = Field(description="Its name.")
    ladder_name_en: str = Field("", description="Its English name, if it has one.")
    ladder_status: str = Field(description="What its times are, e.g. `default, not a regulation`.")
    origin: str = Field(description="Where it stands: `file:line`.")
    steps: list[StepView] = Field(description="In order.")
    nobody: list[int] = Field(description="Positions in `steps` of those that lead to nobody.")


class LadderView(Body):
    id: str = Field(description="Identity.")
    name: str = Field(description="Name.")
    name_en: str = Field(description="The same in English.")
    status: str = Field(description="What its times are, e.g. `default, not a regulation`.")
    origin: str = Field(description="Where it stands: `file:line`.")
    match: dict[str, list[str]] = Field(description="Which alarms it is for; empty: all but advisory ones.")
    returned_factor: float = Field(description="Longer waits once the condition has ended unanswered.")
    steps: list[dict[str, Any]] = Field(description="Until it is acknowledged.")
    acked_steps: list[dict[str, Any]] = Field(description="While it is acknowledged and still active.")
    top: dict[str, Any] = Field(description="The top contact.")


class LadderList(Body):
    ladders: list[LadderView] = Field(description="The first that fits an alarm is taken.")


class ProofView(Body):
    time: int = Field(description="When it was proved, ns UTC.")
    open_alarms: int = Field(description="Open alarms.")
    owed: int = Field(description="Of these, alarms that must have a next step or an owner.")
    living: int = Field(description="Of these, alarms with a living next step.")
    owned: int = Field(description="Of the others, alarms that a named person has acknowledged.")
    holes: int = Field(description="Alarms with neither: owed - living - owned.")
    repaired: int = Field(description="Holes whose ladder was begun again.")
    exhausted: int = Field(description="Open alarms whose ladder came to its end.")
    took_ms: float = Field(description="How long the proof took, milliseconds.")


class DeadTopView(Body):
    ladder: str = Field(description="Id of the ladder.")
    enterprise: str = Field(description="Whose alarms; empty: conditions of the service itself.")


class WeakStepView(Body):
    ladder: str = Field(description="Id of the ladder.")
    enterprise: str = Field(description="Whose alarms; empty: conditions of the service itself.")
    place: Place = Field(
        description="Which of its lists: `unacked`, `acked` (the alarm was acknowledged and still holds), or "
        "`top`, the last contact."
    )
    step: int = Field(description="Which step of the list, from 0.")
    to: list[str] = Field(description="Whom it names: a receiver, `rota:...`, `role:...`.")
    cause: Cause = Field(
        description="`nobody`: its names lead to no receiver. `no_way`: to receivers without an enabled way "
        "that the step allows. `sandbox`: only to such as nothing is sent to. `gap`: a rota has nobody soon."
    )
    at: int | None = Field(description="Of a gap: when it begins, ns UTC.")


class ProofList(Body):
    last: ProofView | None = Field(description="The newest proof; null before the first minute.")
    age_s: float | None = Field(description="How old it is, seconds. More than two minutes: look at once.")
    earlier: list[ProofView] = Field(description="Those before it, the newest first.")
    dead_tops: list[DeadTopView] | None = Field(
        description="Ladders whose top contact leads to nobody who can be told, at the last proof; null: not "
        "looked at yet since the service started."
    )
    weak_steps: list[WeakStepView] | None = Field(
        description="Steps of ladders that would tell nobody now or in the next 14 days; null: not looked at "
        "yet since the service started."
    )


def alarm_escalation_view(found: AlarmEscalation) -> AlarmEscalationView:
    climb = found.climb
    progress = climb.progress if climb else None
    goes_on = climb is not None and climb.ended_at is None
    return AlarmEscalationView(
        alarm_id=found.alarm.id,
        ladder=found.ladder.id if found.ladder else None,
        ladder_name=found.ladder.name if found.ladder else "",
        ladder_name_en=found.ladder.name_en if found.ladder else "",
        ladder_status=found.ladder.status if found.ladder else "",
        phase=progress.phase if progress else None,
        started_at=progress.started_at if progress else None,
        slow=progress.slow if progress else False,
        ladder_exhausted=goes_on and progress is not None and progress.exhausted_at is not None,
        exhausted_at=progress.exhausted_at if progress else None,
        ended_at=climb.ended_at if climb else None,
        ended_by=climb.ended_by if climb else "",
        next=_next_view(found.next) if found.next else None,
        told=[
            ToldView(
                time=row.time,
                due_at=row.due_at,
                phase=row.phase,
                step=row.step,
                repeat=row.repeat,
                receiver=row.receiver,
                via=row.via,
                on_call_source=row.on_call_source,
                channels=row.channels.split(",") if row.channels else [],
                call_up=row.call_up,
            )
            for row in found.told
        ],
        messages=[
            SentView(**{name: getattr(one, name) for name in SentView.model_fields}) for one in found.sent
        ],
        call_ups=[
            call_up_view(one, [call for call in found.attempts if call.call_up == one.id])
            for one in found.call_ups
        ],
    )


def exhausted_view(climb: Climb) -> ExhaustedView:
    progress = climb.progress
    return ExhaustedView(
        alarm_id=progress.alarm_id,
        enterprise=climb.enterprise,
        ladder=progress.ladder,
        exhausted_at=progress.exhausted_at or 0,
        next_at=progress.due_at,
    )


def preview_view(preview: Preview) -> PreviewView:
    ladder = preview.ladder
    steps = [_step_view(step) for step in preview.steps]
    return PreviewView(
        ladder=ladder.id if ladder else None,
        ladder_name=ladder.name if ladder else "",
        ladder_name_en=ladder.name_en if ladder else "",
        ladder_status=ladder.status if ladder else "",
        origin=ladder.origin if ladder else "",
        steps=steps,
        nobody=[number for number, step in enumerate(steps) if not step.people],
    )


def ladder_view(ladder: Ladder) -> LadderView:
    match = ladder.match
    return LadderView(
        id=ladder.id,
        name=ladder.name,
        name_en=ladder.name_en,
        status=ladder.status,
        origin=ladder.origin,
        match={
            name: [str(getattr(value, "name", value)) for value in getattr(match, name)]
            for name in match.__struct_fields__
            if getattr(match, name)
        },
        returned_factor=ladder.returned_factor,
        steps=[_written(step) for step in ladder.steps],
        acked_steps=[_written(step) for step in ladder.acked_steps],
        top=_written(ladder.top),
    )


def proof_list(
    proofs: list[Proof],
    now: int,
    dead_tops: Sequence[DeadTop] | None,
    weak_steps: Sequence[WeakStep] | None,
    scope: Scope,
) -> ProofList:
    views = [
        ProofView(**{name: getattr(proof, name) for name in Proof.__struct_fields__}) for proof in proofs
    ]
    return ProofList(
        last=views[0] if views else None,
        age_s=(now - views[0].time) / 1e9 if views else None,
        earlier=views[1:],
        dead_tops=None
        if dead_tops is None
        else [DeadTopView(**top._asdict()) for top in dead_tops if scope.sees(top.enterprise)],
        weak_steps=None
        if weak_steps is None
        else [_weak(step) for step in weak_steps if scope.sees(step.enterprise)],
    )


def _weak(step: WeakStep) -> WeakStepView:
    return WeakStepView(**step._asdict() | {"to": list(step.to)})


def _next_view(following: Next) -> NextView:
    return NextView(
        at=following.at,
        step=following.step,
        words=following.words,
        call_up=following.target.call_up,
        people=[_person_view(person) for person in following.people],
    )


def _step_view(step: Planned) -> StepView:
    return StepView(
        phase=step.phase,
        step=step.step,
        after_s=step.after_s,
        to=list(step.target.to),
        call_up=step.target.call_up,
        people=[_person_view(person) for person in step.people],
    )


def _person_view(person: Person) -> PersonView:
    return PersonView(
        receiver=person.reached.receiver,
        via=person.reached.via,
        on_call_source=person.reached.source,
        channels=list(person.channels),
    )


def _written(part: LadderStep | LadderTop) -> dict[str, Any]:
    values = {name: getattr(part, name) for name in part.__struct_fields__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
