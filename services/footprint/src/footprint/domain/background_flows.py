"""Which flow of the dataset a background means: by id, by name, by CAS number, or none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chassis import units
from footprint.domain.dataset import ElementaryFlow

#: Between a compartment and what is below it.
BELOW = "/"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a background as the platform has it.

    Attributes
    ----------
    name
        Of the platform.
    factor
        How many of it make one of the background's [name / unit given].
    """

    name: str
    factor: float


#: Units by their names in EcoSpold2, Brightway and common tables; the platform's own stand as such.
UNITS: Mapping[str, Unit] = {
    **{name: Unit(name, 1.0) for name in units.NAMES},
    "kilogram": Unit("kg", 1.0),
    "gram": Unit("g", 1.0),
    "ton": Unit("t", 1.0),
    "tonne": Unit("t", 1.0),
    "kilowatt hour": Unit("kWh", 1.0),
    "megajoule": Unit("MJ", 1.0),
    "gigajoule": Unit("GJ", 1.0),
    "cubic meter": Unit("m3", 1.0),
    "litre": Unit("L", 1.0),
    "l": Unit("L", 1.0),
    "square meter": Unit("m2", 1.0),
    "hectare": Unit("m2", 1e4),
    "ha": Unit("m2", 1e4),
    "kilometer": Unit("km", 1.0),
    "meter": Unit("km", 1e-3),
    "m": Unit("km", 1e-3),
    "ton kilometer": Unit("t.km", 1.0),
    "metric ton*km": Unit("t.km", 1.0),
    "tkm": Unit("t.km", 1.0),
    "unit": Unit("piece", 1.0),
    "item(s)": Unit("piece", 1.0),
}


#: Flows of the dataset that are emissions to fresh water: in the sea phosphorus does not count as
#: eutrophication of fresh water.
FRESH_WATER = frozenset({"p_water", "po4_water"})
SEA = ("ocean", "sea water")


@dataclass(frozen=True, slots=True)
class FlowName:
    """What a flow of the dataset is called elsewhere.

    Attributes
    ----------
    compartment
        With what is below it behind `/` if only that is meant.
    cas
        Set where the number alone tells the flow: not that of CO2, which three flows have.
    """

    flow_id: str
    name: str
    compartment: str
    cas: str


class FlowMatcher:
    """Finds the flow of the dataset that is meant; what is not sure is not found."""

    def __init__(self, names: Iterable[FlowName], flows: Mapping[str, ElementaryFlow]) -> None:
        self._flows = flows
        self._by_name: dict[tuple[str, str], str] = {}
        by_cas: dict[tuple[str, str], set[str]] = defaultdict(set)
        for each in names:
            if each.flow_id not in flows:
                continue
            self._by_name[each.name.casefold(), each.compartment.casefold()] = each.flow_id
            if each.cas and BELOW not in each.compartment:
                by_cas[_digits(each.cas), each.compartment.casefold()].add(each.flow_id)
        #: Flows that stand for the same substance in one part of a compartment.
        self._below = {
            (whole, compartment): flow_id
            for (name, compartment), flow_id in self._by_name.items()
            if BELOW in compartment
            and (whole := self._by_name.get((name, compartment.partition(BELOW)[0])))
        }
        self._by_cas = {key: min(ids) for key, ids in by_cas.items() if len(ids) == 1}

    def find(self, name: str, compartment: str, cas: str, unit: str) -> tuple[str, float] | None:
        """Return the id of a flow and how many of its units make one of those given.

        Parameters
        ----------
        compartment
            With what is below it behind `/`, as far as it is known.
        unit
            Of the background; a flow that is counted in another quantity is another flow.
        """
        place = compartment.casefold()
        top = place.partition(BELOW)[0]
        called = name.strip().casefold()
        found = (
            self._by_name.get((called, place))
            or self._by_name.get((called, top))
            or self._by_cas.get((_digits(cas), top))
        )
        if found is not None:
            # The number tells the substance; whether it leaves a high stack tells the place.
            found = self._below.get((found, place), found)
        if found is None or (found in FRESH_WATER and place.partition(BELOW)[2] in SEA):
            return None
        return self._in_its_unit(found, unit)

    def named(self, flow_id: str, compartment: str, unit: str) -> tuple[str, float] | None:
        """Return the same for an id of the dataset itself, in the compartment that it has there."""
        flow = self._flows.get(flow_id)
        if flow is None or _top(compartment) != _top(flow.compartment):
            return None
        return self._in_its_unit(flow_id, unit)

    def _in_its_unit(self, flow_id: str, unit: str) -> tuple[str, float] | None:
        given, wanted = UNITS.get(unit), self._flows[flow_id].unit
        if given is None or not units.same_dimension(given.name, wanted):
            return None
        return flow_id, units.convert(given.factor, given.name, wanted)


def _top(compartment: str) -> str:
    """Return a compartment without what is below it, by `/` or, in the dataset, by a comma."""
    return compartment.replace(",", BELOW).partition(BELOW)[0].strip().casefold()


def _digits(cas: str) -> str:
    """Return a CAS number without the zeros that some put before it."""
    return cas.strip().lstrip("0")
