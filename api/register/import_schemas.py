"""What the routes of the register's import answer."""

from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from api.approvals.model import Proposal, ProposalState
from api.bilingual import both
from api.register.differences import Difference, ItemChange
from api.register.importing import Reviewed
from api.register.in_force import State

LISTED = 500
"""So many lines of each kind are told; all are counted."""


class FindingView(BaseModel):
    """A mistake in the file: where, what, and the remedy."""

    file: str = Field(description="Name of the file.", examples=["register.csv"])
    line: int = Field(description="Line of the file, row of the sheet.")
    column: str = Field(
        description="Column of a table as spreadsheets name it; empty elsewhere.", examples=["C"]
    )
    wrong: str = Field(description="What is wrong, Chinese and English.")
    right: str = Field(description="What would be right, Chinese and English.")


class RemarkView(BaseModel):
    """Something that is allowed and worth a second look."""

    kind: Literal[
        "sheet_not_read",
        "person_missing",
        "limit_above_shell",
        "twin_keeps_limit",
        "no_rule",
        "no_position",
        "no_name",
    ] = Field(description="What it is, for programs.")
    subject: str = Field(description="What it is about.")
    text: str = Field(description="The same in a sentence.")


class FieldView(BaseModel):
    """One field that differs."""

    field: str = Field(description="Key of the register, as `limits.HH`.")
    old: JsonValue = Field(description="As it runs; null if it is not given.")
    new: JsonValue = Field(description="As it would be; null if it is not given.")


class ItemView(BaseModel):
    """A place or a point that comes, goes or changes."""

    kind: Literal["added", "removed", "changed"] = Field(description="What becomes of it.")
    what: Literal["enterprise", "installation", "unit", "point"] = Field(description="What it is.")
    id: str = Field(description="Of a point `{enterprise}/{tag}`, of a unit `{installation}/{unit}`.")
    name: str = Field(description="Its name; empty if it has none.")
    fields: list[FieldView] = Field(description="What differs; empty for one that comes or goes.")


class RuleView(BaseModel):
    """A rule that comes, goes or changes with it."""

    rule: str = Field(description="Full id of the rule.")
    kind: Literal["added", "removed", "changed", "disabled", "enabled"] = Field(
        description="What becomes of it."
    )
    field: str = Field(description="Which fact differs; empty for one that comes or goes.")
    old: JsonValue = Field(description="As it runs.")
    new: JsonValue = Field(description="As it would be.")


class CountView(BaseModel):
    """How many of a kind come, go and change."""

    added: int = Field(description="How many come.")
    removed: int = Field(description="How many go.")
    changed: int = Field(description="How many change.")


class DifferenceView(BaseModel):
    """What would be otherwise than it runs."""

    point_counts: CountView = Field(description="Points.")
    place_counts: CountView = Field(description="Installations, units and the enterprise.")
    rule_counts: dict[str, int] = Field(description="Rules that come, go or have other facts, by kind.")
    points: list[ItemView] = Field(description=f"The points, {LISTED} at most.")
    places: list[ItemView] = Field(description=f"The places, {LISTED} at most.")
    rules: list[RuleView] = Field(description=f"The rules, {LISTED} lines at most.")


class RegisterImport(BaseModel):
    """What came of an import, or would come of it."""

    outcome: Literal["refused", "checked", "written", "proposed"] = Field(
        description="`refused`: it has findings; `checked`: nothing was done; `proposed`: it waits for a "
        "second person; `written`: the site's files have it."
    )
    enterprise: str = Field(description="Whose register it is; empty when the file does not say.")
    findings: list[FindingView] = Field(
        description=f"Mistakes, {LISTED} at most. None: it can be carried out."
    )
    finding_count: int = Field(description="How many mistakes there are.")
    remarks: list[RemarkView] = Field(description="What is worth a second look.")
    based_on: str = Field(description="Give it back to carry out what was compared, and nothing else.")
    difference: DifferenceView | None = Field(description="Null when there are findings.")
    loosens: list[str] = Field(
        description="What could let a danger go unseen, a line each: it takes a second person who agrees."
    )
    loosens_gas: bool = Field(
        description="A second-level gas alarm is among it: that takes `limit.loosen_gas`."
    )
    may_write: bool = Field(description="This service may write the site's files.")
    proposal: str = Field(
        description="Id of the proposal; decided under `/approvals`. Empty if there is none."
    )
    previous: str = Field(
        description="Folder of the previous version within the site's folder; empty if none."
    )


