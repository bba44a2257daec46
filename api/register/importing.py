"""The import of a register: checked, agreed to by a second person where it could hide a danger, written.

Nothing in force changes by writing: gateway and alert service read the site when they start (`in_force.py`
says who runs what).
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy import Connection

from api.approvals.model import (
    ApprovalKind,
    Described,
    Json,
    NotEntitled,
    Proposal,
    ProposalRefused,
    UnknownProposal,
)
from api.approvals.service import Approvals
from api.auth.principal import Principal
from api.bilingual import both, joined
from api.catalogue import Catalogue
from api.limits.model import LOOSENS_TEXT
from api.register.checking import Checked, OutOfSight, SiteUnusable, check_upload
from api.register.differences import ItemChange
from api.register.site_folder import carry_out, digest_of, tables_of
from api.register.staged import StagedFiles
from api.register.two_persons import MEASURING, loosening_points, loosening_rules, touches_second_level
from api.store.approvals import proposal_by_id
from api.store.writer import Clock, Reader, Transaction, Writer

REGISTER = "register"
CHANGE, LOOSEN = "register.change", "limit.loosen_gas"
LOOSENS, LOOSENS_GAS = "loosens_limits", "loosens_gas"
SHOWN = 50
"""So many lines of what is loosened stand in a proposal."""
Outcome = Literal["written", "proposed"]


class ImportRefused(Exception):
    """The import cannot be carried out now; the message says why and what to do."""


class FolderClosed(Exception):
    """The site's files are written by somebody else; the message says where."""


