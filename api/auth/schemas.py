"""Bodies and answers about logins, persons and keys. All times are ns UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.auth.directory import Directory
from api.auth.grant import Grant
from api.auth.permissions import PERMISSIONS
from api.auth.principal import Principal, Role
from api.auth.records import ApiKey, Session, User

PASSWORD_ROOM = 1024
NAME_ROOM = 200


class Body(BaseModel):
    """What a caller sends: nothing but the fields that are known."""

    model_config = ConfigDict(extra="forbid")


class LoginRequest(Body):
    user: str = Field(max_length=NAME_ROOM, description="User name.", examples=["张伟"])
    password: str = Field(max_length=PASSWORD_ROOM, description="Password, or the one-time password.")
    code: str = Field("", max_length=64, description="Code of the authenticator, or a recovery code.")


class TokenForm(Body):
    """The form of OAuth2: `application/x-www-form-urlencoded`."""

    grant_type: Literal["password", "refresh_token"] = Field("password", description="How to log in.")
    username: str = Field("", max_length=NAME_ROOM, description="User name; with `password`.")
    password: str = Field("", max_length=PASSWORD_ROOM, description="Password; with `password`.")
    totp: str = Field("", max_length=64, description="Code of the authenticator, or a recovery code.")
    refresh_token: str = Field("", max_length=4096, description="With `refresh_token`.")
    scope: str = Field("", max_length=200, description="Not used: the rights are those of the person.")
    client_id: str = Field("", max_length=200, description="Not used.")
    client_secret: str = Field("", max_length=200, description="Not used.")


class Tokens(BaseModel):
    """For machines: send the access token as `Authorization: Bearer`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Life of the access token, in seconds.")
    refresh_token: str = Field(description="Used once to go on; its answer has the next one.")


class PersonView(BaseModel):
    """Who is speaking, and what he may do and see."""

    name: str
    roles: list[Role]
    permissions: list[str] = Field(description="What these roles may do.")
    enterprises: list[str] | None = Field(description="Enterprises in sight; null: all of them.")
    must: Literal["", "password-change", "second-factor"] = Field(
        description="What has to be done first; until then the person has no roles."
    )
    session: str | None = Field(description="Id of the login that speaks; null for a key.")


class BrowserLogin(PersonView):
    """A login whose tokens are in cookies."""

    csrf: str = Field(description="Send it as `X-Hazardwatch-CSRF` with every change.")
    expires_in_s: int = Field(description="Refresh before so many seconds have passed.")


class PasswordRequest(Body):
    old: str = Field(max_length=PASSWORD_ROOM, description="The password of now.")
    new: str = Field(max_length=PASSWORD_ROOM, description="At least 12 characters; long beats complicated.")


class ProofRequest(Body):
    password: str = Field(max_length=PASSWORD_ROOM, description="The caller's own password once more.")


class CodeRequest(Body):
    code: str = Field(max_length=64, description="Code that the authenticator shows now.")


class EndSecondFactorRequest(Body):
    password: str = Field(max_length=PASSWORD_ROOM, description="The caller's own password once more.")
    code: str = Field(max_length=64, description="Code of the authenticator, or a recovery code.")


class SecondFactorSecret(BaseModel):
    """For the authenticator. In force once a code of it was confirmed."""

    secret: str = Field(description="Base32, to be typed in.")
    uri: str = Field(description="The same as an `otpauth://` address, to be shown as a QR code.")


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(
        description="Each lets in once without the authenticator. Shown only now."
    )


class SessionView(BaseModel):
    """A login that lives."""

    id: str
    started: int
    used: int = Field(description="When it was continued last.")
    ends: int = Field(description="At the latest.")
    address: str
    device: str = Field(description="What the program said of itself.")
    second_factor: bool
    current: bool = Field(description="The login that asks.")


class SessionList(BaseModel):
    sessions: list[SessionView]


class GrantBody(Body):
    """What is given to see."""

    enterprises: list[str] = Field([], max_length=10_000, description="Enterprise ids of the register.")
    regions: list[str] = Field(
        [], max_length=1000, description="`city` or `city/district`, as the register writes them."
    )
    everything: bool = Field(False, description="All enterprises, those to come too.")

    def grant(self) -> Grant:
        return Grant(
            enterprises=tuple(self.enterprises), regions=tuple(self.regions), everything=self.everything
        )


