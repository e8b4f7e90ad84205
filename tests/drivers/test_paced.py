import pytest

from otolith.drivers.errors import MonikerError
from otolith.drivers.loads import Constant
from otolith.drivers.monikers import TWINS, Sim, parse
from otolith.drivers.paced import RATES, Paced


@pytest.mark.parametrize("kind", TWINS)
def test_a_board_without_a_wire_samples_or_is_refused_in_words(kind: str) -> None:
    moniker = parse(f"sim:{kind}?load=constant:700")
    assert isinstance(moniker, Sim)
    if kind in RATES:
        assert len(Paced(moniker, Constant((175.0,) * 4)).take())
    else:
        with pytest.raises(MonikerError, match=f"sim:{kind}.*without a wire.*sim:btracks, sim:wii, sim:ofp"):
            Paced(moniker, Constant((175.0,) * 4))
