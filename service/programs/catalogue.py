"""The programs of a station: those that ship, and the clinic's own beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from otolith.service.definitions import load_definition
from otolith.service.errors import ProgramError, ProgramRefused, UnknownProgram
from otolith.service.programs.check import complaints
from otolith.service.programs.program import Program

SHIPPED: Final = Path(__file__).parent / "library"
OWN: Final = "programs"
"""Folder of a clinic's own files, in the station's folder."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What there is, by id. A clinic's own file takes the place of a shipped one with its id."""

    programs: Mapping[str, Program]
    own: frozenset[str]
    """Ids that come from the clinic."""
    problems: tuple[str, ...]
    """Why a file of the clinic is not here; a shipped one never is."""

    def program(self, name: str) -> Program:
        """One of them. Raises UnknownProgram with what there is."""
        found = self.programs.get(name)
        if found is None:
            near = get_close_matches(name, self.programs, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.programs)}"
            raise UnknownProgram(f"no program {name!r}; {hint}")
        return found


def load_program(path: Path) -> Program:
    """The program in a file. Raises ProgramError with every mistake: file, line, name and reason."""
    return load_definition(path, Program, ProgramError, complaints)


def programs(folder: Path | None = None) -> Programs:
    """Read both places; a bad file of the clinic is left out and told of. Reads files: for a thread."""
    shipped = {one.id: one for one in map(load_program, sorted(SHIPPED.glob("*.toml")))}
    own: dict[str, Program] = {}
    problems: list[str] = []
    for path in sorted((folder / OWN).glob("*.toml")) if folder is not None else ():
        try:
            found = load_program(path)
        except ProgramError as error:
            problems.append(str(error))
        else:
            own[found.id] = found
    return Programs(dict(sorted((shipped | own).items())), frozenset(own), tuple(problems))


def driven(program: Program) -> tuple[str, ...]:
    """The rungs that need a platform with a drive."""
    return tuple(rung.id for rung in program.rungs if rung.surface.needs_platform)


def trainable(program: Program) -> Program:
    """The program, where this station can do all of it. Raises ProgramRefused with the rungs that it cannot."""
    if missing := driven(program):
        raise ProgramRefused(
            f"{program.id} needs a driven platform ({', '.join(missing)}), and this station has none: "
            "take these rungs out of a copy of it"
        )
    return program
