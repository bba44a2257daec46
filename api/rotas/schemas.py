"""What the routes of the rotas take and give. Times are ns UTC unless they are wall times."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.rotas.calendars import ImportResult
from api.rotas.definition import DefinitionBody, ReceiverId, RotaId, Text, body_of
from api.rotas.file_import import Brought, Kind
from api.rotas.holes import Hole
from api.rotas.model import OnCall, Override, OverrideOrigin, Rota, Source, Span
from api.rotas.papers import Feed, Note
from api.rotas.swaps import Swap, SwapState

LATEST = 7_258_118_400_000_000_000
"""The year 2200, ns UTC."""
Instant = Annotated[int, Field(ge=0, le=LATEST, description="ns UTC.")]
Reason = Annotated[Text, Field(min_length=1, max_length=500)]
EnterpriseId = Annotated[Text, Field(max_length=200)]


class RotaBody(DefinitionBody):
    """A new rota."""

    id: RotaId = Field(description="How ladders name it; small letters, digits, '.', '_' and '-'.")
    enterprise: EnterpriseId = Field("", description="Whose it is; empty: the bureau's.")


class RotaChange(DefinitionBody):
    """A new version of a rota; versions before it stay what they were."""

    valid_from: Instant | None = Field(None, description="From when it counts, ns UTC; now if absent.")
    reason: Reason = Field(description="Why it is changed.")


class HoleView(BaseModel):
    """A span in which nobody is on call but the fallback, or nobody who can be reached."""

    start: int
    end: int
    unreachable: list[str] = Field(description="Receivers named for it that nothing reaches.")


class VersionView(BaseModel):
    """One version of a rota."""

    number: int
    valid_from: int
    entered_by: str
    entered_at: int
    reason: str
    definition: DefinitionBody


class OverrideBody(BaseModel):
    """Somebody else for a span."""

    model_config = ConfigDict(extra="forbid")

    receivers: list[ReceiverId] = Field(min_length=1, max_length=20, description="Who is on call instead.")
    start: Instant = Field(description="ns UTC; it never reaches back before the moment it is entered.")
    end: Instant = Field(description="ns UTC, exclusive.")
    reason: Reason = Field(description="Why.")
    instead_of: Text = Field("", max_length=200, description="Only this receiver is replaced; empty: all.")


class OverrideView(BaseModel):
    """An override, with who entered and who withdrew it."""

    id: str
    receivers: list[str]
    start: int
    end: int
    reason: str
    instead_of: str
    origin: OverrideOrigin
    entered_by: str
    entered_at: int
    withdrawn_by: str
    withdrawn_at: int | None


class RotaView(BaseModel):
    """A rota as it counts now."""

    id: str
    enterprise: str
    definition: DefinitionBody
    version: int
    retired_at: int | None


class RotaWithHistory(RotaView):
    """A rota with all its versions and overrides."""

    versions: list[VersionView]
    overrides: list[OverrideView]


class RotaWithHoles(RotaView):
    """A rota after a change, with what its next days lack."""

    holes: list[HoleView]


class RotaPage(BaseModel):
    """Rotas by id."""

    rotas: list[RotaView]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class OnCallView(BaseModel):
    """Who must be told, and why they."""

    at: int
    receivers: list[str]
    source: Source
    via: str = Field(description="Name of the layer, or id of the override.")


class SpanView(BaseModel):
    """A time with the same people on call."""

    start: int
    end: int
    receivers: list[str]
    source: Source
    via: str


class ScheduleView(BaseModel):
    """Who is on call when, without a gap."""

    spans: list[SpanView]


class RotaHoles(BaseModel):
    """The holes of one rota."""

    rota: str
    enterprise: str
    name: str
    alarm_about: str = Field(description="What the system alarm `rota_hole` of this rota is about.")
    holes: list[HoleView]


class HoleList(BaseModel):
    """Rotas with holes in the next 14 days."""

    rotas: list[RotaHoles]


class OverrideResult(BaseModel):
    """An override, and what the rota's next days lack with it."""

    override: OverrideView
    holes: list[HoleView]


class ShiftView(BaseModel):
    """A shift of an imported calendar."""

    uid: str
    summary: str
    receivers: list[str]
    start: int
    end: int


class EventErrorView(BaseModel):
    """Why an event was left out."""

    event: str
    wrong: str
    right: str


class ImportView(BaseModel):
    """What an import did, or would do."""

    stored: bool = Field(description="False after a dry run, or with errors and without `partial`.")
    added: list[ShiftView]
    withdrawn: list[str] = Field(description="Overrides of earlier imports that no longer fit.")
    unchanged: int
    skipped: int = Field(description="Events that are over, or lie beyond a year from now.")
    errors: list[EventErrorView]


class RotaFieldView(BaseModel):
    """One field of a rota that a file changes."""

    field: str = Field(description="As in the file: `fallback`, `layers.夜班.turns`.")
    old: Any = Field(description="Null: not given.")
    new: Any = Field(description="Null: not given.")


class RotaFileChange(BaseModel):
    """What a file does with one rota."""

    kind: Kind = Field(description="`same`: it is as the file says already.")
    id: str = Field(description="Of the rota.")
    enterprise: str = Field(description="Whose it is; empty: the bureau's.")
    name: str = Field(description="Its name in the file.")
    name_en: str = Field(description="The English one, if it has one.")
    fields: list[RotaFieldView] = Field(description="What differs from the version that counts now.")


class RotaImportView(BaseModel):
    """Rotas that a file made or changed, or would."""

    stored: bool
    rotas: list[str]
    changes: list[RotaFileChange] = Field(description="In the order of the file.")


