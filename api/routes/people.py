"""Who is speaking."""

from fastapi import APIRouter

from api.auth.schemas import PersonView, person_fields
from api.guards import Person
from api.schemas import ProblemView

router = APIRouter(tags=["people"])


@router.get("/me", responses={401: {"model": ProblemView}})
async def show_me(person: Person) -> PersonView:
    """Who is speaking, as it stands beside every acknowledgement, and what he may do and see."""
    return PersonView(**person_fields(person))
