"""A plate on a byte stream: the device's side of CDC."""

import asyncio

from otolith.drivers.errors import ReportError
from otolith.drivers.ofp.codec.frames import Answer, Ask, Framer, decode_ask, encode_answer, frame
from otolith.drivers.ofp.codec.numbers import ENDPOINT_IN, PACKET, RECORD, Refusal, Request
from otolith.drivers.ofp.twin.plate import PlateTwin, Refused
from otolith.drivers.usb.gadget import Setup, Stall

_READS = {Request.GET_INFO, Request.GET_CAL, Request.GET_LAYOUT, Request.STATUS, Request.TIMESYNC, Request.UNLOCK}


async def serve_stream(twin: PlateTwin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a plate at this end of the stream until the other end hangs up."""
    await twin.attach()
    sending = asyncio.create_task(_send(twin, writer), name="ofp twin")
    try:
        framer = Framer()
        while data := await reader.read(RECORD):
            for record in framer.feed(data):
                await _attend(twin, record, writer)
    except ConnectionError:
        pass  # hung up
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await twin.detach()
        writer.close()


async def _send(twin: PlateTwin, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            packet = await twin.read(ENDPOINT_IN, PACKET)
        except Stall:
            continue  # a stream has no endpoint to halt
        writer.write(frame(packet))
        await writer.drain()


async def _attend(twin: PlateTwin, record: bytes, writer: asyncio.StreamWriter) -> None:
    try:
        ask = decode_ask(record)
    except ReportError:
        return  # noise; whoever asked will ask again
    writer.write(frame(encode_answer(await _answer(twin, ask))))
    await writer.drain()


async def _answer(twin: PlateTwin, ask: Ask) -> Answer:
    kind = 0xC0 if ask.request in _READS else 0x40
    length = RECORD if kind == 0xC0 else len(ask.data)  # noqa: PLR2004 - vendor, device to host
    try:
        data = await twin.control(Setup(kind, ask.request, ask.value, 0, length), ask.data)
    except Refused as refused:
        return Answer(ask.request, ask.token, refused.reason)
    except Stall:
        return Answer(ask.request, ask.token, Refusal.UNKNOWN_REQUEST)
    return Answer(ask.request, ask.token, 0, data)
