"""Recordings: the catalogue, start, stop, download."""

import asyncio
import os
import re
from pathlib import Path as FilePath
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, Response

from otolith.api.context import Operator, StationHere, Viewer, context_of
from otolith.api.export.convert import FORMATS
from otolith.api.problem import Problem
from otolith.api.reply import reply, tagged_reply
from otolith.api.rest.conversion import converted
from otolith.service.store import Page, RecordingRow

router = APIRouter(prefix="/recordings", tags=["recordings"])

RecordingId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,128}$", description="`id` of a recording")]
ONE_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
MEDIA_TYPE: Final = "application/x-mcap"
Wanted = Literal["mcap", "parquet", "csv", "c3d", "xdf", "bdf"]


class RecordingStart(BaseModel):
    """Which board to record."""

    model_config = ConfigDict(extra="forbid")

    board: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,128}$")]


@router.get("", response_model=Page[RecordingRow])
async def list_recordings(
    request: Request,
    station: StationHere,
    _: Viewer,
    cursor: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,64}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    board: Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,128}$")] = None,
) -> Response:
    """Newest first; pass `cursor` of one page to get the next."""
    return tagged_reply(request, await station.store.recordings.list(cursor=cursor, limit=limit, board=board))


@router.post("", status_code=201, response_model=RecordingRow)
async def start_recording(start: RecordingStart, station: StationHere, operator: Operator) -> Response:
    """Begin a journal on demand."""
    row = await station.start_recording(start.board, operator.name)
    return reply(row, 201, {"location": f"/api/v1/recordings/{row.id}"})


@router.get("/{recording_id}", response_model=RecordingRow)
async def get_recording(request: Request, recording_id: RecordingId, station: StationHere, _: Viewer) -> Response:
    """One recording."""
    return tagged_reply(request, await station.store.recordings.get(recording_id))


@router.post("/{recording_id}/stop", response_model=RecordingRow)
async def stop_recording(recording_id: RecordingId, station: StationHere, operator: Operator) -> Response:
    """End a journal begun on demand."""
    return reply(await station.stop_recording(recording_id, operator.name))


@router.get(
    "/{recording_id}/journal",
    response_class=FileResponse,
    responses={
        200: {
            "description": "The journal, MCAP; or what it was converted to.",
            "content": {kind: {} for kind in sorted({MEDIA_TYPE, *(form.media_type for form in FORMATS.values())})},
        }
    },
)
async def download_journal(
    request: Request,
    recording_id: RecordingId,
    station: StationHere,
    _: Viewer,
    to: Annotated[Wanted, Query(alias="format", description="Anything but mcap is converted first.")] = "mcap",
) -> FileResponse:
    """The file of an ended recording; of the journal itself, one byte range at a time may be asked for."""
    row = await station.store.recordings.get(recording_id)
    if row.ended is None:
        raise Problem(409, "still-recording", "The journal is being written; stop the recording first.")
    path, status = await asyncio.to_thread(journal_file, station.config.folder, row.path)
    if to != "mcap":
        return await converted(path, to, row.id, context_of(request).conversions)
    if (wanted := request.headers.get("range")) is not None:
        check_range(wanted, status.st_size)
    return FileResponse(
        path,
        media_type=MEDIA_TYPE,
        filename=f"{row.id}.mcap",
        stat_result=status,
        headers={"cache-control": "private, no-cache"},
    )


def journal_file(folder: FilePath, relative: str) -> tuple[FilePath, os.stat_result]:
    """The journal inside the station's folder. Problem 404 where it is outside, gone, or no file."""
    path = (folder / relative).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise Problem(404, "journal-gone", "The file of this recording is not in the station's folder any more.")
    return path, path.stat()


def check_range(header: str, size: int) -> None:
    """Problem 416 unless the header asks for one range that the file has."""
    match = ONE_RANGE.fullmatch(header)
    first, last = match.groups() if match else ("", "")
    if first:
        satisfiable = int(first) < size and (not last or int(last) >= int(first))
    else:
        satisfiable = bool(last) and int(last) > 0 and size > 0
    if not satisfiable:
        detail = f"Ask for one range of bytes within 0-{max(size - 1, 0)}, such as `bytes=0-1023`."
        raise Problem(416, "range-not-satisfiable", detail, {"content-range": f"bytes */{size}"})
