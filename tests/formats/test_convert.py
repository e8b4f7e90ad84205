"""Recordings in other formats, as the field's own readers see them: values, times, gaps, flags, platforms."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.api.export import bdf, even
from otolith.api.export.bids import Place
from otolith.api.export.convert import FORMATS, Exists, convert, convert_to_bids, write
from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, Cell, WrenchPlate
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.service.extract import Reading, extract
from otolith.service.samples import Block, Samples

Array = NDArray[np.float64]
CELLS = (Cell("FR", 200.0, 300.0), Cell("BR", 200.0, -300.0), Cell("BL", -200.0, -300.0), Cell("FL", -200.0, 300.0))
PLATES = (
    WrenchPlate("left", x=-250.0, turn=90.0, width=400.0, length=600.0, top=40.0),
    WrenchPlate("right", x=250.0, width=400.0, length=600.0),
)
LIMITS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def board(rate: float, plates: tuple[WrenchPlate, ...] = ()) -> BoardInfo:
    k = 6 * len(plates) or 4
    cells = () if plates else CELLS
    unit = Linear((0.5,) * k, (100.0,) * k, "nominal")
    return BoardInfo("sim:x", "ofp", "Plate", "17", "1", "count", rate, cells, unit, simulated=True, plates=plates)


def journal(
    path: Path, parts: list[tuple[int, int]], *, rate: float = 125.0, plates: Any = (), clock: bool = False
) -> Path:
    """Batches as ``(missed before it, samples)``: somebody sways; the second batch is empty, one sample saturated."""
    info, rng, seq = board(rate, plates), np.random.default_rng(5), 0
    head = JournalHead("s", "1", "2026-01-01T12:00:00+00:00", 0, info, info.calibration, info.calibration.zero, {})
    path.unlink(missing_ok=True)
    writer = JournalWriter(path, head)
    for i, (missed, n) in enumerate(parts):
        seq += missed
        loads = rng.normal(0.0, 4.0, (n, info.channels)) + (
            np.tile([0.0, 0.0, 350.0, 3000.0, -2000.0, 10.0], 2) if plates else 175.0
        )
        flags = np.zeros(n, np.uint32)
        if i == 1:
            loads, flags = loads * 0.001 if not plates else loads * 1e-4, np.full(n, Flag.UNLOADED, np.uint32)
        if i == 2:
            flags[0] = Flag.SATURATED
        t = (seq + np.arange(n)) / rate
        batch = Batch(
            seq, info.calibration.counts(loads), (t * 1e9).astype(np.int64), flags, t if clock else None, missed
        )
        writer.append(batch)
        seq += n
    writer.close()
    return path


def whole(samples: Samples) -> tuple[Array, Array, NDArray[np.uint32], int]:
    """Times, values, flags, and how many are missing."""
    blocks = list(samples.blocks())
    return (
        np.concatenate([block.t for block in blocks]),
        np.concatenate([block.values for block in blocks]),
        np.concatenate([block.flags for block in blocks]),
        sum(block.missed for block in blocks),
    )


def alike(a: Samples, b: Samples) -> None:
    assert a.columns == b.columns or a.names == b.names
    (t, values, flags, missed), (t2, values2, flags2, missed2) = whole(a), whole(b)
    np.testing.assert_array_equal(t, t2)
    np.testing.assert_array_equal(values, values2)
    np.testing.assert_array_equal(flags, flags2)
    assert missed == missed2


PARTS = [(0, 40), (0, 20), (3, 50), (0, 1), (11, 60)]
PLAIN = st.lists(st.tuples(st.sampled_from([0, 0, 1, 7]), st.integers(8, 40)), min_size=1, max_size=5)


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    return journal(tmp_path / "trial.mcap", PARTS)


@pytest.fixture(scope="module", autouse=True)
def _readers() -> None:
    for name in ("pyarrow", "pyxdf", "ezc3d", "pyedflib"):
        pytest.importorskip(name, reason=f"no {name}: pip install 'otolith[test]'")


@pytest.mark.parametrize("to", ["parquet", "csv", "xdf"])
@given(parts=PLAIN, rate=st.sampled_from([62.5, 100.0, 125.0, 1000.0]), two=st.booleans(), clock=st.booleans())
@LIMITS
def test_every_number_time_gap_and_flag_comes_back(
    tmp_path: Path, to: str, *, parts: list[tuple[int, int]], rate: float, two: bool, clock: bool
) -> None:
    first = extract(
        journal(
            tmp_path / "trial.mcap",
            [(0, parts[0][1]), *parts[1:]],
            rate=rate,
            plates=PLATES if two else (),
            clock=clock,
        )
    )
    out = tmp_path / f"once{FORMATS[to].ending}"
    once = extract(convert(first, to, out, force=True))
    alike(first, once)
    again = extract(convert(once, to, tmp_path / f"twice{FORMATS[to].ending}", force=True))
    alike(once, again)
    if to != "csv":
        assert (once.description.cells, once.description.plates) == (first.description.cells, first.description.plates)
        assert (again.description.serial, again.description.started) == ("17", first.description.started)


@given(parts=PLAIN, two=st.booleans())
@LIMITS
def test_c3d_written_twice_is_written_once(tmp_path: Path, parts: list[tuple[int, int]], two: bool) -> None:
    first = extract(journal(tmp_path / "trial.mcap", [(0, parts[0][1]), *parts[1:]], plates=PLATES if two else ()))
    once = extract(convert(first, "c3d", tmp_path / "once.c3d", force=True))
    twice = extract(convert(once, "c3d", tmp_path / "twice.c3d", force=True))
    alike(once, twice)
    assert once.length == first.length


def test_parquet_is_read_by_arrow_with_units_and_a_description(trial: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = convert(extract(trial), "parquet", tmp_path / "trial.parquet")
    table = parquet.read_table(out)
    assert table.column_names == ["t", "ml", "ap", "fz", "load1", "load2", "load3", "load4", "flags"]
    t, values, flags, _ = whole(extract(trial))
    np.testing.assert_array_equal(table["t"].to_numpy(), t)
    np.testing.assert_array_equal(table["load3"].to_numpy(), values[:, 5])
    np.testing.assert_array_equal(table["flags"].to_numpy(), flags)
    schema = parquet.read_schema(out)
    assert schema.field("ml").metadata[b"unit"] == b"mm"
    assert json.loads(schema.metadata[b"otolith"])["cells"][0] == {"name": "FR", "x": 200.0, "y": 300.0}


def test_csv_is_strict_and_holds_no_formula(trial: Path, tmp_path: Path) -> None:
    out = convert(extract(trial), "csv", tmp_path / "trial.csv")
    with out.open(newline="", encoding="ascii") as file:
        rows = list(csv.reader(file, strict=True))
    assert rows[0] == ["t[s]", "ml[mm]", "ap[mm]", "fz[N]", "load1[N]", "load2[N]", "load3[N]", "load4[N]", "flags"]
    assert {len(row) for row in rows} == {9}
    assert rows[41][1:3] == ["", ""]
    assert all(cell == "" or np.isfinite(float(cell)) for row in rows[1:] for cell in row)
    assert not any(cell[0] in "=+@\t\r" for row in rows for cell in row if cell)


def test_a_name_that_would_be_a_formula_goes_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "=cmd()|.csv"
    path.write_text("t,=HYPERLINK,y,f\n" + "".join(f"{i / 50},{i % 7},{i % 5},700\n" for i in range(60)))
    reading = Reading({"t": "t", "ml": "=HYPERLINK", "ap": "y", "fz": "f"}, "mm")
    text = convert(extract(path, reading), "csv", tmp_path / "out.csv").read_bytes()
    assert text.startswith(b"t[s],ml[mm],ap[mm],fz[N],flags\r\n")
    assert b"HYPERLINK" not in text


def test_pyxdf_sees_labels_units_stamps_and_the_platform(trial: Path, tmp_path: Path) -> None:
    pyxdf = pytest.importorskip("pyxdf")
    (stream,), head = pyxdf.load_xdf(convert(extract(trial), "xdf", tmp_path / "trial.xdf"), dejitter_timestamps=False)
    t, values, flags, _ = whole(extract(trial))
    np.testing.assert_array_equal(stream["time_stamps"], t)
    np.testing.assert_array_equal(stream["time_series"], np.column_stack([values, flags]))
    info = stream["info"]
    assert (info["type"], info["nominal_srate"]) == (["Force"], ["125.0"])
    channels = info["desc"][0]["channels"][0]["channel"]
    assert [(c["label"][0], c["unit"][0]) for c in channels[:3]] == [("ml", "mm"), ("ap", "mm"), ("fz", "N")]
    assert info["desc"][0]["force_platform"][0]["cell"][1]["Y"] == ["-300.0"]
    assert stream["footer"]["info"]["sample_count"] == [str(len(t))]
    assert head["info"]["datetime"] == ["2026-01-01T12:00:00.000000+00:00"]


@pytest.mark.parametrize("plates", [(), PLATES])
def test_ezc3d_finds_the_force_and_the_cop(tmp_path: Path, plates: Any) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    samples = extract(journal(tmp_path / "trial.mcap", PARTS, plates=plates))
    read = ezc3d.c3d(str(convert(samples, "c3d", tmp_path / "trial.c3d")), extract_forceplat_data=True)
    parameters, platforms = read["parameters"], read["data"]["platform"]
    assert parameters["ANALOG"]["RATE"]["value"][0] == 125.0
    assert parameters["FORCE_PLATFORM"]["TYPE"]["value"].tolist() == [2] * max(len(plates), 1)
    blocks = list(samples.blocks())
    rows = np.concatenate([block.index + np.arange(len(block)) for block in blocks])
    force = sum(platform["force"] for platform in platforms)
    assert force.shape == (3, samples.length)
    _, values, flags, _ = whole(samples)
    np.testing.assert_allclose(force[2, rows], values[:, 2], rtol=1e-6, atol=1e-4)
    assert np.isnan(np.delete(force[2], rows)).all()
    moments = sum(p["force"][2] * p["center_of_pressure"][:2] for p in platforms)[:, rows]
    standing = np.isfinite(values[:, 0])
    np.testing.assert_allclose((moments / force[2, rows])[:, standing].T, values[standing, :2], atol=1e-2)
    labels = parameters["ANALOG"]["LABELS"]["value"]
    np.testing.assert_array_equal(read["data"]["analogs"][0, labels.index("FLAGS"), rows], flags)
    assert (labels[6] == "LOAD1") == (not plates)


def test_a_long_c3d_has_several_samples_in_a_frame(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    samples = extract(journal(tmp_path / "long.mcap", [(0, 40_000), (0, 100), (5, 40_000)], rate=1000.0))
    out = convert(samples, "c3d", tmp_path / "long.c3d")
    read = ezc3d.c3d(str(out))
    assert read["header"]["points"]["last_frame"] + 1 == 40_053
    assert read["data"]["analogs"].shape == (1, 11, 80_106)
    assert extract(out).description.rate == 1000.0


def test_pyedflib_finds_the_values_within_half_a_step_and_words_for_the_rest(trial: Path, tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib")
    samples = extract(trial)
    out = convert(samples, "bdf", tmp_path / "trial.bdf")
    with pyedflib.EdfReader(str(out)) as file:
        signals = np.stack([file.readSignal(i) for i in range(8)])
        assert file.getSignalLabels() == ["ml", "ap", "fz", "load1", "load2", "load3", "load4", "flags"]
        assert [file.getPhysicalDimension(i) for i in range(3)] == ["mm", "mm", "N"]
        assert file.getSampleFrequencies().tolist() == [125.0] * 8
        assert file.getStartdatetime().isoformat() == "2026-01-01T12:00:00"
        onsets, lengths, words = file.readAnnotations()
    t, values, flags, _ = whole(samples)
    rows = np.concatenate([block.index + np.arange(len(block)) for block in samples.blocks()])
    for column, step in ((0, 0.001), (2, 0.002), (3, 0.002)):
        known = np.isfinite(values[:, column])
        np.testing.assert_allclose(signals[column, rows][known], values[known, column], atol=step / 2 + 1e-9)
        lowest = -8_000_000 * step
        np.testing.assert_allclose(np.delete(signals[column], rows[known]), lowest)
    np.testing.assert_array_equal(signals[7, rows], flags)
    found = [(round(a * 125), round(b * 125), str(word)) for a, b, word in zip(onsets, lengths, words, strict=True)]
    assert found == [
        (40, 20, "BAD_unloaded"),
        (60, 3, "BAD_gap"),
        (63, 1, "BAD_invalid"),
        (114, 11, "BAD_gap"),
        (185, 65, "BAD_gap"),
    ]
    assert len(t) == 171


def test_a_rate_that_is_no_whole_number_and_a_value_beyond_the_range(tmp_path: Path) -> None:
    pyedflib = pytest.importorskip("pyedflib")
    out = convert(extract(journal(tmp_path / "a.mcap", [(0, 200)], rate=62.37)), "bdf", tmp_path / "a.bdf")
    with pyedflib.EdfReader(str(out)) as file:
        assert file.getSampleFrequency(0) == pytest.approx(62.37, rel=1e-5)
    path = tmp_path / "b.csv"
    path.write_text("t,ml,ap,fz\n" + "".join(f"{i / 50},1,2,{700 if i else 20000}\n" for i in range(60)))
    with pytest.raises(RecordingError, match="fz leaves the range that BDF has for it, -16000 to 16000 N"):
        convert(extract(path, Reading(units="mm")), "bdf", tmp_path / "b.bdf")
    assert not list(tmp_path.glob(".*part")) + list(tmp_path.glob("b.bdf"))


def test_a_bids_recording_has_its_place_and_its_columns(trial: Path, tmp_path: Path) -> None:
    samples = extract(trial)
    table = convert_to_bids(samples, Place("07", "eyesclosed"), tmp_path / "data")
    assert table == tmp_path / "data/sub-07/beh/sub-07_task-eyesclosed_recording-forceplate_physio.tsv.gz"
    said = json.loads(table.with_name(table.name.replace(".tsv.gz", ".json")).read_text())
    assert (said["SamplingFrequency"], said["StartTime"]) == (125.0, 0.0)
    assert said["Columns"] == [*samples.names, "flags"]
    assert said["ml"]["Units"] == "mm"
    with gzip.open(table, "rt") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    assert len(rows) == samples.length == 185
    assert rows[61] == ["n/a"] * 7 + ["4"]
    assert [float(cell) for cell in rows[0][:-1]] == whole(samples)[1][0].tolist()
    assert json.loads((tmp_path / "data/dataset_description.json").read_text())["DatasetType"] == "raw"
    with pytest.raises(Exists):
        convert_to_bids(samples, Place("07", "eyesclosed"), tmp_path / "data")
    with pytest.raises(RecordingError, match="letters and digits only"):
        Place("../..", "a")


@pytest.mark.parametrize("to", ["c3d", "bdf"])
def test_uneven_samples_are_refused_where_there_are_no_times(tmp_path: Path, to: str) -> None:
    t = np.cumsum(np.random.default_rng(1).uniform(0.006, 0.016, 100))
    path = tmp_path / "wii.csv"
    path.write_text("t,ml,ap,fz\n" + "".join(f"{at},1,2,700\n" for at in t))
    samples = extract(path, Reading(units="mm"))
    with pytest.raises(RecordingError, match=r"rows come .* ms apart; .* holds samples at an even rate only"):
        convert(samples, to, tmp_path / "out")
    once = extract(convert(samples, "csv", tmp_path / "out.csv"))
    np.testing.assert_array_equal(whole(once)[0], t - t[0])


def test_a_board_that_samples_when_it_likes_keeps_its_times(tmp_path: Path) -> None:
    info = replace(board(100.0), irregular=True)
    head = JournalHead("s", "1", "2026-01-01T12:00:00+00:00", 0, info, info.calibration, info.calibration.zero, {})
    writer, rng = JournalWriter(tmp_path / "wii.mcap", head), np.random.default_rng(2)
    t = np.cumsum(rng.integers(4_000_000, 20_000_000, 200)) + 10**12
    for rows in np.split(np.arange(200), 20):
        counts = info.calibration.counts(np.full((10, 4), 175.0))
        host = np.full(10, t[rows[-1]])
        writer.append(Batch(int(rows[0]), counts, host, np.zeros(10, np.uint32), None, 0, t[rows]))
    writer.close()
    samples = extract(tmp_path / "wii.mcap")
    np.testing.assert_allclose(whole(samples)[0], (t - t[0]) * 1e-9, atol=1e-12)
    assert samples.description.irregular
    with pytest.raises(RecordingError, match="samples at an even rate only"):
        convert(samples, "bdf", tmp_path / "wii.bdf")
    again = extract(convert(samples, "xdf", tmp_path / "wii.xdf"))
    np.testing.assert_array_equal(whole(again)[0], whole(samples)[0])


def test_a_cop_alone_is_no_force_and_a_gap_of_years_fills_no_disk(tmp_path: Path) -> None:
    path = tmp_path / "cop.csv"
    path.write_text("t,ml,ap\n" + "".join(f"{i / 50},{i % 7},{i % 5}\n" for i in range(1, 60)))
    with pytest.raises(RecordingError, match="C3D holds forces, and this recording has none"):
        convert(extract(path, Reading(units="mm")), "c3d", tmp_path / "out.c3d")
    block = Block(0, np.zeros(1), np.zeros((1, 2)), np.zeros(1, np.uint32), even.LOST + 1)
    with pytest.raises(RecordingError, match="is a time wrong"):
        next(even.filled(block))


class Broken:
    """A writer whose disk is full at the second block."""

    def __init__(self, samples: Samples, path: Path) -> None:
        self._file, self.blocks = path.open("wb"), 0
        self.name = samples.source

    def add(self, block: Block) -> None:
        self.blocks += bool(len(block))
        if self.blocks > 1:
            raise OSError(28, "No space left on device")

    def close(self) -> None:
        self._file.close()
        raise OSError(28, "a second complaint")


def test_nothing_is_overwritten_and_nothing_half_written_stays(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples, out = extract(trial), tmp_path / "trial.csv"
    out.write_text("mine")
    with pytest.raises(Exists, match=r"trial\.csv"):
        convert(samples, "csv", out)
    assert out.read_text() == "mine"
    monkeypatch.setitem(FORMATS, "csv", FORMATS["csv"].__class__(".csv", "text/csv", Broken))
    with pytest.raises(OSError, match="No space left"):
        convert(samples, "csv", out, force=True)
    assert out.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trial.csv", "trial.mcap"]


def test_a_file_that_came_in_the_meantime_is_kept(trial: Path, tmp_path: Path) -> None:
    samples, out = extract(trial), tmp_path / "late.csv"

    def meanwhile(_: int) -> None:
        out.write_text("theirs")

    with pytest.raises(Exists):
        convert(samples, "csv", out, progress=meanwhile)
    assert out.read_text() == "theirs"


def test_blocks_are_read_as_they_are_written(trial: Path, tmp_path: Path) -> None:
    """A journal is never whole in memory: one block is written before the next is read."""
    samples, order = extract(trial), list[str]()

    def blocks() -> Iterator[Block]:
        for block in samples.blocks():
            order.append("read")
            yield block

    streamed = Samples(samples.source, samples.description, samples.columns, samples.total, samples.length, blocks)
    write(streamed, FORMATS["csv"].make, tmp_path / "out.csv", lambda _: order.append("written"))
    assert order == ["read", "written"] * 3


@pytest.mark.parametrize(("to", "module", "extra"), [("parquet", "pyarrow", "archive"), ("bdf", "pyedflib", "bdf")])
def test_a_missing_library_is_named(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, to: str, module: str, extra: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(RecordingError, match=rf"pip install 'otolith\[{extra}\]'"):
        convert(extract(trial), to, tmp_path / "out")


def test_platforms_of_a_c3d_file_keep_the_lab_s_axes(lab: Any, person: Callable[..., Array], tmp_path: Path) -> None:
    path = lab([2, 3], [person(2, 300), person(3, 300, seed=1)]).write(tmp_path / "two.c3d")
    samples = extract(path)
    assert samples.names[:5] == ("ml", "ap", "fz", "fx1", "fy1")
    once = extract(convert(samples, "c3d", tmp_path / "again.c3d"))
    np.testing.assert_allclose(whole(once)[1], whole(samples)[1], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose([p.x for p in once.description.plates], [p.x for p in samples.description.plates])
    only = extract(path, Reading(plate=2))
    assert only.names == ("ml", "ap", "fz", "fx1", "fy1", "fz1", "mx1", "my1", "mz1")
    with pytest.raises(RecordingError, match="--stream chooses a stream of an XDF file"):
        extract(path, Reading(stream="a"))


def test_steps_of_bdf_are_round() -> None:
    assert {kind: limit / bdf.DIGITAL for kind, limit in bdf.RANGES.items()} == {
        "position": 0.001,
        "force": 0.002,
        "moment": 0.001,
    }
