"""From the rows of a dataset's tables to a `Dataset`, or to all that is wrong with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from chassis import units
from chassis.errors import Location
from footprint.domain.dataset import (
    Activity,
    ActivityKind,
    CharacterizationFactor,
    Confidence,
    Dataset,
    ElectricityMarket,
    ElementaryFlow,
    Exchange,
    ExchangeKind,
    Method,
    Retirement,
    Route,
    Source,
    Support,
    Uncertainty,
    Verdict,
)
from footprint.domain.dataset_columns import (
    COLUMNS,
    DISTRIBUTIONS,
    PEDIGREE,
    REDISTRIBUTION,
)
from footprint.domain.dataset_errors import (
    ActivityWithoutExchanges,
    MissingTable,
    RefusedLicence,
    UnfitDefault,
    UnfitReference,
    UnitDiffers,
    UnlinkedRow,
    ZeroNetOutput,
)
from footprint.domain.errors import BadUncertainty, Duplicate, UnknownUnit
from footprint.domain.rows import RowReader, Violations

Row = Mapping[str, str]


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
        column.
    """
    settings = header["greenchain"]
    reader = _Tables(tables, Violations(), settings["electricity_reference"])
    reader.read_sources()
    reader.read_activities()
    reader.read_flows()
    reader.read_exchanges()
    reader.read_methods()
    reader.read_markets()
    reader.read_routes()
    reader.read_others()
    reader.named("datapackage.json", "default_region", settings, {r for r, _ in reader.markets})
    reader.named("datapackage.json", "aggregated_flow", settings, reader.flows)
    reader.named("datapackage.json", "electricity_reference", settings, reader.activities)
    reader.violations.raise_if_any()
    return Dataset(
        id=str(header["name"]),
        version=str(header["version"]),
        sha256=sha256,
        description=settings["description"],
        default_region=settings["default_region"],
        electricity_year=settings["electricity_year"],
        electricity_reference=settings["electricity_reference"],
        aggregated_flow=settings["aggregated_flow"],
        activities=reader.activities,
        exchanges={key: tuple(rows) for key, rows in reader.exchanges.items()},
        rows={row.line_id: row for rows in reader.exchanges.values() for row in rows},
        flows=reader.flows,
        methods=reader.methods,
        factors={key: reader.factors.get(key, {}) for key in reader.methods},
        regional_factors=reader.regional,
        coverage=reader.coverage,
        markets=reader.markets,
        routes=reader.routes,
        retired=reader.retired,
        compositions=reader.compositions,
    )