class UserRequest(Body):
    name: str = Field(max_length=NAME_ROOM, description="As it shall stand beside acknowledgements.")
    roles: list[Role] = Field(description="One or more.", examples=[["operator"]])
    scope: GrantBody = Field(description="What the person may see.")


class RightsRequest(Body):
    roles: list[Role] | None = Field(None, description="All roles from now on; absent: as before.")
    scope: GrantBody | None = Field(None, description="The whole scope from now on; absent: as before.")


class GrantView(BaseModel):
    enterprises: list[str]
    regions: list[str]
    everything: bool


class UserView(BaseModel):
    """A person who may log in."""

    name: str
    roles: list[Role]
    scope: GrantView
    disabled: bool
    must_change_password: bool
    second_factor: bool
    sessions: int = Field(description="Logins that live.")
    created: int
    created_by: str


class UserPage(BaseModel):
    """Persons by name."""

    users: list[UserView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class UserWithPassword(UserView):
    one_time_password: str = Field(description="To be changed at the first login. Shown only now.")


class KeyRequest(Body):
    kind: Literal["personal", "gateway", "display"] = Field(description="For whom.")
    name: str = Field(
        max_length=NAME_ROOM,
        description="Gateway: its name as it stands in its deliveries. Display, program: which one.",
    )
    scope: GrantBody = Field(
        GrantBody(),
        description="Gateway: for whom it may deliver. Display: what it shows. Personal: not used.",
    )
    networks: list[str] = Field(
        ["127.0.0.0/8", "::1/128"],
        min_length=1,
        max_length=50,
        description="Display: addresses or networks from which the key counts; only this machine by default.",
    )
    days: float | None = Field(
        None, gt=0, le=36_500, description="Ends after so many days; absent: never, personal ones after 365."
    )


class KeyView(BaseModel):
    """A key. Its text is nowhere."""

    id: str
    kind: Literal["personal", "gateway", "display"]
    name: str
    owner: str = Field(description="Personal: whose it is.")
    scope: GrantView
    networks: list[str]
    created: int
    created_by: str
    ends: int | None
    used: int | None = Field(description="Last use, to the minute; null: never.")
    used_from: str
    revoked: int | None
    revoked_by: str


class KeyPage(BaseModel):
    keys: list[KeyView]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last one.")


class NewKey(KeyView):
    key: str = Field(description="Shown only now.")


def person_fields(principal: Principal) -> dict[str, object]:
    """The fields of PersonView."""
    enterprises = principal.scope.enterprises
    return {
        "name": principal.name,
        "roles": sorted(principal.roles),
        "permissions": sorted(p for p in PERMISSIONS if principal.may(p)),
        "enterprises": None if enterprises is None else sorted(enterprises),
        "must": principal.hold,
        "session": principal.session or None,
    }


def session_view(session: Session, current: str) -> SessionView:
    return SessionView(
        id=session.id,
        started=session.started,
        used=session.used,
        ends=session.ends,
        address=session.address,
        device=session.device,
        second_factor=session.second_factor,
        current=session.id == current,
    )


def user_fields(user: User, directory: Directory, now: int) -> dict[str, object]:
    """The fields of UserView."""
    return {
        "name": user.name,
        "roles": sorted(user.roles),
        "scope": grant_view(user.grant),
        "disabled": user.disabled > 0,
        "must_change_password": user.password_changed == 0,
        "second_factor": user.has_second_factor,
        "sessions": len(directory.sessions_of(user.id, now)),
        "created": user.created,
        "created_by": user.created_by,
    }


def key_fields(key: ApiKey, directory: Directory) -> dict[str, object]:
    """The fields of KeyView."""
    owner = directory.users.get(key.owner)
    return {
        "id": key.id,
        "kind": key.kind,
        "name": key.name,
        "owner": owner.name if owner else "",
        "scope": grant_view(key.grant),
        "networks": list(key.networks),
        "created": key.created,
        "created_by": key.created_by,
        "ends": key.ends or None,
        "used": key.used or None,
        "used_from": key.used_from,
        "revoked": key.revoked or None,
        "revoked_by": key.revoked_by,
    }


def grant_view(grant: Grant) -> GrantView:
    return GrantView(
        enterprises=list(grant.enterprises), regions=list(grant.regions), everything=grant.everything
    )
