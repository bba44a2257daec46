"""Supervision orders (督办): issued by the bureau, answered by the enterprise, reminded by timers."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from alarm_rules.model import Priority
from api.auth.people import actor_name
from api.auth.principal import EVERYTHING, Principal
from api.bilingual import both, halves, joined
from api.desks import order_progress
from api.desks.errors import NotOnDesk, StepRefused, WrongEntry
from api.desks.identity import new_id
from api.desks.local_time import spoken
from api.desks.metrics import DeskMetrics
from api.desks.news import DeskDelta, DeskHook, nobody_listens
from api.desks.order_progress import Order, OrderStepKind, OrderTransition, SupervisionPolicy, order_state
from api.desks.register import DeskRegister
from api.desks.telling import Concern, Notice, Teller
from api.desks.warning_desk import known_warning
from api.desks.warning_policy import Authority
from api.store.supervision import add_order, add_order_step, change_order, order_by_id
from api.store.timers import Timer, drop_timer, set_timer
from api.store.writer import Transaction, Writer

REMIND = "supervision.remind"
STEPS: dict[str, Callable[[Order, str, str, int], OrderTransition]] = {
    "answer": order_progress.answer,
    "return": order_progress.send_back,
    "verify": order_progress.verify,
    "close": order_progress.close,
}
STEP_WORDS: dict[OrderStepKind, str] = {
    "created": both("下达", "issued"),
    "answered": both("企业已反馈", "answered"),
    "returned": both("退回", "returned"),
    "verified": both("已核实", "verified"),
    "closed": both("已销号", "closed"),
    "postponed": both("延期", "postponed"),
    "due_soon": both("即将到期", "due soon"),
    "overdue": both("逾期", "overdue"),
}
TOLD: dict[OrderStepKind, tuple[Authority, ...]] = {
    "created": ("enterprise",),
    "answered": ("district",),
    "returned": ("enterprise",),
    "closed": ("enterprise",),
    "postponed": ("enterprise",),
    "due_soon": ("enterprise",),
    "overdue": ("enterprise", "district", "city"),
}


class SupervisionDesk:
    """Writes orders. Its clock is the transaction's."""

    def __init__(
        self,
        writer: Writer,
        policy: SupervisionPolicy,
        register: DeskRegister,
        teller: Teller,
        metrics: DeskMetrics,
        zone: ZoneInfo,
    ) -> None:
        self._writer = writer
        self._policy = policy
        self._register = register
        self._teller = teller
        self._metrics = metrics
        self._zone = zone
        self.changed: DeskHook = nobody_listens

    async def create(
        self,
        by: Principal,
        *,
        enterprise: str = "",
        installation: str = "",
        warning: str | None = None,
        item: str,
        responsible: str,
        deadline: int,
    ) -> Order:
        """Issue an order: by hand for an enterprise, or from a warning that is overdue.

        Raises NotOnDesk, StepRefused (the warning was never overdue), or WrongEntry.
        """

        def job(tx: Transaction) -> Order:
            place = self._place(tx, by, enterprise, installation, warning)
            order = Order(
                id=new_id(),
                enterprise=place[0],
                installation=place[1],
                warning=warning,
                item=item,
                responsible=responsible,
                created_by=by.name,
                created_at=tx.now,
                deadline=deadline,
                soon_at=deadline,
            )
            transition = order_progress.create(order, self._policy)
            add_order(tx.connection, transition.order)
            self._after(tx, transition)
            tx.audit(actor_name(by), "supervision.create", order.id, item, order.enterprise)
            return transition.order

        return await self._writer.run(job)

    async def take(self, step: str, by: Principal, order_id: str, text: str) -> Order:
        """A person takes a step of STEPS. Raises NotOnDesk, StepRefused or WrongEntry."""
        return await self._change(
            f"supervision.{step}",
            by,
            order_id,
            text,
            lambda order, now: STEPS[step](order, by.name, text, now),
        )

    async def postpone(self, by: Principal, order_id: str, deadline: int, text: str) -> Order:
        """Give a later deadline. Raises NotOnDesk, StepRefused or WrongEntry."""

        def step(order: Order, now: int) -> OrderTransition:
            return order_progress.postpone(order, by.name, deadline, text, self._policy, now)

        words = f"{spoken(deadline, self._zone)}: {text}"
        return await self._change("supervision.postpone", by, order_id, words, step)

    def remind(self, tx: Transaction, timer: Timer) -> None:
        """Handler of REMIND: the order turns yellow or red, or is still red."""
        order = order_by_id(tx.connection, timer.subject, EVERYTHING)
        if order is None:
            return
        transition = order_progress.remind(order, self._policy, tx.now)
        if transition is None:
            self._set_clock(tx, order)
            return
        self._store(tx, transition)
        if transition.step.kind == "overdue":
            tx.audit("service", "supervision.overdue", order.id, order.item, order.enterprise)

    async def _change(
        self,
        action: str,
        by: Principal,
        order_id: str,
        text: str,
        step: Callable[[Order, int], OrderTransition],
    ) -> Order:
        def job(tx: Transaction) -> Order:
            order = order_by_id(tx.connection, order_id, by.scope)
            if order is None:
                raise NotOnDesk(both(f"没有督办 {order_id}。", f"There is no order {order_id}."))
            transition = step(order, tx.now)
            self._store(tx, transition)
            tx.audit(actor_name(by), action, order_id, text, order.enterprise)
            return transition.order

        return await self._writer.run(job)

    def _place(
        self, tx: Transaction, by: Principal, enterprise: str, installation: str, warning_id: str | None
    ) -> tuple[str, str]:
        if warning_id is not None:
            warning = known_warning(tx, warning_id, by)
            if not warning.overdue:
                raise StepRefused(
                    both(
                        "该预警没有超时环节，请按预警流程处置；也可不关联预警直接下达督办。",
                        "No step of this warning was overdue; an order can be issued without the warning.",
                    )
                )
            return (warning.enterprise, warning.installation)
        if not by.sees(enterprise) or enterprise not in self._register.enterprises:
            raise NotOnDesk(both(f"没有企业 {enterprise}。", f"There is no enterprise {enterprise}."))
        if installation and (enterprise, installation) not in self._register.places:
            raise WrongEntry(
                both(
                    f"企业 {enterprise} 没有重大危险源 {installation}。",
                    f"Enterprise {enterprise} has no installation {installation}: name one of it, or none.",
                )
            )
        return (enterprise, installation)

    def _store(self, tx: Transaction, transition: OrderTransition) -> None:
        change_order(tx.connection, transition.order)
        self._after(tx, transition)

    def _after(self, tx: Transaction, transition: OrderTransition) -> None:
        order, step = transition
        add_order_step(tx.connection, order, step)
        self._set_clock(tx, order)
        self._tell(tx, transition)
        delta = DeskDelta(
            kind="supervision",
            enterprise=order.enterprise,
            installation=order.installation,
            id=order.id,
            state=order_state(order),
            since=step.time,
        )
        tx.then(lambda: self._metrics.supervision_steps.labels(step.kind).inc())
        tx.then(lambda: self.changed([delta]))

    def _set_clock(self, tx: Transaction, order: Order) -> None:
        key = f"supervision/{order.id}"
        if order.remind_at is None:
            drop_timer(tx, key)
        else:
            set_timer(tx, Timer(key=key, kind=REMIND, subject=order.id, due_at=order.remind_at))

    def _tell(self, tx: Transaction, transition: OrderTransition) -> None:
        order, step = transition
        to = TOLD.get(step.kind)
        if not to:
            return
        enterprise = self._register.enterprises.get(order.enterprise)
        name = enterprise.name if enterprise and enterprise.name else order.enterprise
        deadline = spoken(order.deadline, self._zone)
        word = halves(STEP_WORDS[step.kind])
        body = [
            f"{name} {order.installation}".strip(),
            both(f"事项：{order.item}", f"Item: {order.item}"),
            both(f"责任人：{order.responsible}", f"Responsible: {order.responsible}"),
            both(f"期限：{deadline}", f"Deadline: {deadline}"),
            step.text if step.text != order.item else "",
        ]
        notice = Notice(
            key=f"supervision/{order.id}/{order.version}",
            kind="supervision",
            to=to,
            about=Concern(
                enterprise=order.enterprise,
                district=enterprise.district if enterprise else "",
                city=enterprise.city if enterprise else "",
            ),
            priority=Priority.HIGH if step.kind == "overdue" else Priority.MEDIUM,
            title=both(f"【督办{word[0]}】{name}", f"[supervision order {word[1]}] {name}"),
            body=joined((line for line in body if line), "\n", "\n"),
        )
        self._teller.tell(tx, [notice])