class StaleImport(Exception):
    """The site's files are others than those that were compared."""


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a second person agrees to."""

    file: str
    sha256: str
    based_on: str
    points: dict[str, int]
    """How many are added, removed and changed."""
    rules: int
    loosens: tuple[str, ...]
    """What takes the second person, in a line each."""
    loosens_gas: bool


class Reviewed(NamedTuple):
    """A check, and what of it takes a second person."""

    checked: Checked
    loosens: tuple[str, ...]
    loosens_gas: bool


class Applied(NamedTuple):
    """What became of an import."""

    outcome: Outcome
    reviewed: Reviewed
    proposal: str
    """Id of the proposal that waits for a second person; empty when the files are written."""
    previous: str
    """Where the files before are kept; empty while nothing is written."""


class RegisterImports:
    """One import at a time; everything that reads files runs beside the event loop."""

    def __init__(
        self,
        folder: Path,
        staged: StagedFiles,
        catalogue: Catalogue,
        approvals: Approvals,
        writer: Writer,
        reader: Reader,
        clock: Clock,
        registry: CollectorRegistry,
        *,
        may_write: bool,
    ) -> None:
        """folder: of the site. may_write: the gateway reads the same folder, and we may change it."""
        self._folder, self._staged, self._catalogue = folder, staged, catalogue
        self._approvals, self._writer, self._reader, self._clock = approvals, writer, reader, clock
        self.may_write = may_write
        self._one = asyncio.Lock()
        self._counted = Counter(
            "hazardwatch_api_register_imports",
            "Imports of a register that were refused, found good, proposed or written",
            ["outcome"],
            registry=registry,
        )
        approvals.register(
            ApprovalKind(
                name=REGISTER,
                permission=CHANGE,
                describe=self._describe,
                apply=self._approved,
                own_route="POST /register/import",
            )
        )

    async def check(self, name: str, content: bytes, by: Principal) -> Reviewed:
        """Hold a file against the site. Raises OutOfSight, SiteUnusable."""
        async with self._one:
            reviewed = await self._review(name, content, by)
        self._counted.labels("refused" if reviewed.checked.findings else "checked").inc()
        return reviewed

    async def carry_out(
        self, name: str, content: bytes, by: Principal, reason: str, based_on: str
    ) -> Applied | Reviewed:
        """Write the register, or propose it where it takes a second person. A Reviewed with findings, and
        nothing done, when the file is not sound.

        based_on: of the check that the person saw. Raises OutOfSight, SiteUnusable, FolderClosed,
        StaleImport, ImportRefused, NotEntitled, ProposalRefused, OSError.
        """
        self._ask_may_write()
        async with self._one:
            reviewed = await self._review(name, content, by)
            if reviewed.checked.findings:
                return reviewed
            self._ask_fresh(reviewed, based_on)
            sha256 = await asyncio.to_thread(self._staged.keep, content)
            wish = _wish(name, sha256, reviewed)
            if proposal := await self._proposed(wish, reviewed, by, reason):
                return Applied("proposed", reviewed, proposal.id, "")
            previous = await self._write(reviewed, wish, by, reason)
        return Applied("written", reviewed, "", previous)

    async def write_approved(self, proposal_id: str, by: Principal) -> Applied:
        """Write what a second person has agreed to. Raises UnknownProposal, and as `carry_out`."""
        self._ask_may_write()
        proposal = await self._reader.run(lambda c: proposal_by_id(c, proposal_id, by.scope))
        if proposal is None or proposal.kind != REGISTER:
            raise UnknownProposal(both(f"没有导入 {proposal_id}", f"there is no import {proposal_id}"))
        if proposal.state != "applied":
            raise ImportRefused(
                both(
                    f"导入 {proposal_id} 的状态为 {proposal.state}，尚未获同意",
                    f"import {proposal_id} is {proposal.state} and not agreed to",
                )
            )
        wish = msgspec.convert(proposal.change, Wish)
        async with self._one:
            content = await asyncio.to_thread(self._staged.take, wish.sha256)
            if content is None:
                raise ImportRefused(
                    both(
                        "文件已写入或已不再保存：请重新导入",
                        "the file was written already, or is kept no more: import it again",
                    )
                )
            reviewed = await self._review(wish.file, content, by)
            self._ask_fresh(reviewed, wish.based_on)
            if reviewed.checked.findings or _wish(wish.file, wish.sha256, reviewed) != wish:
                raise StaleImport(
                    both(
                        "规则已不是审核时的规则：请重新导入文件",
                        "the rules are no longer those that were reviewed: import the file again",
                    )
                )
            previous = await self._write(reviewed, wish, by, proposal.reason)
        return Applied("written", reviewed, proposal_id, previous)

    def waits(self, proposal: Proposal) -> bool:
        """Is the file of an agreed import still to be written?"""
        return self._staged.take(msgspec.convert(proposal.change, Wish).sha256) is not None

    async def _review(self, name: str, content: bytes, by: Principal) -> Reviewed:
        checked = await asyncio.to_thread(
            check_upload, self._folder, self._catalogue.site, name, content, by.scope
        )
        if checked.difference is None:
            return Reviewed(checked, (), loosens_gas=False)
        rules = loosening_rules(checked.difference, self._catalogue.rules)
        points = loosening_points(checked.difference)
        lines = [
            *(f"{point.id} {point.kind}" + _fields(point) for point in points),
            *(f"{rule.rule} {rule.kind}" + _words(rule.field, rule.old, rule.new) for rule in rules),
        ]
        return Reviewed(checked, tuple(lines), touches_second_level(rules, self._catalogue.second_level))

    async def _proposed(self, wish: Wish, reviewed: Reviewed, by: Principal, reason: str) -> Proposal | None:
        if not reviewed.loosens:
            return None
        proposal = await self._writer.run(
            lambda tx: self._approvals.propose_if_two(
                tx, REGISTER, reviewed.checked.enterprise, msgspec.to_builtins(wish), by, reason
            )
        )
        if proposal is not None:
            self._counted.labels("proposed").inc()
        return proposal

    async def _write(self, reviewed: Reviewed, wish: Wish, by: Principal, reason: str) -> str:
        plan, checked = reviewed.checked.plan, reviewed.checked
        if plan is None:
            raise ImportRefused(both("没有可写入的内容", "there is nothing to write"))
        now = datetime.fromtimestamp(self._clock() / 1e9, UTC)
        stamp = f"{now:%Y%m%dT%H%M%SZ}-{wish.sha256[:8]}"
        kept = await asyncio.to_thread(carry_out, self._folder, plan, stamp)
        await asyncio.to_thread(self._staged.drop, wish.sha256)
        counts = ", ".join(f"{count} {kind}" for kind, count in wish.points.items())
        text = f"{wish.file} sha256 {wish.sha256}; points: {counts}; facts of rules: {wish.rules}; {reason}"
        await self._writer.run(_audit(f"operator:{by.name}", text, checked.enterprise))
        self._counted.labels("written").inc()
        return str(kept.relative_to(self._folder))

    def _ask_may_write(self) -> None:
        if not self.may_write:
            raise FolderClosed(
                both(
                    "本服务不写站点文件（HAZARDWATCH_API_REGISTER_APPLY）："
                    f"请把文件放到网关所在机器的 {self._folder}，然后重启两者",
                    "this service does not write the site's files "
                    "(HAZARDWATCH_API_REGISTER_APPLY): put the file "
                    f"into {self._folder} on the machine of the gateway, and restart both",
                )
            )

    def _ask_fresh(self, reviewed: Reviewed, based_on: str) -> None:
        if reviewed.checked.based_on != based_on:
            raise StaleImport(
                both(
                    "比较之后站点文件已被更改：请重新比较",
                    "the site's files were changed after the comparison: compare again",
                )
            )

    def _describe(self, _connection: Connection, subject: str, change: Json) -> Described:
        try:
            wish = msgspec.convert(change, Wish)
        except msgspec.ValidationError as error:
            raise ProposalRefused(both(f"不是导入：{error}", f"not an import: {error}")) from error
        counts = wish.points
        changed = f"+{counts.get('added', 0)} -{counts.get('removed', 0)} ~{counts.get('changed', 0)}"
        title = both(
            f"导入 {subject} 的台账 {wish.file}：{changed}",
            f"import of the register of {subject}, {wish.file}: {changed}",
        )
        return Described(
            title=joined([title, LOOSENS_TEXT]) if wish.loosens_gas else title,
            old={},
            new={
                "file": wish.file,
                "points": counts,
                "facts_of_rules": wish.rules,
                "loosens": list(wish.loosens),
            },
            version=digest_of(tables_of(self._folder)),
            enterprise=subject,
            traits=frozenset({LOOSENS, *([LOOSENS_GAS] if wish.loosens_gas else [])}),
        )

    def _approved(self, tx: Transaction, proposal: Proposal, by: Principal) -> None:
        """Nothing is written yet: that takes seconds, and the transaction holds up every alarm."""
        if msgspec.convert(proposal.change, Wish).loosens_gas and not by.may(LOOSEN):
            raise NotEntitled(
                both(
                    f"气体二级报警会更晚或不再报警：须持有 {LOOSEN}",
                    f"the second level of a gas would warn later or not at all: that takes {LOOSEN}",
                )
            )
        tx.audit(f"operator:{by.name}", "register.approve", proposal.id, proposal.title, proposal.enterprise)


def _wish(name: str, sha256: str, reviewed: Reviewed) -> Wish:
    difference = reviewed.checked.difference
    kinds = [point.kind for point in difference.points] if difference else []
    lines = reviewed.loosens
    more = (f"and {len(lines) - SHOWN} more",) if len(lines) > SHOWN else ()
    return Wish(
        file=name,
        sha256=sha256,
        based_on=reviewed.checked.based_on,
        points={kind: kinds.count(kind) for kind in ("added", "removed", "changed")},
        rules=len(difference.rules) if difference else 0,
        loosens=(*lines[:SHOWN], *more),
        loosens_gas=reviewed.loosens_gas,
    )


def _audit(actor: str, text: str, enterprise: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.audit(actor, "register.import", enterprise, text, enterprise)


def _fields(change: ItemChange) -> str:
    return "".join(_words(*field) for field in change.fields if field.field in MEASURING)


def _words(field: str, old: object, new: object) -> str:
    return f"; {field}: {old} → {new}" if field else ""


KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    OutOfSight: (404, "unknown-enterprise"),
    SiteUnusable: (409, "site-unusable"),
    FolderClosed: (409, "apply-elsewhere"),
    StaleImport: (409, "stale-import"),
    ImportRefused: (409, "import-refused"),
}
