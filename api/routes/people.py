"""Who is speaking."""

from fastapi import APIRouter

from api.auth.keys import ROLES
from api.guards import Person
from api.schemas import PersonView, ProblemView

router = APIRouter(tags=["people"])


@router.get("/me", responses={401: {"model": ProblemView}})
async def show_me(person: Person) -> PersonView:
    """The name that goes with the key, which stands beside every acknowledgement made with it."""
    return PersonView(name=person.name, roles=[role for role in ROLES if role in person.roles])
