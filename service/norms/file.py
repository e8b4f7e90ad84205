"""Norm files: JSON, of the package and of a clinic's own folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from otolith.service.errors import NormError
from otolith.service.norms.norm import Norm

SHIPPED: Final = Path(__file__).parent / "library"
OWN: Final = "norms"
"""Folder of a clinic's own files, in the station's folder."""
LARGEST: Final = 10_000_000
"""Bytes; a norm is some ten thousand."""


@dataclass(frozen=True, slots=True)
class Norms:
    """What there is, by id. A clinic's own file takes the place of a shipped one with its id."""

    norms: Mapping[str, Norm]
    problems: tuple[str, ...] = ()
    """Why a file of the clinic is not here."""

    def norm(self, name: str) -> Norm:
        """One. Raises NormError with what there is."""
        if name not in self.norms:
            raise NormError(f"no norm {name!r}; there are {', '.join(self.norms)}")
        return self.norms[name]


def load_norm(path: Path) -> Norm:
    """The norm in a file. Raises NormError with every mistake: file, name and reason."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise NormError(f"{path}: larger than {LARGEST} bytes: this is no norm")
        return Norm.model_validate(json.loads(data))
    except OSError as error:
        raise NormError(f"{path}: {error.strerror or error}") from error
    except json.JSONDecodeError as error:
        raise NormError(f"{path}, line {error.lineno}: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise NormError(f"{path}: no JSON: {error}") from error
    except ValidationError as error:
        places = (f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise NormError("\n".join(places)) from error


def norms(folder: Path | None = None) -> Norms:
    """Read both places; a bad file of the clinic is left out and told of. Reads files: for a thread."""
    found = {one.id: one for one in map(load_norm, sorted(SHIPPED.glob("*.json")))}
    problems: list[str] = []
    for path in sorted((folder / OWN).glob("*.json")) if folder is not None else ():
        try:
            own = load_norm(path)
        except NormError as error:
            problems.append(str(error))
        else:
            found[own.id] = own
    return Norms(dict(sorted(found.items())), tuple(problems))


def written(norm: Norm) -> str:
    """As it stands in a file."""
    return json.dumps(norm.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