class SwapBody(BaseModel):
    """An offer to hand a span over."""

    model_config = ConfigDict(extra="forbid")

    offered_by: ReceiverId = Field(description="Receiver who gives the span away.")
    offered_to: ReceiverId = Field(description="Receiver who is asked.")
    start: Instant = Field(description="ns UTC.")
    end: Instant = Field(description="ns UTC, exclusive.")
    return_start: Instant | None = Field(None, description="Span taken over in exchange, if any.")
    return_end: Instant | None = Field(None, description="Its end.")
    note: Text = Field("", max_length=2000, description="What the other person has to know.")

    def swap(self) -> Swap:
        return Swap(id="", rota="", entered_by="", offered_at=0, **self.model_dump())


class SwapAnswer(BaseModel):
    """Words with an answer."""

    model_config = ConfigDict(extra="forbid")

    note: Text = Field("", max_length=2000, description="For whoever offered.")


class SwapView(BaseModel):
    """An offer and its answer."""

    id: str
    offered_by: str
    offered_to: str
    start: int
    end: int
    return_start: int | None
    return_end: int | None
    note: str
    state: SwapState
    entered_by: str
    offered_at: int
    answered_by: str
    answered_at: int | None
    answer_note: str


class SwapPage(BaseModel):
    """Offers, the newest first."""

    swaps: list[SwapView]
    next: int | None


class NoteBody(BaseModel):
    """A hand-over note."""

    model_config = ConfigDict(extra="forbid")

    text: Text = Field(min_length=1, max_length=4000, description="What the next one has to know.")


class NoteView(BaseModel):
    """A hand-over note."""

    number: int
    time: int
    written_by: str
    text: str


class NotePage(BaseModel):
    """Notes, the newest first."""

    notes: list[NoteView]
    next: int | None


class FeedBody(BaseModel):
    """Whose shifts a calendar address shows."""

    model_config = ConfigDict(extra="forbid")

    receiver: Text = Field("", max_length=200, description="Only his shifts; empty: the whole rota.")


class FeedView(BaseModel):
    """A calendar address, without its secret."""

    id: str
    receiver: str
    created_by: str
    created_at: int
    revoked_by: str
    revoked_at: int | None


class NewFeed(FeedView):
    """A new calendar address. The secret is told this once."""

    path: str = Field(description="Path under this service's address; subscribe a calendar to it.")


class FeedList(BaseModel):
    """Every address that was ever opened."""

    feeds: list[FeedView]


def rota_fields(rota: Rota, now: int) -> dict[str, object]:
    version = rota.version_at(now)
    return {
        "id": rota.id,
        "enterprise": rota.enterprise,
        "definition": body_of(version.definition),
        "version": version.number,
        "retired_at": rota.retired_at,
    }


def rota_view(rota: Rota, now: int) -> RotaView:
    return RotaView.model_validate(rota_fields(rota, now))


def rota_with_history(rota: Rota, now: int) -> RotaWithHistory:
    versions = [
        VersionView(
            number=version.number,
            valid_from=version.valid_from,
            entered_by=version.entered_by,
            entered_at=version.entered_at,
            reason=version.reason,
            definition=body_of(version.definition),
        )
        for version in rota.versions
    ]
    overrides = [override_view(override) for override in rota.overrides]
    more = {"versions": versions, "overrides": overrides}
    return RotaWithHistory.model_validate(rota_fields(rota, now) | more)


def rota_with_holes(rota: Rota, now: int, holes: list[Hole]) -> RotaWithHoles:
    return RotaWithHoles.model_validate(rota_fields(rota, now) | {"holes": hole_views(holes)})


def hole_views(holes: list[Hole]) -> list[HoleView]:
    return [HoleView(start=one.start, end=one.end, unreachable=list(one.unreachable)) for one in holes]


def override_view(override: Override) -> OverrideView:
    return OverrideView.model_validate(override, from_attributes=True)


def on_call_view(on_call: OnCall, at: int) -> OnCallView:
    return OnCallView(at=at, receivers=list(on_call.receivers), source=on_call.source, via=on_call.via)


def span_view(span: Span) -> SpanView:
    on_call = span.on_call
    return SpanView(
        start=span.start,
        end=span.end,
        receivers=list(on_call.receivers),
        source=on_call.source,
        via=on_call.via,
    )


def import_view(result: ImportResult) -> ImportView:
    return ImportView(
        stored=result.stored,
        added=[ShiftView.model_validate(shift, from_attributes=True) for shift in result.added],
        withdrawn=list(result.withdrawn),
        unchanged=result.unchanged,
        skipped=result.imported.skipped,
        errors=[EventErrorView.model_validate(e, from_attributes=True) for e in result.imported.errors],
    )


def swap_view(swap: Swap) -> SwapView:
    return SwapView.model_validate(swap, from_attributes=True)


def note_view(note: Note) -> NoteView:
    return NoteView.model_validate(note, from_attributes=True)


def feed_view(feed: Feed) -> FeedView:
    return FeedView.model_validate(feed, from_attributes=True)


def new_feed(feed: Feed, token: str) -> NewFeed:
    fields = feed_view(feed).model_dump() | {"path": f"/rota-feeds/{token}"}
    return NewFeed.model_validate(fields)


def rota_import_view(brought: Sequence[Brought], *, stored: bool) -> RotaImportView:
    return RotaImportView(
        stored=stored,
        rotas=[one.id for one in brought],
        changes=[
            RotaFileChange(
                kind=one.kind,
                id=one.id,
                enterprise=one.enterprise,
                name=one.definition.name,
                name_en=one.definition.name_en,
                fields=[RotaFieldView(**field._asdict()) for field in one.differs],
            )
            for one in brought
        ],
    )