@dataclass(slots=True)
class _Tables:
    """Reads table by table; what is wrong is noted and the row left out."""

    tables: Mapping[str, Iterable[Row]]
    violations: Violations
    electricity_reference: str
    sources: dict[str, Source] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    flows: dict[str, ElementaryFlow] = field(default_factory=dict)
    exchanges: dict[str, list[Exchange]] = field(default_factory=lambda: defaultdict(list))
    methods: dict[str, Method] = field(default_factory=dict)
    factors: dict[str, dict[str, CharacterizationFactor]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    regional: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    coverage: dict[str, dict[str, Support]] = field(default_factory=lambda: defaultdict(dict))
    markets: dict[tuple[str, int], ElectricityMarket] = field(default_factory=dict)
    routes: dict[str, dict[str, Route]] = field(default_factory=lambda: defaultdict(dict))
    retired: dict[str, Retirement] = field(default_factory=dict)
    compositions: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))

    def rows(self, table: str, *key: str) -> Iterator[RowReader]:
        """Yield the rows of a table, once each: a second one would replace the first."""
        file = f"{table}.csv"
        if table not in self.tables:
            self.violations.add(MissingTable(Location(field="", table=file)))
            return
        first_rows: dict[tuple[str, ...], int] = {}
        for number, values in enumerate(self.tables[table], start=1):
            value = tuple(str(values.get(name) or "") for name in key)
            reader = RowReader(
                values, self.violations, row=number, id="/".join(value) or None, table=file
            )
            if number == 1:
                reader.refuse_unknown(COLUMNS[table])
            if value in first_rows:
                at = reader.at(key[0])
                self.violations.add(Duplicate(at, "/".join(value), first_rows[value]))
                continue
            first_rows[value] = number
            yield reader

    def named(
        self, table: str, name: str, values: Mapping[str, Any], known: Iterable[str]
    ) -> str | None:
        """Read what names a row of another table; None if there is none."""
        return self._link(
            RowReader(values, self.violations, table=table), name, known, "the package"
        )

    def _link(
        self,
        reader: RowReader,
        name: str,
        known: Iterable[str],
        table: str,
        *,
        required: bool = True,
    ) -> str | None:
        value = reader.identifier(name, required=required)
        if not value:
            return value
        names = known if isinstance(known, Mapping) else set(known)
        if value in names:
            return value
        closest = get_close_matches(value, list(names), n=1, cutoff=0.6)
        hint_en = f", e.g. {closest[0]}" if closest else ""
        hint_zh = f"，例如 {closest[0]}" if closest else ""
        self.violations.add(UnlinkedRow(reader.at(name), value, table, hint_en, hint_zh))
        return None

    def _source(self, reader: RowReader) -> Source | None:
        source = self._link(reader, "source_id", self.sources, "sources.csv")
        locator = reader.text("source_locator")
        if not source or locator is None:
            return None
        of = self.sources[source]
        return Source(of.title, locator, of.doi_or_url, of.licence, of.year)

    def _confidence(self, reader: RowReader) -> Confidence | None:
        value = reader.one_of("confidence", [each.value for each in Confidence])
        return None if value is None else Confidence(value)

    def _year(self, reader: RowReader, name: str) -> int | None:
        number = reader.finite(name)
        return None if number is None else int(number)

    def read_sources(self) -> None:
        """Read licences and sources; one whose terms refuse it is a fault."""
        licences: dict[str, str] = {}
        titles: dict[str, str] = {}
        for reader in self.rows("licences", "id"):
            id_ = reader.identifier("id")
            allowed = reader.one_of("redistribution", REDISTRIBUTION)
            title = reader.text("title")
            reader.text("evidence")
            if id_ and allowed and title:
                licences[id_], titles[id_] = allowed, title
        for reader in self.rows("sources", "id"):
            id_ = reader.identifier("id")
            title, year = reader.text("title"), self._year(reader, "year")
            reader.text("evidence")
            url = reader.text("doi_or_url", required=False)
            licence = self._link(reader, "licence_id", licences, "licences.csv")
            if licence and licences[licence] == "refused":
                self.violations.add(RefusedLicence(reader.at("licence_id"), licence))
            if id_ and title and licence:
                self.sources[id_] = Source(title, "", url or "", titles[licence], year)

    def read_activities(self) -> None:
        for reader in self.rows("activities", "id"):
            id_, unit = reader.identifier("id"), reader.identifier("unit")
            if unit and not units.is_known(unit):
                self.violations.add(UnknownUnit(reader.at("unit"), unit, "kg, kWh, t.km"))
            kind = reader.one_of("kind", [each.value for each in ActivityKind])
            source, confidence = self._source(reader), self._confidence(reader)
            year = self._year(reader, "valid_year")
            texts = {
                name: reader.text(name) or ""
                for name in ("name_en", "name_zh", "reference_product", "location", "sector")
            }
            scores = tuple(int(reader.one_of(name, "12345") or 5) for name in PEDIGREE)
            if id_ and unit and kind and source and confidence and year:
                self.activities[id_] = Activity(
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

    def read_flows(self) -> None:
        for reader in self.rows("elementary_flows", "id"):
            id_, unit = reader.identifier("id"), reader.identifier("unit")
            if unit and not units.is_known(unit):
                self.violations.add(UnknownUnit(reader.at("unit"), unit, "kg, MJ, m3"))
            texts = {
                name: reader.text(name) or "" for name in ("name_en", "name_zh", "compartment")
            }
            cas = reader.text("cas", required=False) or ""
            if id_ and unit:
                self.flows[id_] = ElementaryFlow(id=id_, unit=unit, cas=cas, **texts)

    def read_exchanges(self) -> None:
        """Read what activities take and emit, and note activities of which there is nothing."""
        places: dict[str, Location] = {}
        for reader in self.rows("exchanges", "line_id"):
            exchange = self._exchange(reader)
            if exchange is not None:
                self.exchanges[exchange.activity_id].append(exchange)
        for row, (id_, activity) in enumerate(self.activities.items(), start=1):
            if activity.kind is not ActivityKind.MARKET_REFERENCE and id_ not in self.exchanges:
                places[id_] = Location(field="id", row=row, id=id_, table="activities.csv")
                self.violations.add(ActivityWithoutExchanges(places[id_], id_))

    def _exchange(self, reader: RowReader) -> Exchange | None:
        line_id = reader.identifier("line_id")
        activity = self._link(reader, "activity_id", self.activities, "activities.csv")
        kind = reader.one_of("exchange_type", [each.value for each in ExchangeKind])
        is_input = kind == ExchangeKind.TECHNOSPHERE
        linked: Mapping[str, Activity | ElementaryFlow] = (
            self.activities if is_input else self.flows
        )
        table = "activities.csv" if is_input else "elementary_flows.csv"
        item = None if kind is None else self._link(reader, "input_id", linked, table)
        amount, unit = reader.finite("amount"), reader.identifier("unit")
        if item and unit and unit != linked[item].unit:
            self.violations.add(UnitDiffers(reader.at("unit"), unit, item, linked[item].unit))
        if item and item == activity and amount is not None and amount >= 1.0:
            self.violations.add(ZeroNetOutput(reader.at("amount"), item, amount))
        uncertainty = self._uncertainty(reader, amount)
        source, confidence = self._source(reader), self._confidence(reader)
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

    def _uncertainty(self, reader: RowReader, amount: float | None) -> Uncertainty:
        kind = reader.one_of("uncertainty_type", DISTRIBUTIONS)
        gsd = reader.finite("gsd", required=kind == "lognormal")
        if gsd is not None and gsd < 1.0:
            self.violations.add(BadUncertainty(reader.at("gsd"), gsd))
        bounded = kind == "triangular"
        least, most = (reader.finite(name, required=bounded) for name in ("min", "max"))
        if (
            bounded
            and least is not None
            and most is not None
            and amount is not None
            and not least <= amount <= most
        ):
            self.violations.add(BadUncertainty(reader.at("amount"), amount))
        return Uncertainty(kind or "none", gsd, least, most)

    def read_methods(self) -> None:
        """Read methods, their factors, and where these depend on the place."""
        for reader in self.rows("methods", "id"):
            id_, unit, source = reader.identifier("id"), reader.text("unit"), self._source(reader)
            kind = reader.one_of("kind", ("climate", "other"))
            verdict = reader.one_of("verdict", [each.value for each in Verdict])
            threshold = reader.not_negative("threshold_percent")
            names = ("name_en", "name_zh", "category", "version", "note_en", "note_zh")
            texts = {name: reader.text(name) or "" for name in names}
            if id_ and unit and source and kind and verdict and threshold is not None:
                self.methods[id_] = Method(
                    id=id_,
                    unit=unit,
                    is_climate=kind == "climate",
                    threshold_percent=threshold,
                    verdict=Verdict(verdict),
                    source=source,
                    **texts,
                )
        for reader in self.rows("characterization", "method_id", "flow_id"):
            method = self._link(reader, "method_id", self.methods, "methods.csv")
            flow = self._link(reader, "flow_id", self.flows, "elementary_flows.csv")
            factor, unit = reader.finite("factor"), reader.text("unit")
            source, confidence = self._source(reader), self._confidence(reader)
            note = reader.text("note", required=False) or ""
            if method and flow and unit and factor is not None and source and confidence:
                self._check_factor_unit(reader, unit, method, flow)
                self.factors[method][flow] = CharacterizationFactor(
                    method, flow, factor, unit, source, confidence, note
                )
        for reader in self.rows("regional_factors", "method_id", "location"):
            method = self._link(reader, "method_id", self.methods, "methods.csv")
            location, factor = reader.identifier("location"), reader.finite("factor")
            self._source(reader)
            self._confidence(reader)
            if method and location and factor is not None:
                self.regional[method][location] = factor

    def _check_factor_unit(self, reader: RowReader, unit: str, method: str, flow: str) -> None:
        """Note a factor that is not given per unit of its flow."""
        _, _, per = unit.rpartition("/")
        if per != self.flows[flow].unit:
            expected = f"{self.methods[method].unit}/{self.flows[flow].unit}"
            self.violations.add(UnitDiffers(reader.at("unit"), unit, flow, expected))

    def read_markets(self) -> None:
        for reader in self.rows("markets", "reference_id", "region", "year"):
            reference = self._reference(reader)
            region, year = reader.identifier("region"), self._year(reader, "year")
            activity = self._supplying(reader, reference)
            source, confidence = self._source(reader), self._confidence(reader)
            note = reader.text("note", required=False) or ""
            if region and year and activity and source and confidence:
                market = ElectricityMarket(region, year, activity, source, confidence, note)
                self.markets[region, year] = market

    def read_routes(self) -> None:
        """Read routes; each reference but the electricity has some, one of them by default."""
        for reader in self.rows("routes", "reference_id", "route_id"):
            reference, id_ = self._reference(reader), reader.identifier("route_id")
            activity = self._supplying(reader, reference)
            is_default = reader.one_of("is_default", ("true", "false"))
            names = {name: reader.text(name) or "" for name in ("name_en", "name_zh")}
            source, confidence = self._source(reader), self._confidence(reader)
            if reference and id_ and activity and source and confidence:
                self.routes[reference][id_] = Route(
                    reference_id=reference,
                    id=id_,
                    activity_id=activity,
                    is_default=is_default == "true",
                    source=source,
                    confidence=confidence,
                    **names,
                )
        for row, (id_, activity_) in enumerate(self.activities.items(), start=1):
            if activity_.kind is not ActivityKind.MARKET_REFERENCE:
                continue
            if id_ == self.electricity_reference:
                continue
            count = sum(route.is_default for route in self.routes.get(id_, {}).values())
            if count != 1:
                at = Location(field="is_default", id=id_, row=row, table="activities.csv")
                self.violations.add(UnfitDefault(at, id_, count))

    def _reference(self, reader: RowReader) -> str | None:
        references = [
            id_
            for id_, activity in self.activities.items()
            if activity.kind is ActivityKind.MARKET_REFERENCE
        ]
        return self._link(reader, "reference_id", references, "activities.csv (market_reference)")

    def _supplying(self, reader: RowReader, reference: str | None) -> str | None:
        """Read the activity behind a reference, which supplies the same product."""
        activity = self._link(reader, "activity_id", self.activities, "activities.csv")
        if not activity or not reference:
            return activity
        stands, gives = self.activities[reference], self.activities[activity]
        same = (stands.reference_product, stands.unit) == (gives.reference_product, gives.unit)
        if not same or gives.kind is ActivityKind.MARKET_REFERENCE:
            expected = f"{stands.reference_product} [{stands.unit}]"
            self.violations.add(UnfitReference(reader.at("activity_id"), activity, expected))
        return activity

    def read_others(self) -> None:
        """Read coverage, compositions and retired ids."""
        for reader in self.rows("coverage", "activity_id", "method_id"):
            activity = self._link(reader, "activity_id", self.activities, "activities.csv")
            method = self._link(reader, "method_id", self.methods, "methods.csv")
            support = reader.one_of("coverage", [each.value for each in Support])
            reader.text("reason")
            if activity and method and support:
                self.coverage[method][activity] = Support(support)
        items = {**self.activities, **self.flows}
        for reader in self.rows("compositions", "item_id", "element"):
            item = self._link(reader, "item_id", items, "activities.csv or elementary_flows.csv")
            element, content = reader.identifier("element"), reader.not_negative("kg_per_unit")
            self._source(reader)
            self._confidence(reader)
            if item and element and content is not None:
                self.compositions[item][element] = content
        for reader in self.rows("retired", "id"):
            id_, version = reader.identifier("id"), reader.identifier("version")
            successor = self._link(reader, "successor_id", items, "activities.csv", required=False)
            reasons = {name: reader.text(name) or "" for name in ("reason_en", "reason_zh")}
            if id_ and version and successor is not None:
                self.retired[id_] = Retirement(id_, successor, version, **reasons)
