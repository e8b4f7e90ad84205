"""The challenges of a station: those that ship, and the clinic's own beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.file import load_challenge
from otolith.service.errors import ChallengeError, ChallengeRefused, UnknownChallenge

SHIPPED: Final = Path(__file__).parent / "library"
OWN: Final = "challenges"
"""Folder of a clinic's own files, in the station's folder."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What there is, by id. A clinic's own file takes the place of a shipped one with its id."""

    challenges: Mapping[str, Challenge]
    own: frozenset[str]
    """Ids that come from the clinic."""
    problems: tuple[str, ...]
    """Why a file of the clinic is not here; a shipped one never is."""

    def challenge(self, name: str, variant: str | None = None) -> Challenge:
        """One, in one of its lengths. Raises UnknownChallenge with what there is."""
        found = self.challenges.get(name)
        if found is None:
            near = get_close_matches(name, self.challenges, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.challenges)}"
            raise UnknownChallenge(f"no challenge {name!r}; {hint}")
        if variant is not None and variant not in found.variants:
            raise UnknownChallenge(f"{name} has no variant {variant!r}; it has {', '.join(found.variants) or 'none'}")
        return found.varied(variant)


def catalogue(folder: Path | None = None) -> Catalogue:
    """Read both places; a bad file of the clinic is left out and told of. Reads files: for a thread."""
    shipped = {one.id: one for one in map(load_challenge, sorted(SHIPPED.glob("*.toml")))}
    own: dict[str, Challenge] = {}
    problems: list[str] = []
    for path in sorted((folder / OWN).glob("*.toml")) if folder is not None else ():
        try:
            found = load_challenge(path)
        except ChallengeError as error:
            problems.append(str(error))
        else:
            own[found.id] = found
    return Catalogue(dict(sorted((shipped | own).items())), frozenset(own), tuple(problems))


def runnable(challenge: Challenge) -> Challenge:
    """The part that this station can run. Raises ChallengeRefused where every condition needs a platform.

    Conditions that need a driven platform are left out; whoever runs it says so.
    """
    conditions = tuple(one for one in challenge.conditions if not one.surface.needs_platform)
    if not conditions:
        raise ChallengeRefused(
            f"{challenge.id} needs a tilting platform in every condition, and this station drives none yet"
        )
    return challenge.model_copy(update={"conditions": conditions})


def fast_enough(challenge: Challenge, rate: float) -> Challenge:
    """The same. Raises ChallengeRefused where a board of ``rate`` samples a second is too slow for its figures."""
    slow = next((one for one in challenge.conditions if rate < one.validity.rate_hz), None)
    if slow is not None:
        raise ChallengeRefused(
            f"{challenge.id} needs {slow.validity.rate_hz:g} samples a second in {slow.id}, and this board gives "
            f"{rate:g}: its figures would be wrong; use a faster board, or set validity.rate_hz in a file of your own"
        )
    return challenge


def refused(challenge: Challenge) -> dict[str, str]:
    """Condition id to the reason why it cannot be run here."""
    return {
        one.id: f"the surface {one.surface.kind} needs a driven platform, and this station has none"
        for one in challenge.conditions
        if one.surface.needs_platform
    }
