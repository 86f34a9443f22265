"""Reading an untrusted JSON document object by object, with the path of each violation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.errors import Location
from footprint.domain.errors import NotAList, NotANumber, TooMany
from footprint.domain.inventory_model_errors import (
    NotABoolean,
    NotAnObject,
    NotOneField,
    NotWhole,
)
from footprint.domain.rows import LONGEST_ID, RowReader, Violations, shown


@dataclass(frozen=True, slots=True)
class JsonReader(RowReader):
    """Reads the fields of one object; places are paths like ``activities[3].inputs[1].amount``.

    Numbers are JSON numbers: a text is none, and neither are `true` and `false`.
    """

    path: str = ""

    def at(self, name: str) -> Location:
        """Location of a field of this object."""
        field = shown(name)
        path = f"{self.path}.{field}" if self.path else field
        return Location(field=path, id=self._id, table=self.table)

    @property
    def _id(self) -> str | None:
        return self.id and shown(self.id, LONGEST_ID)

    @property
    def here(self) -> Location:
        """Location of the object itself."""
        return Location(field=self.path, id=self._id, table=self.table)

    def number(self, name: str, *, required: bool = True) -> float | None:
        """Read a finite number."""
        value = self.values.get(name)
        if isinstance(value, str):
            self.violations.add(NotANumber(location=self.at(name), value=shown(value, 40)))
            return None
        return self.finite(name, required=required)

    def whole(self, name: str, *, required: bool = False) -> int | None:
        """Read a whole number; an optional one may be absent."""
        number = self.number(name, required=required)
        if number is not None and not number.is_integer():
            self.violations.add(NotWhole(location=self.at(name), value=number))
            return None
        return None if number is None else int(number)

    def boolean(self, name: str) -> bool:
        """Read true or false; absent reads as false."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.violations.add(NotABoolean(location=self.at(name)))
        return value is True

    def one_field(self, *names: str) -> str | None:
        """Tell which of fields that exclude each other is there."""
        present = [name for name in names if self.values.get(name) is not None]
        if len(present) != 1:
            self.violations.add(NotOneField(location=self.here, allowed=names))
            return None
        return present[0]

    def object(self, name: str, fields: tuple[str, ...] | None) -> "JsonReader | None":
        """Open an object; None if it is absent or none. Who gives no fields checks them itself."""
        value = self.values.get(name)
        if value is None:
            return None
        return self._open(value, self.at(name).field, fields)

    def objects(self, name: str, fields: tuple[str, ...], most: int) -> Iterator["JsonReader"]:
        """Open the objects of a list of at most `most`; absent reads as empty."""
        values = self.values.get(name)
        if values is None:
            return
        at = self.at(name)
        if not isinstance(values, list):
            self.violations.add(NotAList(location=at, elements="object"))
            return
        if len(values) > most:
            self.violations.add(TooMany(location=at, count=len(values), most=most))
            return
        for position, value in enumerate(values):
            reader = self._open(value, f"{at.field}[{position}]", fields)
            if reader is not None:
                yield reader

    def _open(self, value: Any, path: str, fields: tuple[str, ...] | None) -> "JsonReader | None":
        if not isinstance(value, Mapping):
            self.violations.add(NotAnObject(location=Location(field=path, table=self.table)))
            return None
        own = value.get("id")
        # What has no id of its own is of that which holds it, but for the document as a whole.
        id_ = own if isinstance(own, str) and own else self.id
        reader = JsonReader(value, self.violations, id=id_, table=self.table, path=path)
        if fields is not None:
            reader.refuse_unknown(fields)
        return reader


def read_document(document: object, violations: Violations, fields: tuple[str, ...]) -> JsonReader:
    """Open a document.

    Raises
    ------
    InvalidInput
        If it is no object, so that nothing can be read of it.
    """
    if not isinstance(document, Mapping):
        violations.add(NotAnObject(location=Location(field="document")))
        violations.raise_if_any()
    reader = JsonReader(document if isinstance(document, Mapping) else {}, violations)
    reader.refuse_unknown(fields)
    return reader
