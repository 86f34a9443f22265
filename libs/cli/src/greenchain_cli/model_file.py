"""A model on this machine: reading it, and naming places in it as its author knows them.

It is an inventory model in a file, or a product model: a folder, or a template by its name.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chassis.errors import InvalidInput, Location, Violation
from greenchain_cli.errors import WrongOptions
from greenchain_cli.json_file import read_object
from greenchain_cli.json_places import line_of, lines_by_path
from greenchain_cli.tables import HEADER, read_product

#: How the place of a violation names an option of the analysis.
_OPTION = re.compile(r"options\.(\w+)")


def is_local(argument: str) -> bool:
    """Tell whether an argument is a model here and not the id of an imported product model."""
    return argument.endswith(".json") or Path(argument).is_file() or is_product(argument)


def is_product(argument: str) -> bool:
    """Tell whether an argument is the folder of a product model, or the name of a template."""
    from footprint.local.templates import product_template_names

    return (Path(argument) / HEADER).is_file() or argument in product_template_names()


def read_model(argument: str, backgrounds: Sequence[Path] = ()) -> dict[str, Any]:
    """Read a model; what it says is checked by who computes it.

    Parameters
    ----------
    backgrounds
        Files of backgrounds that a product model buys from.

    Raises
    ------
    InvalidInput
        If the file holds no JSON object; with everything that is wrong with a product model, by
        file and row.
    """
    if is_product(argument):
        from footprint.local.inventories import inventory_model

        model: dict[str, Any] = with_product(
            argument, lambda product: inventory_model(product, backgrounds)
        )
        return model
    path = Path(argument)
    violations: list[Violation] = []
    model = read_object(path, violations)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return model


def with_product(argument: str, compute: Callable[[str | dict[str, Any]], Any]) -> Any:
    """Return what is computed of a product model: a folder, or a template by its name.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the folder, by file and row.
    """
    folder = Path(argument)
    if not (folder / HEADER).is_file():
        return compute(argument)
    product = read_product(folder)
    try:
        return compute(product.document)
    except InvalidInput as invalid:
        raise product.in_folder(invalid) from None


def as_given(invalid: InvalidInput, argument: str) -> InvalidInput:
    """Return what is wrong with places as a person knows them: lines of the file, options."""
    path = Path(argument)
    if not path.is_file():
        # The model was linked here and is right; what is wrong is an option.
        places = [_place(each.location, argument, {}) for each in invalid.violations]
        return _with_places(invalid, places)
    lines = lines_by_path(path.read_text(encoding="utf-8-sig"))
    return _with_places(
        invalid, [_place(each.location, path.name, lines) for each in invalid.violations]
    )


def _with_places(invalid: InvalidInput, places: list[Location]) -> InvalidInput:
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
