"""From the rows of a dataset's tables to a `Dataset`, or to all that is wrong with them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from footprint.domain.dataset import Dataset, Retirement
from footprint.domain.dataset_activities import read_activities, read_exchanges, read_flows
from footprint.domain.dataset_errors import RetiredExists
from footprint.domain.dataset_header import (
    check_aggregated_flow,
    check_default_market,
    check_electricity_reference,
    read_dataset_header,
)
from footprint.domain.dataset_methods import read_coverage, read_factors, read_methods
from footprint.domain.dataset_references import read_markets, read_routes, references_of
from footprint.domain.dataset_tables import ACTIVITIES, FLOWS, Row, Tables
from footprint.domain.rows import Violations

#: Tables that an item may stand in: what is exchanged is an activity's product, or a flow.
_ITEMS = f"{ACTIVITIES} / {FLOWS}"


def dataset_from_tables(
    header: Mapping[str, Any], sha256: str, tables: Mapping[str, Iterable[Row]]
) -> Dataset:
    """Build a dataset from the rows of its tables.

    Parameters
    ----------
    header
        Content of `datapackage.json`.
    sha256
        Content hash of the dataset.
    tables
        Rows by the names of `COLUMNS`.

    Raises
    ------
    InvalidInput
        With every row that stands twice, links nowhere, is given in another unit than what it
        links to, lacks a source, or holds no number where one is needed: with table, row and
        column. And with every field of the header that says nothing the tables bear out.
    """
    violations = Violations()
    head = read_dataset_header(header, violations)
    reader = Tables(tables, violations)
    reader.read_sources()
    activities = read_activities(reader)
    flows = read_flows(reader)
    exchanges = read_exchanges(reader, activities, flows)
    methods = read_methods(reader)
    factors = read_factors(reader, methods, flows)
    electricity = check_electricity_reference(head, reader, references_of(activities))
    markets = read_markets(reader, activities, electricity)
    routes = read_routes(reader, activities, electricity)
    coverage = read_coverage(reader, methods, activities)
    items = {**activities, **flows}
    compositions = _read_compositions(reader, items)
    retired = _read_retired(reader, items)
    check_default_market(head, reader, markets)
    check_aggregated_flow(head, reader, flows, methods, factors.of_flows)
    violations.raise_if_any()
    return Dataset(
        id=head.id,
        version=head.version,
        sha256=sha256,
        description=head.description,
        default_region=head.default_region,
        electricity_year=head.electricity_year or 0,
        electricity_reference=head.electricity_reference,
        aggregated_flow=head.aggregated_flow,
        activities=activities,
        exchanges=exchanges,
        rows={row.line_id: row for rows in exchanges.values() for row in rows},
        flows=flows,
        methods=methods,
        factors={key: factors.of_flows.get(key, {}) for key in methods},
        regional_factors=factors.regional,
        coverage=coverage,
        markets=markets,
        routes=routes,
        retired=retired,
        compositions=compositions,
    )


def _read_compositions(tables: Tables, items: Mapping[str, object]) -> dict[str, dict[str, float]]:
    """Read contents of elements [kg / unit], by item and element."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for reader in tables.rows("compositions", "item_id", "element"):
        item = tables.link(reader, "item_id", items, _ITEMS)
        element, content = reader.identifier("element"), reader.not_negative("kg_per_unit")
        tables.source(reader)
        tables.confidence(reader)
        if item and element and content is not None:
            found[item][element] = content
    return found


def _read_retired(tables: Tables, items: Mapping[str, object]) -> dict[str, Retirement]:
    """Read ids that the dataset no longer has, with what to use instead."""
    found: dict[str, Retirement] = {}
    for reader in tables.rows("retired", "id"):
        id_, version = reader.identifier("id"), reader.identifier("version")
        successor = tables.link(reader, "successor_id", items, _ITEMS, required=False)
        reasons = {name: reader.text(name) or "" for name in ("reason_en", "reason_zh")}
        if id_ and id_ in items:
            tables.violations.add(RetiredExists(reader.at("id"), id_))
        elif id_ and version and successor is not None:
            found[id_] = Retirement(id_, successor, version, **reasons)
    return found
