"""The roles that a person may have, and what each may do."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from api.auth.permissions import PERMISSIONS, ROLE_TITLES
from api.auth.powers import role_faults
from api.auth.principal import ASSIGNABLE, Principal, Role
from api.guards import require
from api.schemas import ProblemView

router = APIRouter(tags=["users"], responses={status: {"model": ProblemView} for status in (401, 403)})
Reader = Annotated[Principal, Depends(require("user.read"))]


class RoleView(BaseModel):
    """A role, with what it is for."""

    role: Role = Field(description="As it is given.")
    title: str = Field(description="Its Chinese name.")
    purpose: str = Field(description="What it is for.")
    permissions: list[str] = Field(description="What it may do.")
    never_with: list[Role] = Field(description="Roles that nobody may hold beside it.")


class RoleList(BaseModel):
    """Every role that a person may be given."""

    roles: list[RoleView] = Field(description="In the order in which they are shown.")


@router.get("/roles")
async def list_roles(_reader: Reader) -> RoleList:
    """The roles that a person may be given, with what each may do and which exclude one another."""
    return RoleList(
        roles=[
            RoleView(
                role=role,
                title=ROLE_TITLES[role][0],
                purpose=ROLE_TITLES[role][1],
                permissions=sorted(name for name, holders in PERMISSIONS.items() if role in holders),
                never_with=[other for other in ASSIGNABLE if role_faults({role, other})],
            )
            for role in ASSIGNABLE
        ]
    )
