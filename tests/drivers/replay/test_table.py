"""Reading text tables: every way in which one can be right, and what is said about one that is wrong."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Gap
from otolith.drivers.replay.roles import parse_columns
from otolith.drivers.replay.table import read_table

MAP = "t=Time[s],ml=COPy[cm],ap=COPx[cm]"
LIBRARY = Path(__file__).parents[3] / "drivers/replay/library"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "trial.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def lines(n: int = 10, sign: str = "\t") -> list[str]:
    rows = [sign.join([f"{i / 100:.3f}", f"{0.1 * i:.6f}", f"{-0.2 * i:.6f}"]) for i in range(1, n + 1)]
    return [sign.join(["Time[s]", "COPx[cm]", "COPy[cm]"]), *rows]


def test_a_shipped_trial_is_read_with_its_rate_and_units() -> None:
    trial = read_table(LIBRARY / "BDS00001.txt.gz", parse_columns(MAP + ",fz=Fz[N]"), "cm")
    assert (trial.name, len(trial), trial.rate, trial.gaps, trial.irregular) == ("BDS00001", 6000, 100.0, (), None)
    assert trial.ml is not None
    assert trial.ap is not None
    assert trial.force is not None
    assert trial.ml[0] == pytest.approx(9.98673, rel=1e-15)
    assert trial.ap[0] == pytest.approx(-79.88789, rel=1e-15)
    assert trial.force[0] == 539.066061


@pytest.mark.parametrize("sign", ["\t", ",", ";", "  "])
def test_any_usual_separator_is_read(write: Callable[..., Path], sign: str) -> None:
    trial = read_table(write("\n".join(lines(sign=sign))), parse_columns(MAP))
    assert trial.ap is not None
    assert trial.ap == pytest.approx(np.arange(1, 11), rel=1e-14)


def test_decimal_commas_are_read_where_commas_do_not_separate(write: Callable[..., Path]) -> None:
    trial = read_table(write("\n".join(lines(sign=";")).replace(".", ",")), parse_columns(MAP))
    assert trial.rate == 100.0
    assert trial.ml is not None
    assert trial.ml[-1] == pytest.approx(-20.0)


def test_a_file_without_header_is_read_by_column_numbers(write: Callable[..., Path]) -> None:
    trial = read_table(write("\n".join(lines()[1:])), parse_columns("t=1,ml=3,ap=2"), "mm")
    assert trial.ap is not None
    assert (len(trial), trial.ap[0]) == (10, 0.1)


def test_gzip_a_byte_order_mark_and_windows_lines_make_no_difference(write: Callable[..., Path]) -> None:
    raw = b"\xef\xbb\xbf" + "\r\n".join(lines()).encode()
    trial = read_table(write(gzip.compress(raw), "trial.csv.gz"), parse_columns(MAP))
    assert (trial.name, len(trial)) == ("trial", 10)


def test_a_minus_turns_an_axis_round_and_units_may_stand_in_the_map_only(write: Callable[..., Path]) -> None:
    trial = read_table(write("\n".join(lines())), parse_columns("t=time,ml=-COPy,ap=COPx"), "cm")
    assert trial.ml is not None
    assert trial.ml == pytest.approx(2.0 * np.arange(1, 11))


def test_columns_called_t_ml_ap_fz_need_no_map(write: Callable[..., Path]) -> None:
    trial = read_table(write("t,ml[mm],ap[mm],fz\n0,1,2,500\n0.02,1,2,510\n"))
    assert trial.rate == 50.0
    assert trial.force is not None
    assert trial.force[1] == 510.0


def test_wrench_and_cells_are_gathered(write: Callable[..., Path]) -> None:
    head = "t,Fx,Fy,Fz,Mx[Nmm],My[Nmm],Mz[Nmm],a,b"
    path = write(head + "\n0,1,2,3,4000,5000,6000,7,8\n0.01,1,2,3,4000,5000,6000,7,8\n")
    trial = read_table(path, parse_columns("t=t,fx=Fx,fy=Fy,fz=Fz,mx=Mx,my=My,mz=Mz,load2=b,load1=a"))
    assert trial.wrench is not None
    assert trial.loads is not None
    assert trial.wrench[0].tolist() == [1, 2, 3, 4, 5, 6]
    assert trial.loads[0].tolist() == [7, 8]


@pytest.mark.parametrize("rate", [25, 60, 75, 120, 300])
def test_times_rounded_to_the_millisecond_still_tell_a_whole_rate(write: Callable[..., Path], rate: int) -> None:
    rows = [f"{i / rate:.3f},0,0" for i in range(30 * rate)]
    assert read_table(write("\n".join(["t,ml[mm],ap[mm]", *rows]))).rate == rate


def test_missing_rows_and_rows_without_numbers_are_gaps(write: Callable[..., Path]) -> None:
    rows = lines(20)
    rows[5] = "0.050\tnan\t1.0"
    rows[6] = "0.060\t\t1.0"
    del rows[12:15]
    trial = read_table(write("\n".join(rows)), parse_columns(MAP))
    assert trial.rate == 100.0
    assert trial.gaps == (Gap(4, 2, 0, 0.04), Gap(11, 0, 3, 0.11))
    assert trial.ml is not None
    assert np.flatnonzero(np.isnan(trial.ml)).tolist() == [4, 5]
    cut = trial.segment(0.05, 0.16)
    assert (len(cut), cut.gaps) == (8, (Gap(0, 1, 0, 0.04), Gap(6, 0, 3, 0.11)))


PREAMBLE = """Format Version,1.0,
Take Name,somebody,
Capture Frame Rate,100.00,