class WaitingImport(BaseModel):
    """An import that took a second person."""

    id: str = Field(description="Of the proposal.")
    enterprise: str = Field(description="Whose register it is.")
    title: str = Field(description="It in one sentence.")
    state: ProposalState = Field(description="`applied` is agreed to.")
    waits: bool = Field(description="It was agreed to and is still to be written.")
    proposed_by: str = Field(description="First person.")
    proposed_at: int = Field(description="When he did, ns UTC.")
    reason: str = Field(description="His words.")
    decided_by: str = Field(description="Second person; empty while open.")


class WaitingImports(BaseModel):
    """The newest imports that took a second person."""

    imports: list[WaitingImport] = Field(description="The newest first.")


class RegisterStateView(BaseModel):
    """Which register of an enterprise runs where."""

    enterprise: str = Field(description="Id of the enterprise.")
    state: State = Field(
        description="`in_force`: files, service and gateway agree. `waiting_...`: written, and in force once "
        "that one has been restarted. `unknown`: the gateway does not answer. `unreadable`: the files have "
        "mistakes."
    )
    files: str = Field(description="Fingerprint of what the files say; empty if they cannot be read.")
    service: str = Field(description="Fingerprint of what this service runs; empty if it has none.")
    gateway: str = Field(
        description="Fingerprint of what the gateway runs; empty if it has none or is silent."
    )


class RegisterStates(BaseModel):
    """Which register runs where, within the reader's scope."""

    enterprises: list[RegisterStateView] = Field(description="By enterprise, in the order of the register.")
    file_findings: int = Field(
        description="Mistakes in the files: a process that starts now would not begin."
    )
    gateway_trouble: str = Field(description="Why the gateway could not be asked; empty when it answered.")
    may_write: bool = Field(description="This service may write the site's files.")
    may_restart: bool = Field(description="This service can have the written register taken up.")


def import_view(
    reviewed: Reviewed, outcome: str, *, may_write: bool, proposal: str = "", previous: str = ""
) -> RegisterImport:
    """As people see it."""
    checked = reviewed.checked
    return RegisterImport(
        outcome="refused" if checked.findings else outcome,
        enterprise=checked.enterprise,
        findings=[
            FindingView(
                file=each.file,
                line=each.line,
                column=each.column,
                wrong=both(each.wrong_zh, each.wrong),
                right=both(each.right_zh, each.right),
            )
            for each in checked.findings[:LISTED]
        ],
        finding_count=len(checked.findings),
        remarks=[RemarkView(**each._asdict()) for each in checked.remarks],
        based_on=checked.based_on,
        difference=_difference(checked.difference) if checked.difference else None,
        loosens=list(reviewed.loosens[:LISTED]),
        loosens_gas=reviewed.loosens_gas,
        may_write=may_write,
        proposal=proposal,
        previous=previous,
    )


def waiting_import(proposal: Proposal, *, waits: bool) -> WaitingImport:
    """A proposal as the import's page shows it."""
    return WaitingImport(
        id=proposal.id,
        enterprise=proposal.enterprise,
        title=proposal.title,
        state=proposal.state,
        waits=waits,
        proposed_by=proposal.proposed_by,
        proposed_at=proposal.proposed_at,
        reason=proposal.reason,
        decided_by=proposal.decided_by,
    )


def _difference(found: Difference) -> DifferenceView:
    kinds = [rule.kind for rule in found.rules]
    return DifferenceView(
        point_counts=_counts(found.points),
        place_counts=_counts(found.places),
        rule_counts={
            kind: len({rule.rule for rule in found.rules if rule.kind == kind}) for kind in sorted(set(kinds))
        },
        points=[_item(each) for each in found.points[:LISTED]],
        places=[_item(each) for each in found.places[:LISTED]],
        rules=[
            RuleView(
                rule=each.rule, kind=each.kind, field=each.field, old=_plain(each.old), new=_plain(each.new)
            )
            for each in found.rules[:LISTED]
        ],
    )


def _counts(items: tuple[ItemChange, ...]) -> CountView:
    kinds = [item.kind for item in items]
    return CountView(
        added=kinds.count("added"), removed=kinds.count("removed"), changed=kinds.count("changed")
    )


def _item(change: ItemChange) -> ItemView:
    fields = [
        FieldView(field=each.field, old=_plain(each.old), new=_plain(each.new)) for each in change.fields
    ]
    return ItemView(kind=change.kind, what=change.what, id=change.id, name=change.name, fields=fields)


def _plain(value: Any) -> JsonValue:
    return list(value) if isinstance(value, tuple | list) else value
