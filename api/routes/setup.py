"""The first start, step by step. All of it needs the one-time set-up code; afterwards nothing answers."""

from fastapi import APIRouter

from api.schemas import ProblemView
from api.setup.choices import choices, gases_of, packs_of, units_of
from api.setup.guard import SetUpOf
from api.setup.schemas import (
    AdministratorRequest,
    AdministratorView,
    CredentialsView,
    EnterpriseRequest,
    FinishedView,
    FirstSampleView,
    GasChoice,
    GatewayRequest,
    LimitsBody,
    QuantityChoice,
    SetupChoices,
    SetupSteps,
    WrittenSiteView,
)

router = APIRouter(
    prefix="/setup",
    tags=["setup"],
    responses={status: {"model": ProblemView} for status in (401, 403, 409, 422, 429, 502, 503)},
)


@router.get("")
async def show_setup(set_up: SetUpOf) -> SetupSteps:
    """Which steps are done."""
    return await set_up.steps()


@router.get("/choices")
async def show_setup_choices(_set_up: SetUpOf) -> SetupChoices:
    """What a first point may be, with figures to start from: defaults, not a regulation."""
    known = choices()
    gases = {gas.cas: gas for start in known.quantities for gas in gases_of(start.quantity)}
    return SetupChoices(
        note=known.note,
        quantities=[
            QuantityChoice(
                quantity=start.quantity,
                tag=start.tag,
                unit_kind=start.unit_kind,
                units=units_of(start.quantity),
                engineering_unit=start.engineering_unit,
                range_low=start.range_low,
                range_high=start.range_high,
                limits=LimitsBody(LL=start.limits.LL, L=start.limits.L, H=start.limits.H, HH=start.limits.HH),
                packs=list(packs_of(start.quantity)),
                gases=[gas.cas for gas in gases_of(start.quantity)],
                source=start.source,
            )
            for start in known.quantities
        ],
        gases=[
            GasChoice(cas=gas.cas, name=gas.name, name_en=gas.name_en, formula=gas.formula)
            for gas in gases.values()
        ],
        unit_kinds=known.unit_kinds,
        period_s=known.period_s,
    )


@router.post("/administrator", status_code=201)
async def make_first_administrator(body: AdministratorRequest, set_up: SetUpOf) -> AdministratorView:
    """The first account: a system administrator who sees everything. Others are added by him."""
    user = await set_up.make_administrator(body.name, body.password)
    return AdministratorView(name=user.name, roles=sorted(user.roles))


@router.post("/enterprise", status_code=201)
async def write_first_enterprise(body: EnterpriseRequest, set_up: SetUpOf) -> WrittenSiteView:
    """Write the register and its rules into the site folder, and take them up. What is not right is told
    with its field, its place in the file and the remedy, and nothing is written."""
    return await set_up.write_enterprise(body)


@router.post("/gateway", status_code=201)
async def enter_first_gateway(body: GatewayRequest, set_up: SetUpOf) -> CredentialsView:
    """Credentials for the first device, shown only now, with a line that sends a first sample."""
    return await set_up.enter_gateway(body.gateway)


@router.get("/first-sample")
async def show_first_sample(set_up: SetUpOf) -> FirstSampleView:
    """Has a first sample come? As long as it has not: what is known of gateway and device."""
    return await set_up.first_sample()


@router.post("/finish")
async def finish_setup(set_up: SetUpOf) -> FinishedView:
    """End the set-up: its code opens nothing any more."""
    await set_up.finish()
    return FinishedView(finished=True)
