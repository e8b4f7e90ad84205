"""Calibration of a board: what is in use, a file, a guided procedure."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from otolith.api.context import Admin, Operator, StationHere, Viewer
from otolith.api.problem import Problem
from otolith.api.reply import reply, tagged_reply
from otolith.api.rest.boards import BoardId
from otolith.drivers.board import BoardInfo
from otolith.service.calibrating.content import ConditionsTable
from otolith.service.calibrating.desk import CalibrationView
from otolith.service.calibrating.file import parse_content, text_of
from otolith.service.calibrating.gravity import Gravity, gravity_at, standard_gravity, stated_gravity
from otolith.service.calibrating.plan import PlaceTable, Plan, PlanTable, WeightTable, default_plan
from otolith.service.calibrating.procedure import Action, ProcedureState
from otolith.service.calibrating.report import Report
from otolith.service.calibrating.verification import Verification
from otolith.service.errors import CalibrationError
from otolith.service.state import CalibrationState

TOML = "text/plain; charset=utf-8"

router = APIRouter(prefix="/boards/{board_id}/calibration", tags=["calibration"])


class ProcedureStart(BaseModel):
    """Which weights go where. Without places, five are chosen for the board's cells."""

    model_config = ConfigDict(extra="forbid")

    weights: Annotated[list[WeightTable], Field(min_length=1, max_length=20)]
    places: Annotated[list[PlaceTable], Field(max_length=40)] = []
    u_place: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Standard uncertainty of where a weight stands, mm."""
    u_cell: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Standard uncertainty of where each cell stands, mm."""
    cycles: Annotated[int, Field(ge=1, le=10)] = 1
    gravity: Annotated[float, Field(ge=9.76, le=9.84)] | None = None
    """m/s²; or by latitude; or standard gravity with a large uncertainty."""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    height: Annotated[float, Field(ge=-500, le=9000)] = 0.0
    """Above sea level, m."""

    def plan(self, info: BoardInfo) -> Plan:
        """For this board."""
        middle = PlaceTable(name="middle", x=0.0, y=0.0)
        table = PlanTable(
            weights=tuple(self.weights),
            places=tuple(self.places) or (middle,),
            u_place=self.u_place,
            u_cell=self.u_cell,
            cycles=self.cycles,
        )
        made = table.plan(self._here())
        return made if self.places else replace(made, places=default_plan(info, made.weights, made.gravity).places)

    def _here(self) -> Gravity:
        if self.gravity is not None:
            return stated_gravity(self.gravity)
        return standard_gravity() if self.latitude is None else gravity_at(self.latitude, self.height)


class Circumstances(BaseModel):
    """What is worth keeping beside the numbers."""

    model_config = ConfigDict(extra="forbid")

    temperature_c: Annotated[float, Field(ge=-50, le=80)] | None = None
    note: Annotated[str, Field(max_length=500)] = ""

    @property
    def table(self) -> ConditionsTable:
        """For the file."""
        return ConditionsTable(temperature_c=self.temperature_c, note=self.note)


@router.get("", response_model=CalibrationView)
async def get_calibration(request: Request, board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """The calibration in use, and those before."""
    return tagged_reply(request, await station.calibrations.view(board_id))


@router.get(
    "/file",
    response_class=Response,
    responses={200: {"description": "The file, TOML.", "content": {TOML: {"schema": {"type": "string"}}}}},
)
async def get_calibration_file(board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """The file in use, with its plan and observations; 409 where the board uses its own calibration."""
    content = await station.calibrations.content(board_id)
    name = f'attachment; filename="calibration-{content.version:04d}.toml"'
    return Response(text_of(content), media_type=TOML, headers={"content-disposition": name})


@router.put(
    "",
    response_model=CalibrationState,
    openapi_extra={"requestBody": {"content": {TOML: {"schema": {"type": "string"}}}, "required": True}},
)
async def put_calibration(request: Request, board_id: BoardId, station: StationHere, admin: Admin) -> Response:
    """Take a signed file of this board into use; it is numbered and signed anew as the successor of the last one."""
    station.board(board_id)
    try:
        content = parse_content("the file", await request.body(), is_json=False)
        return reply(await station.calibrations.put(board_id, content, admin.name))
    except CalibrationError as error:
        raise Problem(409, "calibration-refused", str(error)) from error


@router.post("/procedure", status_code=201, response_model=ProcedureState)
async def begin_procedure(
    board_id: BoardId, start: ProcedureStart, station: StationHere, operator: Operator
) -> Response:
    """Begin a guided calibration; it tells its first step."""
    return reply(await station.calibrations.begin(board_id, start.plan, operator.name), 201)


@router.post("/procedure/resume", response_model=ProcedureState)
async def resume_procedure(board_id: BoardId, station: StationHere, _: Operator) -> Response:
    """Go on with the one that the end of the station interrupted; the board has to be empty first."""
    return reply(await station.calibrations.resume(board_id))


@router.get("/procedure", response_model=ProcedureState)
async def get_procedure(request: Request, board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """Where it is, what to do next, and how the force is."""
    return tagged_reply(request, station.calibrations.state(board_id))


@router.post("/procedure/act/{action}", response_model=ProcedureState)
async def act_on_procedure(
    board_id: BoardId,
    action: Literal["measure", "accept", "redo", "skip", "stop"],
    station: StationHere,
    _: Operator,
) -> Response:
    """`measure` once the weights stand; then `accept`, or `redo`; `skip` a step; `stop` without keeping anything."""
    return reply(await station.calibrations.act(board_id, Action(action)))


@router.get("/procedure/report", response_model=Report)
async def get_procedure_report(request: Request, board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """What the readings so far amount to; nothing is kept."""
    return tagged_reply(request, await station.calibrations.evaluate(board_id, ConditionsTable()))


@router.get("/procedure/verification", response_model=Verification)
async def get_verification(request: Request, board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """The calibration in use against the readings so far."""
    return tagged_reply(request, station.calibrations.verify(board_id))


@router.post("/procedure/keep", response_model=Report)
async def keep_procedure(
    board_id: BoardId, circumstances: Circumstances, station: StationHere, operator: Operator
) -> Response:
    """Make the readings the board's calibration and take it into use."""
    return reply(await station.calibrations.keep(board_id, circumstances.table, operator.name))


@router.delete("/procedure", status_code=204)
async def discard_procedure(board_id: BoardId, station: StationHere, _: Operator) -> Response:
    """End the procedure, or one that was interrupted, and keep nothing."""
    await station.calibrations.discard(board_id)
    return Response(status_code=204)
