import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from otolith.drivers.ofp import pattern
from otolith.drivers.ofp.codec import packet, records
from otolith.drivers.ofp.codec.form import crc32c
from otolith.drivers.ofp.codec.frames import Framer, frame
from otolith.drivers.ofp.codec.identity import bos, ms_os_20
from otolith.drivers.ofp.codec.numbers import Request, Status
from otolith.drivers.ofp.codec.packet import Packet
from otolith.drivers.ofp.codec.unlock import key
from otolith.drivers.ofp.publish.header import header
from otolith.drivers.ofp.publish.tables import blocks, with_tables
from otolith.drivers.ofp.publish.vectors import vectors

FOLDER = Path(__file__).parents[3] / "docs" / "protocols"
AGAIN = "run: python -m otolith.drivers.ofp.publish docs/protocols"


@pytest.fixture
def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "ofp-vectors.json").read_text())
    return found


def test_the_published_files_are_those_of_the_codec(published: dict[str, Any]) -> None:
    assert (FOLDER / "ofp.h").read_text() == header(), AGAIN
    assert published == vectors(), AGAIN
    text = (FOLDER / "ofp.md").read_text()
    assert text == with_tables(text), AGAIN
    assert set(blocks(text)) >= {"packet", "info", "place", "state", "ask", "answer", "bos", "ms-os-20", "device"}


def test_the_paper_lists_every_request() -> None:
    text = (FOLDER / "ofp.md").read_text()
    for request in Request:
        assert f"| 0x{request:02X} | {request.name} |" in text


def test_the_header_compiles_and_agrees(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here: apt-get install gcc")
    (tmp_path / "ofp.c").write_text(f'#include "{FOLDER / "ofp.h"}"\n' + PROGRAM)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run([compiler, *strict, "-fsyntax-only", tmp_path / "ofp.c"], check=True)
    subprocess.run([compiler, *strict, "-o", tmp_path / "ofp", tmp_path / "ofp.c"], check=True)
    said = subprocess.run([tmp_path / "ofp"], check=True, capture_output=True, text=True).stdout.split()
    assert said == ["e3069283", str(pattern.value(2**31, 9)), str(pattern.value(2**32 - 1, 1))]


PROGRAM = """
#include <stdio.h>
int main(void)
{
    printf("%08lx %ld %ld\\n", (unsigned long)ofp_crc32c("123456789", 9), (long)ofp_pattern(0x80000000u, 9),
           (long)ofp_pattern(0xFFFFFFFFu, 1));
    return 0;
}
"""


def test_vectors_of_packets(published: dict[str, Any]) -> None:
    for one in published["packets"]:
        scans = tuple(map(tuple, one["scans"]))
        made = Packet(one["sequence"], one["clock"], one["period"], Status(one["status"]), one["tag"], scans)
        assert packet.encode(made).hex() == one["bytes"]
        assert packet.decode(bytes.fromhex(one["bytes"])) == made


def test_vectors_of_everything_else(published: dict[str, Any]) -> None:
    for one in published["crc32c"]:
        assert f"{crc32c(bytes.fromhex(one['data'])):08x}" == one["crc"]
    for one in published["pattern"]:
        assert pattern.value(one["scan"], one["channel"]) == one["value"]
    for one in published["unlock"]:
        assert f"{key(one['challenge'], one['serial']):08x}" == one["key"]
    for one in published["frames"]:
        assert frame(bytes.fromhex(one["record"])).hex() == one["stream"]
        assert [found.hex() for found in Framer().feed(bytes.fromhex(one["stream"]))] == [one["record"]]
    assert records.decode_info(bytes.fromhex(published["info"]["bytes"])).serial == 4711
    assert len(records.decode_cal(bytes.fromhex(published["cal"]["bytes"]), 4, 4).zeros) == 4
    assert [place.name for place in records.decode_layout(bytes.fromhex(published["layout"]["bytes"]), 4)] == [
        "FR",
        "BR",
        "BL",
        "FL",
    ]
    assert records.decode_state(bytes.fromhex(published["state"]["bytes"])).rate == 1_000_000


def test_windows_finds_a_set_as_long_as_it_was_told() -> None:
    """162 bytes: 10 of head, 20 of compatible ID, 132 of the registry property (Microsoft OS 2.0, tables 10 to 15)."""
    described = ms_os_20()
    assert len(described) == 162
    assert int.from_bytes(described[8:10], "little") == 162
    assert bos()[-4:] == (162).to_bytes(2, "little") + bytes([0x20, 0])
    assert int.from_bytes(bos()[2:4], "little") == len(bos()) == 57
