"""The alarm life as a part of the service: what persons may do, what follows of itself, and its timers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from api.alarms.acting import AlarmChanged, UnknownSubject
from api.alarms.actions import RESET_ANSWER, AlarmActions
from api.alarms.follow_up import RE_ALARM, FollowUp
from api.alarms.gateway_reset import GatewayResets, ResetNotSent
from api.alarms.policy import AlarmPolicy, load_policy
from api.alarms.putting_aside import HOLD_EXPIRY, PROPOSAL_EXPIRY, PuttingAside
from api.alarms.settings import AlarmSettings
from api.catalogue import Catalogue
from api.service import AlarmService
from api.store.writer import Writer
from api.timers import Handler

KNOWN_ERRORS: dict[type[Exception], tuple[int, str]] = {
    UnknownSubject: (404, "unknown-subject"),
    AlarmChanged: (412, "alarm-changed"),
    ResetNotSent: (503, "reset-not-sent"),
}


@dataclass(frozen=True)
class AlarmPart:
    """What routes and other parts find."""

    policy: AlarmPolicy
    actions: AlarmActions
    aside: PuttingAside
    handlers: Mapping[str, Handler]


def open_alarm_part(
    settings: AlarmSettings,
    catalogue: Catalogue,
    writer: Writer,
    service: AlarmService,
    gateway: httpx.AsyncClient,
) -> AlarmPart:
    """Compose it and let it follow the alarms. ValueError if the policy file is wrong."""
    policy = load_policy(settings.alarm_policy)
    actions = AlarmActions(writer, service, policy, GatewayResets(gateway))
    aside = PuttingAside(writer, service.apply, policy, catalogue.copy_of, catalogue.watches_gas, _new_id)
    follow_up = FollowUp(service.apply, policy)
    service.followers.append(follow_up)
    handlers: dict[str, Handler] = {
        RE_ALARM: follow_up.on_re_alarm,
        RESET_ANSWER: actions.on_reset_answer,
        HOLD_EXPIRY: aside.on_hold_expiry,
        PROPOSAL_EXPIRY: aside.on_proposal_expiry,
    }
    return AlarmPart(policy, actions, aside, handlers)


def _new_id() -> str:
    return secrets.token_hex(8)
