"""Certification schemes as data: one JSON file a scheme in `certification/data/schemes`."""

import json
from importlib.resources import files
from typing import Any

from certification.domain.scheme import Scheme, StatementType
from certification.domain.states import Words


class ShippedSchemes:
    """The schemes that ship with the service."""

    def __init__(self) -> None:
        directory = files("certification") / "data" / "schemes"
        read = (
            _scheme(json.loads(file.read_text("utf-8")))
            for file in directory.iterdir()
            if file.name.endswith(".json")
        )
        self._schemes = {scheme.id: scheme for scheme in sorted(read, key=lambda one: one.id)}

    def get(self, scheme_id: str) -> Scheme | None:
        """Return a scheme."""
        return self._schemes.get(scheme_id)

    def ids(self) -> tuple[str, ...]:
        """Return all known ids."""
        return tuple(self._schemes)


def _scheme(content: dict[str, Any]) -> Scheme:
    validity = content["validity"]
    return Scheme(
        id=content["id"],
        name=Words(**content["name"]),
        is_not=Words(**content["is_not"]),
        validity_years=validity["years"],
        validity_source=validity["source"],
        validity_confidence=validity["confidence"],
        statement_types=tuple(
            StatementType(kind["id"], Words(kind["en"], kind["zh"]))
            for kind in content["statement_types"]
        ),
    )
