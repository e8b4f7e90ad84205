"""The C header: every number and record of OFP, for firmware."""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from otolith.drivers.ofp import pattern
from otolith.drivers.ofp.codec import numbers
from otolith.drivers.ofp.codec.form import Field, Form
from otolith.drivers.ofp.codec.frames import ANSWER, ASK
from otolith.drivers.ofp.codec.packet import FORM as DATA
from otolith.drivers.ofp.codec.records import INFO, PLACE, STATE

_C: Final = {"u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t", "u64": "uint64_t", "i32": "int32_t", "f32": "float"}
_HEAD: Final = """\
/* OFP 1.0, the Open Force Plate protocol: docs/protocols/ofp.md.
   Made by python -m otolith.drivers.ofp.publish; do not edit.
   You may use, copy and change this file for any purpose, without conditions (CC0-1.0).
   All numbers are little-endian; the structs are packed and end where the CRC-32C begins, unless they hold it. */
#ifndef OFP_H
#define OFP_H

#include <stdint.h>

"""
_CRC: Final = Field("crc", "u32", "CRC-32C of all bytes before it")
_ENUMS: Final = (
    ("REQUEST", numbers.Request),
    ("CAN", numbers.Capability),
    ("STATUS", numbers.Status),
    ("MODE", numbers.Mode),
    ("REFUSAL", numbers.Refusal),
    ("QUANTITY", numbers.Quantity),
)


def header() -> str:
    """The text of ``ofp.h``."""
    forms = "".join(map(_record, (_whole(DATA), _whole(INFO), PLACE, _whole(STATE), ASK, ANSWER)))
    packed = f"#pragma pack(push, 1)\n{forms}#pragma pack(pop)\n"
    return "\n".join(["".join([_HEAD, *_defines()]), _CRC_CODE, packed, _PATTERN + "#endif\n"])


def _whole(form: Form) -> Form:
    return Form(form.name, (*form.fields, _CRC))


def _defines() -> Iterator[str]:
    for name, number, form in (
        ("VERSION", numbers.VERSION, "04X"),
        ("USB_VENDOR", numbers.VENDOR, "04X"),
        ("USB_TEST_PRODUCT", numbers.PRODUCT, "04X"),
        ("USB_CLASS", numbers.CLASS[0], "02X"),
        ("USB_SUBCLASS", numbers.CLASS[1], "02X"),
        ("USB_PROTOCOL", numbers.CLASS[2], "02X"),
        ("ENDPOINT_IN", numbers.ENDPOINT_IN, "02X"),
        ("ENDPOINT_OUT", numbers.ENDPOINT_OUT, "02X"),
        ("DATA_MARK", numbers.DATA_MARK, "02X"),
        ("ASK_MARK", numbers.ASK_MARK, "02X"),
        ("ANSWER_MARK", numbers.ANSWER_MARK, "02X"),
        ("WIRE_VERSION", numbers.WIRE_VERSION, "02X"),
        ("PATTERN_STEP", pattern.STEP, "08X"),
        ("PATTERN_SPREAD", pattern.SPREAD, "08X"),
    ):
        yield f"#define OFP_{name} 0x{number:{form}}u\n"
    for name, number in (("PACKET", numbers.PACKET), ("VALUES", numbers.VALUES), ("RECORD", numbers.RECORD)):
        yield f"#define OFP_{name} {number}\n"
    yield f'#define OFP_MAGIC "{numbers.MAGIC.decode()}"\n#define OFP_UNLOCK_TEXT "{numbers.UNLOCK_TEXT.decode()}"\n'
    for prefix, enum in _ENUMS:
        yield "\n"
        yield from (f"#define OFP_{prefix}_{member.name} 0x{member.value:02X}u\n" for member in _members(enum))


def _members(enum: type[Enum]) -> list[Enum]:
    return list(enum)


def _record(form: Form) -> str:
    lines = "".join(f"    {_member(field)};  /* {offset}: {field.about} */\n" for offset, field in form.offsets())
    size = form.struct.size
    check = f"typedef char ofp_{form.name}_is_{size}_bytes[sizeof(struct ofp_{form.name}) == {size} ? 1 : -1];\n"
    return f"struct ofp_{form.name} {{\n{lines}}};\n{check}\n"


def _member(field: Field) -> str:
    return f"{_C[field.type]} {field.name}" + (f"[{field.count}]" if field.count > 1 else "")


_CRC_CODE: Final = """\
/* CRC-32C of data, bit by bit; a table or the processor's own instruction gives the same. */
static inline uint32_t ofp_crc32c(const void *data, uint32_t size)
{
    const uint8_t *byte = (const uint8_t *)data;
    uint32_t crc = 0xFFFFFFFFu;
    while (size--) {
        crc ^= *byte++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    return crc ^ 0xFFFFFFFFu;
}
"""
_PATTERN: Final = """\
/* The test pattern: the value of a channel in the scan of this number. */
static inline int32_t ofp_pattern(uint32_t scan, uint32_t channel)
{
    return (int32_t)(scan * OFP_PATTERN_STEP + channel * OFP_PATTERN_SPREAD);
}

"""
