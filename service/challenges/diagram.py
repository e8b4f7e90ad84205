"""The trial machine as a picture: the table in Mermaid's language."""

from otolith.service.challenges.machine import TRANSITIONS
from otolith.service.challenges.phases import OVER, Phase, Trigger

FROM_EVERYWHERE = (Trigger.STOP,)


def diagram() -> str:
    """A state diagram; what leads to one place from everywhere is one line."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(Phase.IDLE)}"]
    lines += [
        f"    {_name(row.source)} --> {_name(row.target)} : {row.label}"
        for row in TRANSITIONS
        if row.trigger not in FROM_EVERYWHERE
    ]
    lines += [f"    {_name(phase)} --> [*]" for phase in Phase if phase in OVER]
    lines += ["    note right of stopped : stop leads here from every phase that is not an end"]
    return "\n".join(lines) + "\n"


def _name(phase: Phase) -> str:
    return phase.value.replace("-", "_")
