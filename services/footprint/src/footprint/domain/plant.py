"""A supplier's own plant: activity records of a period and what they make per unit of output."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from footprint.domain.dataset import Dataset
from footprint.domain.instances import Chain, Place, SystemBuilder
from footprint.domain.system import (
    Link,
    LinkedSystem,
    Origin,
    OriginKind,
    Process,
    ProcessKind,
)

_STRUCTURE, _RECORD = Origin(OriginKind.STRUCTURE), Origin(OriginKind.RECORD)


class RecordKind(StrEnum):
    """What a record counts; each kind but the output is a stage of the plant's footprint."""

    ELECTRICITY = "electricity"
    FUEL = "fuel"
    MATERIAL = "material"
    DIRECT_EMISSION = "direct_emission"
    OUTPUT = "output"


INPUT_KINDS = (
    RecordKind.ELECTRICITY,
    RecordKind.FUEL,
    RecordKind.MATERIAL,
    RecordKind.DIRECT_EMISSION,
)
#: Kinds whose activity data are the plant's own in the sense of the primary activity share.
OWN_ACTIVITY = frozenset({RecordKind.ELECTRICITY, RecordKind.FUEL, RecordKind.DIRECT_EMISSION})


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """One reading, invoice or count of a plant.

    Attributes
    ----------
    period_start, period_end
        First and last day, both inclusive.
    amount
        Amount [unit of the item in the dataset].
    """

    record_id: str
    period_start: date
    period_end: date
    kind: RecordKind
    item_id: str
    amount: float
    evidence: str


@dataclass(frozen=True, slots=True)
class PlantModel:
    """A plant's year (or other period) of making one product.

    Attributes
    ----------
    activity_id
        Activity of the dataset that the product is an instance of.
    """

    activity_id: str
    region: str
    period_start: date
    period_end: date
    records: tuple[ActivityRecord, ...]

    @property
    def output(self) -> float:
        """Product made in the period [unit of the activity]."""
        return sum(r.amount for r in self.records if r.kind is RecordKind.OUTPUT)

    def per_unit_of_output(self) -> dict[tuple[RecordKind, str], float]:
        """Return inputs and emissions by kind and item [unit of the item / unit of the product]."""
        totals: dict[tuple[RecordKind, str], float] = defaultdict(float)
        for record in self.records:
            if record.kind is not RecordKind.OUTPUT:
                totals[record.kind, record.item_id] += record.amount
        output = self.output
        return {key: total / output for key, total in totals.items()}


def link_plant(plant: PlantModel, dataset: Dataset, method_id: str) -> LinkedSystem:
    """Link a plant's records to the dataset; materials come from sites that are not known.

    Raises
    ------
    UnknownMethod, UncharacterizedFlow
    """
    builder = SystemBuilder(dataset)
    chain = Chain((), dataset.electricity_year)
    place = Place(plant.region, chain.year)
    activity = dataset.activities[plant.activity_id]
    key = f"{plant.activity_id}@{plant.region}#plant"
    product = builder.add_node(
        Process(
            key=key,
            activity_id=plant.activity_id,
            region=plant.region,
            kind=ProcessKind.PRODUCT,
            unit=activity.unit,
            name_en=activity.name_en,
            name_zh=activity.name_zh,
        ),
        chain,
        place,
    )
    stages = {
        kind.value: builder.add_stage(f"{key}/{kind.value}", kind.value, chain, place)
        for kind in INPUT_KINDS
    }
    for name, index in stages.items():
        builder.links.append(Link(f"stage.{name}", index, product, 1.0, _STRUCTURE))
    for (kind, item_id), amount in plant.per_unit_of_output().items():
        builder.add_foreground(
            f"{kind.value}.{item_id}",
            item_id,
            stages[kind.value],
            amount,
            _RECORD,
            own_plant=kind in OWN_ACTIVITY,
        )
    return builder.finish(method_id, product, stages, {})
