"""The linked system: processes as nodes, ready to become ``A s = f, g = B s, h = C g``.

Pure values and indices; adapters turn them into arrays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from footprint.domain.product import BomLine, CitedParameter
from footprint.domain.supplier import SupplierPcf


class ProcessKind(StrEnum):
    """What a node of the system stands for."""

    PRODUCT = "product"
    STAGE = "stage"
    INTERMEDIATE = "intermediate"
    UNIT_PROCESS = "unit_process"
    SYSTEM_PROCESS = "system_process"
    MARKET = "market"
    SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Process:
    """An instance of an activity at a place, with a reference output of 1 `unit`.

    Attributes
    ----------
    key
        ``lfp_cathode@CN-SC``; ``…#supplier`` for a supplier's own footprint.
    activity_id
        Activity of the dataset, or the product, stage or intermediate itself.
    """

    key: str
    activity_id: str
    region: str
    kind: ProcessKind
    unit: str
    name_en: str
    name_zh: str


class OriginKind(StrEnum):
    """Who states an amount of the system."""

    DATASET = "dataset"
    """A row of the dataset, by the line id."""
    LINE = "line"
    """A line of the product's own model, or of a part's."""
    ROUTE = "route"
    """Nobody: a market reference takes one of its routes."""
    STRUCTURE = "structure"
    """Nobody: a product has its stages."""
    RECORD = "record"
    """A plant that is calculated by itself, by its own records."""
    DECLARATION = "declaration"
    """A supplier, by the id of the declaration."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an amount comes from.

    Attributes
    ----------
    line, part, per
        The line, the path of the part whose model has it (empty for the product's own), and how
        many units of the input's own declared unit one unit of the process stands for: the line's
        amount divided by it is the amount in the system.
    route
        Reference and option of a route.
    parameters
        What a computed amount rests on.
    """

    kind: OriginKind
    line: BomLine | None = None
    part: str = ""
    per: float = 1.0
    route: tuple[str, str] | None = None
    parameters: tuple[CitedParameter, ...] = ()


OF_DATASET = Origin(OriginKind.DATASET)


@dataclass(frozen=True, slots=True)
class Link:
    """What `consumer` takes from `supplier` (indices into `LinkedSystem.processes`).

    Attributes
    ----------
    amount
        Amount [unit of the supplier / unit of the consumer].
    """

    line_id: str
    supplier: int
    consumer: int
    amount: float
    origin: Origin = OF_DATASET


@dataclass(frozen=True, slots=True)
class Emission:
    """What a process emits itself.

    Attributes
    ----------
    amount
        Amount [unit of the flow / unit of the process].
    """

    line_id: str
    flow_id: str
    process: int
    amount: float
    origin: Origin = OF_DATASET


@dataclass(frozen=True, slots=True)
class ForegroundLine:
    """A line of the maker's own model that leaves it: a purchase or a direct emission.

    Lines between product, stages and intermediates are not listed, so the emissions of these
    lines partition the result.

    Attributes
    ----------
    input_key
        Key of the process bought from, or id of the elementary flow.
    supplier
        Index of the process bought from; None for a direct emission.
    consumer
        Index of the node that consumes or emits.
    own_plant
        The amount is the plant's own record of energy or direct emissions.
    """

    line_id: str
    input_id: str
    input_key: str
    supplier: int | None
    flow_id: str | None
    consumer: int
    amount: float
    own_plant: bool


@dataclass(frozen=True, slots=True)
class LinkedSystem:
    """A product, its stages and everything upstream.

    The product consumes 1 of each stage inside the boundary, so that the stages' scores come out
    of the same solve and sum to the headline; stages beyond the boundary are nodes that the
    product does not consume.

    Attributes
    ----------
    factors
        Factors of the method for the flows that occur [kg CO2e / unit of the flow].
    product
        Index of the product; its reference output is one declared unit.
    stages, beyond
        Index of each stage inside and beyond the boundary.
    suppliers
        Suppliers' footprints by index of the process that stands for them.
    """

    method_id: str
    processes: tuple[Process, ...]
    links: tuple[Link, ...]
    emissions: tuple[Emission, ...]
    factors: Mapping[str, float]
    product: int
    stages: Mapping[str, int]
    beyond: Mapping[str, int]
    foreground: tuple[ForegroundLine, ...]
    suppliers: Mapping[int, SupplierPcf]

    def names(self, indices: tuple[int, ...]) -> tuple[str, ...]:
        """Keys of some processes, for messages."""
        return tuple(self.processes[index].key for index in indices)

    @property
    def all_stages(self) -> dict[str, int]:
        return {**self.stages, **self.beyond}
