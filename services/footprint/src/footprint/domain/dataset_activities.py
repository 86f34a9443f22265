"""Reading activities, elementary flows and exchanges of a dataset."""

import math
from collections import defaultdict
from collections.abc import Mapping

from chassis import units
from chassis.errors import Location
from footprint.domain.dataset import (
    Activity,
    ActivityKind,
    ElementaryFlow,
    Exchange,
    ExchangeKind,
    Uncertainty,
)
from footprint.domain.dataset_columns import DISTRIBUTIONS, PEDIGREE
from footprint.domain.dataset_errors import (
    ActivityWithoutExchanges,
    ReferenceWithExchanges,
    UnitDiffers,
    ZeroNetOutput,
)
from footprint.domain.dataset_tables import ACTIVITIES, FLOWS, Tables
from footprint.domain.errors import BadUncertainty, UnknownUnit
from footprint.domain.rows import RowReader

Activities = Mapping[str, Activity]
Flows = Mapping[str, ElementaryFlow]


def read_activities(tables: Tables) -> dict[str, Activity]:
    found: dict[str, Activity] = {}
    for reader in tables.rows("activities", "id"):
        id_, unit = reader.identifier("id"), reader.identifier("unit")
        if unit and not units.is_known(unit):
            tables.violations.add(UnknownUnit(reader.at("unit"), unit, "kg, kWh, t.km"))
        kind = reader.one_of("kind", [each.value for each in ActivityKind])
        source, confidence = tables.source(reader), tables.confidence(reader)
        year = tables.year(reader, "valid_year")
        texts = {
            name: reader.text(name) or ""
            for name in ("name_en", "name_zh", "reference_product", "location", "sector")
        }
        scores = tuple(int(reader.one_of(name, "12345") or 5) for name in PEDIGREE)
        if id_ and unit and kind and source and confidence and year:
            tables.activity_rows[id_] = reader.row
            found[id_] = Activity(
                id=id_,
                unit=unit,
                kind=ActivityKind(kind),
                valid_year=year,
                source=source,
                technology_comment=reader.text("technology_comment", required=False) or "",
                pedigree=(scores[0], scores[1], scores[2], scores[3], scores[4]),
                confidence=confidence,
                **texts,
            )
    return found


def read_flows(tables: Tables) -> dict[str, ElementaryFlow]:
    found: dict[str, ElementaryFlow] = {}
    for reader in tables.rows("elementary_flows", "id"):
        id_, unit = reader.identifier("id"), reader.identifier("unit")
        if unit and not units.is_known(unit):
            tables.violations.add(UnknownUnit(reader.at("unit"), unit, "kg, MJ, m3"))
        texts = {name: reader.text(name) or "" for name in ("name_en", "name_zh", "compartment")}
        cas = reader.text("cas", required=False) or ""
        if id_ and unit:
            found[id_] = ElementaryFlow(id=id_, unit=unit, cas=cas, **texts)
    return found


def read_exchanges(
    tables: Tables, activities: Activities, flows: Flows
) -> dict[str, tuple[Exchange, ...]]:
    """Read what activities take and emit, and note activities of which there is nothing."""
    found: dict[str, list[Exchange]] = defaultdict(list)
    own: dict[str, list[tuple[float, Location]]] = defaultdict(list)
    for reader in tables.rows("exchanges", "line_id"):
        activity = tables.link(reader, "activity_id", activities, ACTIVITIES)
        exchange = _read_exchange(reader, activity, tables, activities, flows)
        if exchange is None:
            if activity:
                found[activity]  # It has a row, which is told where it stands.
            continue
        found[exchange.activity_id].append(exchange)
        is_input = exchange.kind is ExchangeKind.TECHNOSPHERE
        if is_input and exchange.input_id == exchange.activity_id:
            own[exchange.activity_id].append((exchange.amount, reader.at("amount")))
    for id_, activity_ in activities.items():
        is_reference = activity_.kind is ActivityKind.MARKET_REFERENCE
        if not is_reference and id_ not in found:
            tables.violations.add(ActivityWithoutExchanges(tables.at_activity(id_), id_))
    for id_, inputs in own.items():
        taken = math.fsum(amount for amount, _ in inputs)
        if taken >= 1.0:
            tables.violations.add(ZeroNetOutput(inputs[-1][1], id_, taken))
    return {id_: tuple(rows) for id_, rows in found.items()}


def _read_exchange(
    reader: RowReader, activity: str | None, tables: Tables, activities: Activities, flows: Flows
) -> Exchange | None:
    violations = tables.violations
    if activity and activities[activity].kind is ActivityKind.MARKET_REFERENCE:
        violations.add(ReferenceWithExchanges(reader.at("activity_id"), activity))
    line_id = reader.identifier("line_id")
    kind = reader.one_of("exchange_type", [each.value for each in ExchangeKind])
    is_input = kind == ExchangeKind.TECHNOSPHERE
    linked: Mapping[str, Activity | ElementaryFlow] = activities if is_input else flows
    table = ACTIVITIES if is_input else FLOWS
    item = None if kind is None else tables.link(reader, "input_id", linked, table)
    amount, unit = reader.finite("amount"), reader.identifier("unit")
    if item and unit and unit != linked[item].unit:
        violations.add(UnitDiffers(reader.at("unit"), unit, item, linked[item].unit))
    elif not item and unit and not units.is_known(unit):
        violations.add(UnknownUnit(reader.at("unit"), unit, "kg, kWh, m3"))
    uncertainty = _read_uncertainty(reader, amount)
    source, confidence = tables.source(reader), tables.confidence(reader)
    if not (line_id and activity and item and unit and source and confidence and kind):
        return None
    return Exchange(
        line_id=line_id,
        activity_id=activity,
        kind=ExchangeKind(kind),
        input_id=item,
        amount=amount or 0.0,
        unit=unit,
        uncertainty=uncertainty,
        source=source,
        confidence=confidence,
    )


def _read_uncertainty(reader: RowReader, amount: float | None) -> Uncertainty:
    kind = reader.one_of("uncertainty_type", DISTRIBUTIONS)
    gsd = reader.finite("gsd", required=kind == "lognormal")
    if gsd is not None and gsd < 1.0:
        reader.violations.add(BadUncertainty(reader.at("gsd"), gsd))
    bounded = kind == "triangular"
    least, most = (reader.finite(name, required=bounded) for name in ("min", "max"))
    if (
        bounded
        and least is not None
        and most is not None
        and amount is not None
        and not least <= amount <= most
    ):
        reader.violations.add(BadUncertainty(reader.at("amount"), amount))
    return Uncertainty(kind or "none", gsd, least, most)
