"""Names and texts of challenges and programs, in the languages of the station."""

from typing import Annotated

from pydantic import Field, StringConstraints

from otolith.service.sections import Section

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=48)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
"""Of a value, with its unit at the end."""
Seconds = Annotated[float, Field(ge=0, le=600)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Words(Section):
    """A text in the languages of the station."""

    en: Line
    de: Line
    fr: Line
