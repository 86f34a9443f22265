"""Reading the methods of a dataset, their factors, and which activities have data for them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.errors import Location
from footprint.domain.dataset import (
    CharacterizationFactor,
    ElementaryFlow,
    Method,
    Support,
    Verdict,
)
from footprint.domain.dataset_errors import NoRegionalFactors, UnitDiffers
from footprint.domain.dataset_tables import ACTIVITIES, FLOWS, METHODS, Tables

#: How `regional_factors.csv` writes that a factor is a plain number.
_PLAIN = ("1", "-")


@dataclass(slots=True)
class Factors:
    """Factors by method.

    Attributes
    ----------
    of_flows
        By method id and flow id.
    regional
        By method id and location.
    """

    of_flows: dict[str, dict[str, CharacterizationFactor]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    regional: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    places: dict[str, list[tuple[CharacterizationFactor, Location]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    regional_units: dict[str, list[tuple[str, Location]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def read_methods(tables: Tables) -> dict[str, Method]:
    found: dict[str, Method] = {}
    for reader in tables.rows("methods", "id"):
        id_, unit, source = reader.identifier("id"), reader.text("unit"), tables.source(reader)
        kind = reader.one_of("kind", ("climate", "other"))
        verdict = reader.one_of("verdict", [each.value for each in Verdict])
        threshold = reader.not_negative("threshold_percent")
        names = ("name_en", "name_zh", "category", "version", "note_en", "note_zh")
        texts = {name: reader.text(name) or "" for name in names}
        if id_ and unit and source and kind and verdict and threshold is not None:
            found[id_] = Method(
                id=id_,
                unit=unit,
                is_climate=kind == "climate",
                threshold_percent=threshold,
                verdict=Verdict(verdict),
                source=source,
                **texts,
            )
    return found


def read_factors(
    tables: Tables, methods: Mapping[str, Method], flows: Mapping[str, ElementaryFlow]
) -> Factors:
    """Read factors and where they depend on the place; their units lead to that of the method."""
    found = Factors()
    for reader in tables.rows("characterization", "method_id", "flow_id"):
        method = tables.link(reader, "method_id", methods, METHODS)
        flow = tables.link(reader, "flow_id", flows, FLOWS)
        factor, unit = reader.finite("factor"), reader.text("unit")
        source, confidence = tables.source(reader), tables.confidence(reader)
        note = reader.text("note", required=False) or ""
        if method and flow and unit and factor is not None and source and confidence:
            row = CharacterizationFactor(method, flow, factor, unit, source, confidence, note)
            found.of_flows[method][flow] = row
            found.places[method].append((row, reader.at("unit")))
    for reader in tables.rows("regional_factors", "method_id", "location"):
        method = tables.link(reader, "method_id", methods, METHODS)
        location, factor = reader.identifier("location"), reader.finite("factor")
        unit = reader.text("unit")
        tables.source(reader)
        tables.confidence(reader)
        if method and location and unit and factor is not None:
            found.regional[method][location] = factor
            found.regional_units[method].append((unit, reader.at("unit")))
    for id_ in found.places:
        _check_units(methods[id_], found, flows, tables)
    return found


def _check_units(
    method: Method, factors: Factors, flows: Mapping[str, ElementaryFlow], tables: Tables
) -> None:
    """Note factors that do not lead from the unit of the flow to that of the method.

    A factor of a method with places gives what its regional factors take: `m3/m3` and then
    `m3 world eq/m3`, or all of it and then a plain number.
    """
    counted = _check_regional_units(method, factors, tables)
    for row, at in factors.places[method.id]:
        per = flows[row.flow_id].unit
        numerator, _, denominator = row.unit.rpartition("/")
        expected = f"{counted}/{per}"
        if row.unit == expected:
            continue
        if denominator == per and numerator and method.id not in factors.regional:
            tables.violations.add(NoRegionalFactors(at, row.unit, method.id, method.unit, expected))
        else:
            tables.violations.add(UnitDiffers(at, row.unit, row.flow_id, expected))


def _check_regional_units(method: Method, factors: Factors, tables: Tables) -> str:
    """Return what the factors of flows have to give, by most of the places' factors."""
    units = factors.regional_units.get(method.id, [])
    taken = [_taken_by(unit, method) for unit, _ in units]
    known = Counter(each for each in taken if each is not None)
    counted = known.most_common(1)[0][0] if known else method.unit
    expected = _PLAIN[0] if counted == method.unit else f"{method.unit}/{counted}"
    for (unit, at), each in zip(units, taken, strict=True):
        if each != counted:
            tables.violations.add(UnitDiffers(at, unit, method.id, expected))
    return counted


def _taken_by(unit: str, method: Method) -> str | None:
    """Return what a regional factor of a unit is multiplied with; None if it fits no method."""
    if unit in _PLAIN:
        return method.unit
    numerator, _, denominator = unit.rpartition("/")
    return denominator if numerator == method.unit else None


def read_coverage(
    tables: Tables, methods: Mapping[str, Method], activities: Mapping[str, object]
) -> dict[str, dict[str, Support]]:
    """Read how far the data of activities support a method, by method id and activity id."""
    found: dict[str, dict[str, Support]] = defaultdict(dict)
    for reader in tables.rows("coverage", "activity_id", "method_id"):
        activity = tables.link(reader, "activity_id", activities, ACTIVITIES)
        method = tables.link(reader, "method_id", methods, METHODS)
        support = reader.one_of("coverage", [each.value for each in Support])
        reader.text("reason")
        if activity and method and support:
            found[method][activity] = Support(support)
    return found
