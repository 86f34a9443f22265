"""An inventory model in a file: reading it, and naming places in it as its author knows them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from chassis.errors import InvalidInput, Location, Violation
from greenchain_cli.errors import WrongOptions
from greenchain_cli.json_file import read_object
from greenchain_cli.json_places import line_of, lines_by_path

#: How the place of a violation names an option of the analysis.
_OPTION = re.compile(r"options\.(\w+)")


def is_model_file(argument: str) -> bool:
    """Tell whether an argument is a model file and not the id of an imported product model."""
    return argument.endswith(".json") or Path(argument).is_file()


def read_model(path: Path) -> dict[str, Any]:
    """Read a model file; what it says is checked by who computes it.

    Raises
    ------
    InvalidInput
        If the file holds no JSON object.
    """
    violations: list[Violation] = []
    model = read_object(path, violations)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return model


def as_given(invalid: InvalidInput, path: Path) -> InvalidInput:
    """Return what is wrong with places as a person knows them: lines of the file, options."""
    lines = lines_by_path(path.read_text(encoding="utf-8-sig"))
    places = [_place(each.location, path.name, lines) for each in invalid.violations]
    violations = (
        replace(each, location=place)
        for each, place in zip(invalid.violations, places, strict=True)
    )
    kind = InvalidInput if any(place.table for place in places) else WrongOptions
    return kind(violations=tuple(violations))


def _place(place: Location, file: str, lines: dict[str, int]) -> Location:
    option = _OPTION.match(place.field)
    if option is None:
        return replace(place, table=file, line=line_of(place.field, lines))
    name = option[1].replace("_", "-")
    return Location("--method" if name == "methods" else f"--{name}")
