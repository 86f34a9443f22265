"""Reading what the description of a dataset, `datapackage.json`, says beside its tables."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from footprint.domain.dataset import CharacterizationFactor, ElementaryFlow, Method
from footprint.domain.dataset_errors import NoMarket, UnfitAggregate
from footprint.domain.dataset_references import MARKETS, REFERENCES
from footprint.domain.dataset_tables import FLOWS, Tables
from footprint.domain.errors import MissingField
from footprint.domain.json_reader import JsonReader
from footprint.domain.rows import Violations

PACKAGE = "datapackage.json"
#: Unit of emissions that are characterized already.
CO2E = "kg CO2e"


@dataclass(frozen=True, slots=True)
class DatasetHeader:
    """What the description says; empty where it says nothing that can be read.

    Attributes
    ----------
    settings
        Reads the object `greenchain`.
    """

    settings: JsonReader
    id: str
    version: str
    description: Mapping[str, str]
    default_region: str
    electricity_year: int | None
    electricity_reference: str
    aggregated_flow: str


def read_dataset_header(header: Mapping[str, Any], violations: Violations) -> DatasetHeader:
    """Read the fields; whether they name anything is seen once the tables are read."""
    reader = JsonReader(header, violations, table=PACKAGE)
    settings = _object(reader, "greenchain")
    description = _object(settings, "description")
    texts = {language: description.text(language) or "" for language in ("en", "zh")}
    return DatasetHeader(
        settings=settings,
        id=reader.identifier("name") or "",
        version=reader.identifier("version") or "",
        description=texts,
        default_region=settings.identifier("default_region") or "",
        electricity_year=settings.whole("electricity_year", required=True),
        electricity_reference=settings.identifier("electricity_reference") or "",
        aggregated_flow=settings.identifier("aggregated_flow") or "",
    )


def _object(reader: JsonReader, name: str) -> JsonReader:
    """Open an object that has to be there; an empty one, of which nothing is told, if it is not."""
    if reader.values.get(name) is None:
        reader.violations.add(MissingField(reader.at(name)))
    found = reader.object(name, None)
    return JsonReader({}, Violations()) if found is None else found


def check_electricity_reference(
    head: DatasetHeader, tables: Tables, references: Collection[str]
) -> str | None:
    """Return the reference of electricity; None, and noted, if it is no market reference."""
    if not head.electricity_reference:
        return None
    return tables.link(head.settings, "electricity_reference", references, REFERENCES)


def check_default_market(
    head: DatasetHeader, tables: Tables, markets: Collection[tuple[str, int]]
) -> None:
    """Note a default region without electricity in the year that all unit processes buy it."""
    region, year = head.default_region, head.electricity_year
    if not region or not tables.link(
        head.settings, "default_region", {place for place, _ in markets}, MARKETS
    ):
        return
    if year is not None and (region, year) not in markets:
        known = tuple(sorted(of_year for place, of_year in markets if place == region))
        tables.violations.add(NoMarket(head.settings.at("electricity_year"), region, year, known))


def check_aggregated_flow(
    head: DatasetHeader,
    tables: Tables,
    flows: Mapping[str, ElementaryFlow],
    methods: Mapping[str, Method],
    factors: Mapping[str, Mapping[str, CharacterizationFactor]],
) -> None:
    """Note a flow that cannot count published totals as they are."""
    flow = head.aggregated_flow
    if not flow or not tables.link(head.settings, "aggregated_flow", flows, FLOWS):
        return
    counted = any(
        method.is_climate and flow in factors.get(id_, {}) and factors[id_][flow].factor == 1.0
        for id_, method in methods.items()
    )
    if flows[flow].unit != CO2E or not counted:
        tables.violations.add(UnfitAggregate(head.settings.at("aggregated_flow"), flow, CO2E))
