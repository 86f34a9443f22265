"""Reading what stands behind the market references of a dataset: electricity, and routes."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from chassis.errors import Location
from footprint.domain.dataset import Activity, ActivityKind, ElectricityMarket, Route
from footprint.domain.dataset_errors import UnfitDefault, UnfitReference, WrongTable
from footprint.domain.dataset_tables import ACTIVITIES, Tables
from footprint.domain.rows import RowReader

Activities = Mapping[str, Activity]
REFERENCES = f"{ACTIVITIES} (market_reference)"
MARKETS, ROUTES = "markets.csv", "routes.csv"


def references_of(activities: Activities) -> frozenset[str]:
    """Return the activities that stand for one of several suppliers."""
    return frozenset(
        id_
        for id_, activity in activities.items()
        if activity.kind is ActivityKind.MARKET_REFERENCE
    )


def read_markets(
    tables: Tables, activities: Activities, electricity: str | None
) -> dict[tuple[str, int], ElectricityMarket]:
    """Read who supplies the grid of a region in a year.

    Parameters
    ----------
    electricity
        The reference of electricity; None if the header names none.
    """
    found: dict[tuple[str, int], ElectricityMarket] = {}
    references = references_of(activities)
    for reader in tables.rows("markets", "reference_id", "region", "year"):
        reference = tables.link(reader, "reference_id", references, REFERENCES)
        region, year = reader.identifier("region"), tables.year(reader, "year")
        activity = _read_supplier(reader, reference, tables, activities)
        source, confidence = tables.source(reader), tables.confidence(reader)
        note = reader.text("note", required=False) or ""
        if reference and electricity and reference != electricity:
            at = reader.at("reference_id")
            tables.violations.add(WrongTable(at, reference, electricity, ROUTES))
        elif region and year and activity and source and confidence:
            market = ElectricityMarket(region, year, activity, source, confidence, note)
            found[region, year] = market
    return found


def read_routes(
    tables: Tables, activities: Activities, electricity: str | None
) -> dict[str, dict[str, Route]]:
    """Read routes; each reference but the electricity has some, one of them by default."""
    found: dict[str, dict[str, Route]] = defaultdict(dict)
    references = references_of(activities)
    rows: dict[str, list[RowReader]] = defaultdict(list)
    defaults: dict[str, list[RowReader]] = defaultdict(list)
    for reader in tables.rows("routes", "reference_id", "route_id"):
        reference = tables.link(reader, "reference_id", references, REFERENCES)
        id_ = reader.identifier("route_id")
        activity = _read_supplier(reader, reference, tables, activities)
        is_default = reader.one_of("is_default", ("true", "false"))
        names = {name: reader.text(name) or "" for name in ("name_en", "name_zh")}
        source, confidence = tables.source(reader), tables.confidence(reader)
        if reference and reference == electricity:
            at = reader.at("reference_id")
            tables.violations.add(WrongTable(at, reference, electricity, MARKETS))
        if reference and is_default:
            rows[reference].append(reader)
            if is_default == "true":
                defaults[reference].append(reader)
        if reference and id_ and activity and source and confidence:
            found[reference][id_] = Route(
                reference_id=reference,
                id=id_,
                activity_id=activity,
                is_default=is_default == "true",
                source=source,
                confidence=confidence,
                **names,
            )
    if electricity:
        _check_defaults(tables, activities, references - {electricity}, rows, defaults)
    return found


def _check_defaults(
    tables: Tables,
    activities: Activities,
    references: Collection[str],
    rows: Mapping[str, list[RowReader]],
    defaults: Mapping[str, list[RowReader]],
) -> None:
    """Note references of which nobody knows which route to take, where that can be mended."""
    for id_ in activities:
        count = len(defaults.get(id_, ()))
        if id_ not in references or count == 1:
            continue
        at: Location
        if count:
            at = defaults[id_][1].at("is_default")
        elif rows.get(id_):
            at = rows[id_][0].at("is_default")
        else:
            at = tables.at_activity(id_)
        tables.violations.add(UnfitDefault(at, id_, count))


def _read_supplier(
    reader: RowReader, reference: str | None, tables: Tables, activities: Activities
) -> str | None:
    """Read the activity behind a reference, which supplies the same product."""
    activity = tables.link(reader, "activity_id", activities, ACTIVITIES)
    if not activity or not reference:
        return activity
    stands, gives = activities[reference], activities[activity]
    same = (stands.reference_product, stands.unit) == (gives.reference_product, gives.unit)
    if not same or gives.kind is ActivityKind.MARKET_REFERENCE:
        expected = f"{stands.reference_product} [{stands.unit}]"
        tables.violations.add(UnfitReference(reader.at("activity_id"), activity, expected))
    return activity
