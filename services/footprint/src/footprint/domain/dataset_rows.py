"""From the rows of a dataset's files to a `Dataset`; refuses what does not hold together."""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.errors import GreenchainError, Kind
from footprint.domain.dataset import (
    Activity,
    ActivityKind,
    CharacterizationFactor,
    Dataset,
    ElectricityMarket,
    ElementaryFlow,
    Exchange,
    ExchangeKind,
    Source,
    Uncertainty,
)

Row = Mapping[str, str]


@dataclass(eq=False)
class InvalidDataset(GreenchainError):
    """A dataset whose rows do not hold together."""

    code: ClassVar[str] = "footprint.dataset.invalid"
    kind: ClassVar[Kind] = Kind.INVALID
    en: ClassVar[str] = "Dataset {dataset_id}, {file}: row {row_id} {reason_en}."
    zh: ClassVar[str] = "数据集 {dataset_id}，{file}：行 {row_id} {reason_zh}。"

    dataset_id: str
    file: str
    row_id: str
    reason_en: str
    reason_zh: str


def dataset_from_rows(
    header: Mapping[str, Any],
    sha256: str,
    *,
    activities: Iterable[Row],
    exchanges: Iterable[Row],
    elementary_flows: Iterable[Row],
    characterization: Iterable[Row],
    electricity_markets: Iterable[Row],
) -> Dataset:
    """Build a dataset from the rows of its files.

    Parameters
    ----------
    header
        Content of `dataset.json`.
    sha256
        Content hash of the dataset.

    Raises
    ------
    InvalidDataset
        If a row stands twice, links nowhere, is given in another unit than what it links to, or is
        not finite, or if the header names what is not there.
    """
    reader = _DatasetReader(str(header["id"]))
    found = {
        row["id"]: reader.activity(row) for row in reader.once("activities.csv", activities, "id")
    }
    flows = {
        row["id"]: ElementaryFlow(**_texts(row, _FLOW_FIELDS))
        for row in reader.once("elementary_flows.csv", elementary_flows, "id")
    }
    by_activity: dict[str, list[Exchange]] = defaultdict(list)
    for row in reader.once("exchanges.csv", exchanges, "line_id"):
        exchange = reader.exchange(row, found, flows)
        by_activity[exchange.activity_id].append(exchange)
    factors: dict[str, dict[str, CharacterizationFactor]] = defaultdict(dict)
    for row in reader.once("characterization.csv", characterization, "method_id", "flow_id"):
        factor = reader.factor(row, flows)
        factors[factor.method_id][factor.flow_id] = factor
    reference = reader.reference(header, found)
    markets = {
        row["region"]: reader.market(row, found, reference)
        for row in reader.once("electricity_markets.csv", electricity_markets, "region")
    }
    reader.named(header, "default_region", markets)
    reader.named(header, "aggregated_flow", flows)
    return Dataset(
        id=str(header["id"]),
        version=str(header["version"]),
        sha256=sha256,
        description=header["description"],
        default_region=header["default_region"],
        electricity_reference=header["electricity_reference"],
        aggregated_flow=header["aggregated_flow"],
        activities=found,
        exchanges={key: tuple(rows) for key, rows in by_activity.items()},
        flows=flows,
        factors={key: dict(rows) for key, rows in factors.items()},
        markets=markets,
    )


_FLOW_FIELDS = ("id", "name", "compartment", "cas", "unit", "confidence")


def _texts(row: Row, names: Sequence[str]) -> dict[str, str]:
    return {name: row[name] for name in names}


def _source(row: Row) -> Source:
    return Source(
        title=row["source_title"],
        locator=row["source_locator"],
        doi_or_url=row["doi_or_url"],
        licence=row["licence"],
    )


def _supplies(activity: Activity, reference: Activity) -> bool:
    """Tell whether an activity can stand behind the reference, which supplies nothing itself."""
    return activity.kind is not ActivityKind.MARKET_REFERENCE and (
        (activity.reference_product, activity.unit) == (reference.reference_product, reference.unit)
    )


