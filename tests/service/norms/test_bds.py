"""The norms of the open data set, computed again from its table: every digit that the design prints."""

import pytest

from otolith.service.norms.bds import FILE, norm, people, table
from otolith.service.norms.file import load_norm

PRINTED = """
open firm | 0.88±0.30 (0.53-1.46) | 1.16±0.49 (0.69-2.06) | 2.7±2.8 (0.7-5.7) | 3.0±3.4 (0.8-6.5)
closed firm | 0.97±0.38 (0.59-1.71) | 1.26±0.57 (0.64-2.25) | 3.0±2.6 (0.9-6.6) | 2.9±2.7 (0.9-5.8)
open foam | 2.38±0.72 (1.67-3.46) | 3.64±0.75 (2.64-5.07) | 12.9±5.9 (5.8-26.7) | 20.6±7.4 (11.6-35.2)
closed foam | 3.15±1.02 (2.05-5.37) | 4.38±1.12 (3.03-6.27) | 15.1±6.2 (7.5-28.4) | 26.8±12.4 (13.7-48.9)
Romberg quotient firm | 1.10±0.15 | 1.11±0.34
Romberg quotient foam | 1.33±0.19 | 1.21±0.18
"""
"""Mean ± SD (P5-P95) of speed in cm/s, young then older, and of the ellipse in cm²; then the quotients of speed."""


def test_the_table_comes_out_to_its_last_digit() -> None:
    assert table(norm()).splitlines()[1:] == PRINTED.strip().splitlines()


def test_the_file_that_ships_is_what_the_script_makes() -> None:
    shipped, computed = load_norm(FILE), norm()
    assert shipped.model_dump(exclude={"entries"}) == computed.model_dump(exclude={"entries"})
    for one, other in zip(shipped.entries, computed.entries, strict=True):
        assert one.model_dump(exclude={"bands"}) == other.model_dump(exclude={"bands"})
        for band, again in zip(one.bands, other.bands, strict=True):
            assert (band.n, band.label) == (again.n, again.label)
            assert (band.mean, band.sd) == pytest.approx((again.mean, again.sd), rel=1e-12)
            assert band.percentiles == pytest.approx(again.percentiles, rel=1e-12)


def test_everybody_is_in_one_band_and_who_is_disabled_is_said() -> None:
    everybody = people("mean_velocity")
    assert len(everybody) == 163
    assert sum(one.disabled for one in everybody) == 16
    assert "16 of the 163" in norm().cautions[0]


def test_foam_says_how_many_did_not_stand_it() -> None:
    said = {(str(one.eyes[-1]), str(one.surface)): one.cautions for one in norm().entries[:4]}
    assert said["closed", "foam"][0].startswith("only 86 of the 87 young and 72 of the 76 older have trials")
    assert said["open", "foam"][0].startswith("only 73 of the 76 older")
    assert said["closed", "firm"] == said["open", "firm"] == ()
