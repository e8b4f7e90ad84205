"""One batch as bytes: fixed header, columns, CRC-32. No I/O.

Little-endian throughout::

    0   4s   magic "OtBk"
    4   u8   version: 2 where the column t is there, else 1
    5   u8   1: a column of the board's own clock follows the counts
    6   u16  k, channels
    8   u32  n, samples
    12  u32  length of the whole block, checksum included
    16  u64  seq of the first sample
    24  u64  samples missed immediately before it
    32  i64  t_host[n]      nanoseconds
        f64  counts[k][n]   channel after channel
        f64  t_device[n]    seconds, where announced
        i64  t[n]           nanoseconds, in version 2: when the samples were taken, by regression
        u32  flags[n]
        u32  CRC-32 (IEEE 802.3) of everything before
"""

import struct
import zlib

import numpy as np

from otolith.drivers.batch import Batch
from otolith.drivers.errors import ReportError

MAGIC = b"OtBk"
PLAIN, TIMED = 1, 2
"""Versions."""
HEADER = struct.Struct("<4sBBHIIQQ")
CRC = struct.Struct("<I")
MAX_CHANNELS = 64
"""More than any board; bounds what a damaged header can ask for."""


def size_of(n: int, k: int, *, device_clock: bool, timed: bool) -> int:
    """Bytes of a block of ``n`` samples of ``k`` channels."""
    return HEADER.size + n * (8 + 8 * k + 8 * device_clock + 8 * timed + 4) + CRC.size


def encode(batch: Batch) -> bytes:
    """The block of a batch; exact, NaN included."""
    n, k = batch.counts.shape
    columns = [
        np.ascontiguousarray(batch.t_host, dtype="<i8"),
        np.ascontiguousarray(batch.counts.T, dtype="<f8"),
        *([] if batch.t_device is None else [np.ascontiguousarray(batch.t_device, dtype="<f8")]),
        *([] if batch.t is None else [np.ascontiguousarray(batch.t, dtype="<i8")]),
        np.ascontiguousarray(batch.flags, dtype="<u4"),
    ]
    device_clock, timed = batch.t_device is not None, batch.t is not None
    size = size_of(n, k, device_clock=device_clock, timed=timed)
    header = HEADER.pack(MAGIC, TIMED if timed else PLAIN, device_clock, k, n, size, batch.seq, batch.missed)
    body = b"".join([header, *(column.tobytes() for column in columns)])
    return body + CRC.pack(zlib.crc32(body))


def length(data: bytes | memoryview) -> int:
    """Bytes of the block that begins here, by its header alone. Raises ReportError where none can begin."""
    if len(data) < HEADER.size:
        raise ReportError(f"a block's header is {HEADER.size} bytes, {len(data)} are left")
    magic, version, device_clock, k, n, size, _, _ = HEADER.unpack_from(data)
    if magic != MAGIC or version not in (PLAIN, TIMED) or device_clock > 1 or not 1 <= k <= MAX_CHANNELS:
        raise ReportError("not the header of a block")
    if size != size_of(n, k, device_clock=bool(device_clock), timed=version == TIMED):
        raise ReportError("a block's header contradicts itself")
    return int(size)


def decode(data: bytes | memoryview) -> Batch:
    """The batch of a block; trailing bytes are ignored. Raises ReportError where it is torn or damaged."""
    size = length(data)
    if len(data) < size:
        raise ReportError(f"a block of {size} bytes is torn after {len(data)}")
    body = data[: size - CRC.size]
    if zlib.crc32(body) != CRC.unpack_from(data, size - CRC.size)[0]:
        raise ReportError("a block's checksum is wrong")
    _, version, device_clock, k, n, _, seq, missed = HEADER.unpack_from(body)
    at = HEADER.size
    t_host = np.frombuffer(body, "<i8", n, at).astype(np.int64)
    counts = np.frombuffer(body, "<f8", n * k, at := at + 8 * n).reshape(k, n).T.astype(np.float64, order="C")
    at += 8 * n * k
    t_device = np.frombuffer(body, "<f8", n, at).astype(np.float64) if device_clock else None
    at += 8 * n * device_clock
    t = np.frombuffer(body, "<i8", n, at).astype(np.int64) if version == TIMED else None
    at += 8 * n * (version == TIMED)
    flags = np.frombuffer(body, "<u4", n, at).astype(np.uint32)
    return Batch(seq, counts, t_host, flags, t_device, missed, t)