@dataclass(frozen=True, slots=True)
class _DatasetReader:
    dataset_id: str

    def once(self, file: str, rows: Iterable[Row], *key: str) -> Iterator[Row]:
        """Pass rows on and refuse one that stands twice: the second would replace the first."""
        seen: set[tuple[str, ...]] = set()
        for row in rows:
            value = tuple(row[name] for name in key)
            if value in seen:
                raise InvalidDataset(
                    self.dataset_id, file, "/".join(value), "stands twice", "重复出现"
                )
            seen.add(value)
            yield row

    def named(self, header: Mapping[str, Any], field: str, known: Container[str]) -> str:
        """Return what a field of the header names, which must be there."""
        value = str(header[field])
        if value not in known:
            raise InvalidDataset(
                self.dataset_id,
                "dataset.json",
                field,
                f"names {value!r}, which is unknown",
                f"引用了不存在的 {value!r}",
            )
        return value

    def reference(self, header: Mapping[str, Any], activities: Mapping[str, Activity]) -> Activity:
        """Return the activity that stands for the electricity of the consumer's region."""
        references = {
            id_ for id_, each in activities.items() if each.kind is ActivityKind.MARKET_REFERENCE
        }
        return activities[self.named(header, "electricity_reference", references)]

    def number(self, file: str, row_id: str, text: str) -> float:
        """Read a finite number."""
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InvalidDataset(
                self.dataset_id,
                file,
                row_id,
                f"has {text!r} where a finite number is needed",
                f"含有无效数值 {text!r}",
            )
        return value

    def optional(self, file: str, row_id: str, text: str) -> float | None:
        return self.number(file, row_id, text) if text else None

    def activity(self, row: Row) -> Activity:
        """Read a row of `activities.csv`."""
        reliability, completeness, time, geography, technology = (
            int(row[name]) for name in ("ped_R", "ped_C", "ped_T", "ped_G", "ped_F")
        )
        return Activity(
            id=row["id"],
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            reference_product=row["reference_product"],
            unit=row["unit"],
            location=row["location"],
            kind=ActivityKind(row["kind"]),
            sector=row["sector"],
            valid_year=int(row["valid_year"]),
            source=_source(row),
            technology_comment=row["technology_comment"],
            pedigree=(reliability, completeness, time, geography, technology),
            confidence=row["confidence"],
        )

    def exchange(
        self, row: Row, activities: Mapping[str, Activity], flows: Mapping[str, ElementaryFlow]
    ) -> Exchange:
        """Read a row of `exchanges.csv` and check what it links to."""
        file, line_id = "exchanges.csv", row["line_id"]
        kind = ExchangeKind(row["exchange_type"])
        linked = (activities if kind is ExchangeKind.TECHNOSPHERE else flows).get(row["input_id"])
        if linked is None or row["activity_id"] not in activities:
            raise InvalidDataset(
                self.dataset_id,
                file,
                line_id,
                f"links {row['input_id']!r} to {row['activity_id']!r}, one of which is unknown",
                f"所链接的 {row['input_id']!r} 或 {row['activity_id']!r} 不存在",
            )
        if linked.unit != row["unit"]:
            raise InvalidDataset(
                self.dataset_id,
                file,
                line_id,
                f"is given in {row['unit']}, but {linked.id} is counted in {linked.unit}",
                f"单位为 {row['unit']}，而 {linked.id} 以 {linked.unit} 计量",
            )
        return Exchange(
            line_id=line_id,
            activity_id=row["activity_id"],
            kind=kind,
            input_id=row["input_id"],
            amount=self.number(file, line_id, row["amount"]),
            unit=row["unit"],
            uncertainty=Uncertainty(
                distribution=row["uncertainty_type"],
                gsd=self.optional(file, line_id, row["gsd"]),
                minimum=self.optional(file, line_id, row["min"]),
                maximum=self.optional(file, line_id, row["max"]),
            ),
            source=_source(row),
            confidence=row["confidence"],
        )

    def factor(self, row: Row, flows: Mapping[str, ElementaryFlow]) -> CharacterizationFactor:
        """Read a row of `characterization.csv` and check that it counts what the flow does."""
        row_id = f"{row['method_id']}/{row['flow_id']}"
        flow = flows.get(row["flow_id"])
        if flow is None or row["unit"] != f"kg CO2e/{flow.unit}":
            counted = "nothing known" if flow is None else flow.unit
            raise InvalidDataset(
                self.dataset_id,
                "characterization.csv",
                row_id,
                f"is given in {row['unit']} for a flow that is counted in {counted}",
                f"单位为 {row['unit']}，与该流的计量单位（{counted}）不符",
            )
        return CharacterizationFactor(
            method_id=row["method_id"],
            flow_id=row["flow_id"],
            factor=self.number("characterization.csv", row_id, row["factor"]),
            **_texts(row, ("unit", "source", "licence", "confidence", "note")),
        )

    def market(
        self, row: Row, activities: Mapping[str, Activity], reference: Activity
    ) -> ElectricityMarket:
        """Read a row of `electricity_markets.csv` and check that it names an electricity."""
        supplier = activities.get(row["activity_id"])
        if supplier is None or not _supplies(supplier, reference):
            raise InvalidDataset(
                self.dataset_id,
                "electricity_markets.csv",
                row["region"],
                f"names {row['activity_id']!r}, which supplies no {reference.unit} of "
                f"{reference.reference_product}",
                f"引用的 {row['activity_id']!r} 不提供以 {reference.unit} 计的电力",
            )
        return ElectricityMarket(
            region=row["region"],
            activity_id=row["activity_id"],
            valid_year=int(row["valid_year"]),
            source=_source(row),
            confidence=row["confidence"],
            note=row["note"],
        )
