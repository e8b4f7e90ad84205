"""Boards: what is plugged in, its zero, its blink."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from otolith.api.context import Operator, StationHere, Viewer
from otolith.api.reply import reply, tagged_reply
from otolith.service.state import BoardState, TareState

router = APIRouter(prefix="/boards", tags=["boards"])

BoardId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,128}$", description="`id` of a board")]


@router.get("", response_model=list[BoardState])
async def list_boards(request: Request, station: StationHere, _: Viewer) -> Response:
    """Every configured board, in the order of the configuration."""
    return tagged_reply(request, station.boards())


@router.get("/{board_id}", response_model=BoardState)
async def get_board(request: Request, board_id: BoardId, station: StationHere, _: Viewer) -> Response:
    """One board."""
    return tagged_reply(request, station.board(board_id))


@router.post("/{board_id}/tare", response_model=TareState)
async def tare_board(board_id: BoardId, station: StationHere, operator: Operator) -> Response:
    """Take the zero from the next second of samples; nobody may stand on the board."""
    return reply(await station.tare(board_id, operator.name))


@router.post("/{board_id}/identify", status_code=204)
async def identify_board(board_id: BoardId, station: StationHere, _: Operator) -> Response:
    """Make the board show itself."""
    await station.identify(board_id)
    return Response(status_code=204)