PlateLength,19.750000,


"""


def test_a_preamble_is_stepped_over_to_the_columns_asked_for(write: Callable[..., Path]) -> None:
    head = "MocapFrame, MocapTime, Fz, Cx, Cy"
    rows = ["0,0.00,581,0.020,-0.064", "1,0.01,0,0,0", "2,0.02,0,0,0", "3,0.03,582,0.021,-0.066"]
    columns = parse_columns("t=MocapTime,ml=-Cy,ap=Cx,fz=Fz")
    trial = read_table(write(PREAMBLE + "\n".join([head, *rows]) + "\n"), columns, "m")
    assert trial.ml is not None
    assert trial.ml[[0, 3]] == pytest.approx([64.0, 66.0])
    assert trial.gaps == (Gap(1, 2, 0, 0.0),), "zeros are frames that the program had not"
    bad = PREAMBLE + "\n".join([head, *rows[:2], "2,0.02,0,x,0"])
    with pytest.raises(RecordingError, match="line 11, column 'Cx': 'x' is not a number"):
        read_table(write(bad), columns, "m")


def test_a_path_through_the_origin_keeps_its_sample_there(write: Callable[..., Path]) -> None:
    t = np.arange(50) / 50
    rows = [f"{s},{10 * np.sin(s)},{5 * np.sin(2 * s)}" for s in t.tolist()]
    assert read_table(write("\n".join(["t,ml[mm],ap[mm]", *rows]))).gaps == ()


def test_a_line_of_units_labels_the_columns(write: Callable[..., Path]) -> None:
    path = write("time,COPx,COPy\n[s],[m],[m]\n0.00,0.001,0.002\n0.01,0.001,0.002\n")
    columns = parse_columns("t=time,ml=COPx,ap=COPy")
    trial = read_table(path, columns)
    assert trial.ap is not None
    assert trial.ap[0] == 2.0
    with pytest.raises(RecordingError, match="says m, the given units say cm"):
        read_table(path, columns, "cm")


def test_uneven_times_are_said_to_be_uneven(write: Callable[..., Path]) -> None:
    t = np.cumsum([0.0, 0.013, 0.037, 0.025, 0.025, 0.032, 0.018])
    trial = read_table(write("\n".join(["t,ml[mm],ap[mm]", *(f"{x:.3f},0,0" for x in t)])))
    assert trial.irregular == "rows come 13 to 37 ms apart"


def test_a_given_rate_that_the_times_contradict_is_told(write: Callable[..., Path]) -> None:
    trial = read_table(write("\n".join(lines(50))), parse_columns(MAP), rate=80.0)
    assert trial.irregular == "rows come 10 to 10 ms apart, not 12.5 as the given rate says"


def test_quotes_and_blanks_around_cells_make_no_difference(write: Callable[..., Path]) -> None:
    trial = read_table(write('"t" , "ml[mm]" , "ap[mm]"\n"0.00" , " 1 " , 2\n"0.01" , "" , 2\n'))
    assert trial.ml is not None
    assert trial.ml[0] == 1.0
    assert trial.gaps == (Gap(1, 1, 0, 0.0),)


def test_a_segment_is_cut_by_rounded_samples(write: Callable[..., Path]) -> None:
    trial = read_table(write("\n".join(lines(100))), parse_columns(MAP)).segment(0.25, 0.75)
    assert (len(trial), trial.t[0]) == (50, 0.26)
    with pytest.raises(RecordingError, match=r"the segment ends at 2 s, the recording at 0\.5 s"):
        trial.segment(0, 2)
    with pytest.raises(RecordingError, match="runs forward"):
        trial.segment(0.2, 0.1)


def changed(row: int, text: str) -> str:
    return "\n".join([*lines()[:row], text, *lines()[row + 1 :]])


@pytest.mark.parametrize(
    ("text", "columns", "units", "sentence"),
    [
        ("", MAP, "cm", "the file is empty"),
        ("\n \n", MAP, "cm", "the file is empty"),
        (lines()[0], MAP, "cm", "a header and no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", MAP, "cm", r"not a text table \(byte 6 is 0x1a\)"),
        ("\n".join(lines()), "t=Time[s],ml=COPz,ap=COPx[cm]", "cm", r"no column 'COPz' \(wanted as ml\).*'COPy\[cm\]'"),
        ("\n".join(lines()), MAP, "m", r"column 'COPy\[cm\]' says cm, the given units say m"),
        ("\n".join(lines()), MAP, "inch", "units are mm, cm, m, not 'inch'"),
        ("t,ml,ap\n0,0,0\n1,0,0", None, None, "column 'ml' names no unit"),
        ("t,ml[in],ap[in]\n0,0,0\n1,0,0", None, None, "is in 'in'"),
        ("t[h],ml,ap\n0,0,0\n1,0,0", None, "mm", "is in 'h'"),
        ("t,ml\n0,0\n1,0", None, "mm", "needs both ml and ap"),
        ("t,x,y\n0,0,0\n1,0,0", None, "mm", "say which column is which.*the file has 't', 'x', 'y'"),
        ("t,x,x\n0,0,0\n1,0,0", "t=t,ml=x,ap=x", "mm", "2 columns called 'x'"),
        ("t,x,y\n0,0,0\n1,0,0", "t=t", "mm", "names no CoP, force or load"),
        ("x,y\n0,0\n1,0", "ml=x,ap=y", "mm", "no time column.*--rate"),
        ("t,x,y\n0,0,0", "t=t,ml=x,ap=y", "mm", "one row tells no rate"),
        ("t,x,y\n0,nan,0\n1,,1", "t=t,ml=x,ap=y", "mm", "not one row holds a number"),
        (changed(4, "0.040\t1.2.3\t0.1"), MAP, "cm", r"line 5, column 'COPx\[cm\]': '1.2.3' is not a number"),
        (changed(4, "nan\t1.2\t0.1"), MAP, "cm", "line 5: the row has no time"),
        (changed(4, "3e12\t1.2\t0.1"), MAP, "cm", r"line 5: no clock shows 3e\+12 s; is the unit of time right"),
        (changed(4, "0.010\t1.2\t0.1"), MAP, "cm", r"line 5: time does not advance, 0\.03 s to 0\.01 s"),
        (changed(4, "0.040\t1.2"), MAP, "cm", "line 5: the row is torn: 2 columns where the header has 3"),
        (changed(10, "0.100\t1."), MAP, "cm", "line 11: the file is cut short in its last row"),
    ],
)
def test_a_bad_table_is_refused_in_plain_words(
    write: Callable[..., Path], text: str | bytes, columns: str | None, units: str | None, sentence: str
) -> None:
    path = write(text)
    with pytest.raises(RecordingError, match=sentence) as caught:
        read_table(path, None if columns is None else parse_columns(columns), units)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ml", "cannot read the column map at 'ml'"),
        ("", "cannot read the column map"),
        ("t=a,x=b", "'x' is no role of a column: use t, ml, ap"),
        ("t=a,t=b", "names t twice: 'a' and 'b'"),
    ],
)
def test_a_bad_column_map_is_refused_in_plain_words(text: str, sentence: str) -> None:
    with pytest.raises(RecordingError, match=sentence):
        parse_columns(text)


def test_a_column_name_may_hold_commas_and_equals_signs() -> None:
    assert parse_columns("t=time, s,ml=x=y") == {"t": "time, s", "ml": "x=y"}


def test_damage_on_disk_is_told_from_a_bad_table(write: Callable[..., Path], tmp_path: Path) -> None:
    cut = gzip.compress("\n".join(lines(500)).encode())[:-30]
    with pytest.raises(RecordingError, match="damaged or cut short"):
        read_table(write(cut, "trial.txt.gz"), parse_columns(MAP))
    with pytest.raises(RecordingError, match="no such file"):
        read_table(tmp_path / "absent.txt", parse_columns(MAP))
    with pytest.raises(RecordingError, match="cannot be read"):
        read_table(tmp_path, parse_columns(MAP))
    with pytest.raises(RecordingError, match="positive number"):
        read_table(write("\n".join(lines())), parse_columns(MAP), "cm", rate=-1)
