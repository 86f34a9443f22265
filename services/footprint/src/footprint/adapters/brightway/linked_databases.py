"""From linked Brightway datasets, as bw2io and bw2data hold them, to matrices."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from footprint.adapters.backgrounds.collected import (
    Cells,
    Collected,
    CollectedActivity,
    CollectedFlow,
)
from footprint.domain.background_errors import CannotImport

#: Types of exchanges, as bw2data labels them: what stands above zero in the matrix, what below.
GIVEN = ("production", "generic production", "substitution")
TAKEN = ("technosphere", "generic consumption")
EMITTED = "biosphere"
_NAMED = 5

Key = tuple[str, str]
Dataset = Mapping[str, Any]


def collect(
    title: str,
    processes: Mapping[Key, Dataset],
    codes: Mapping[Key, str],
    flows: Mapping[Key, Dataset],
    left_out: int = 0,
) -> Collected:
    """Return the matrices of linked datasets.

    Parameters
    ----------
    processes
        Datasets by key; their exchanges name keys as `input`.
    codes
        What each process is called.
    flows
        What is known of elementary flows by key; of others their exchanges tell.
    left_out
        Inputs without a supplier that were left out.

    Raises
    ------
    CannotImport
        If a product has several producers, or an input has none.
    """
    linked = _Linked(title, processes)
    for key, dataset in processes.items():
        linked.add(key, dataset, flows)
    linked.refuse_unlinked()
    return Collected(
        activities=[_activity(codes[key], dataset) for key, dataset in processes.items()],
        flows=list(linked.flows.values()),
        technosphere=_cells(linked.technosphere),
        biosphere=_cells(linked.biosphere),
        left_out=left_out,
    )


class _Linked:
    def __init__(self, title: str, processes: Mapping[Key, Dataset]) -> None:
        self.title = title
        self.places = {key: place for place, key in enumerate(processes)}
        self.products = self._products(processes)
        self.flows: dict[Key, CollectedFlow] = {}
        self._flow_places: dict[Key, int] = {}
        self.technosphere: list[tuple[int, int, float]] = []
        self.biosphere: list[tuple[int, int, float]] = []
        self.unlinked: list[str] = []

    def _products(self, processes: Mapping[Key, Dataset]) -> dict[Key, int]:
        """Return the row of each product: that of the process which gives it.

        A process stands for its own product unless a product is a node of its own.
        """
        rows = dict(self.places)
        for key, dataset in processes.items():
            for exchange in dataset.get("exchanges", ()):
                item = _input(exchange)
                if exchange.get("type") not in GIVEN[:2] or item in self.places:
                    continue
                if rows.setdefault(item, self.places[key]) != self.places[key]:
                    raise CannotImport(
                        self.title,
                        f"product {item[1]} has several producers; allocate it first",
                        f"产品 {item[1]} 有多个生产者，请先分配",
                    )
        return rows

    def add(self, key: Key, dataset: Dataset, flows: Mapping[Key, Dataset]) -> None:
        """Add the exchanges of a process."""
        column, gives = self.places[key], False
        for exchange in dataset.get("exchanges", ()):
            kind, amount, item = exchange.get("type"), float(exchange["amount"]), _input(exchange)
            if kind == EMITTED:
                self.biosphere.append((self._flow(item, flows.get(item, exchange)), column, amount))
            elif kind in (*GIVEN, *TAKEN):
                row = self.products.get(item)
                if row is None:
                    self.unlinked.append(f"{exchange.get('name') or item[1]} → {dataset['name']}")
                    continue
                gives = gives or (kind in GIVEN and row == column)
                self.technosphere.append((row, column, amount if kind in GIVEN else -amount))
        if not gives:
            # As bw2data has it: one unit, where nothing is said.
            self.technosphere.append((column, column, 1.0))

    def _flow(self, item: Key, told: Dataset) -> int:
        if item not in self._flow_places:
            self._flow_places[item] = len(self.flows)
            self.flows[item] = CollectedFlow(
                key=item[1],
                name=str(told.get("name") or item[1]),
                compartment="/".join(map(str, told.get("categories") or ())),
                cas=str(told.get("CAS number") or told.get("cas_number") or ""),
                unit=str(told.get("unit") or ""),
            )
        return self._flow_places[item]

    def refuse_unlinked(self) -> None:
        """Refuse inputs without a supplier: their share would be lost, unseen."""
        if self.unlinked:
            names = "; ".join(self.unlinked[:_NAMED])
            count = len(self.unlinked)
            raise CannotImport(
                self.title,
                f"{count} inputs have no supplier: {names}",
                f"{count} 项投入没有供应者：{names}",
            )


def _input(exchange: Dataset) -> Key:
    item = exchange.get("input") or ("", "")
    return str(item[0]), str(item[1])


def _activity(code: str, dataset: Dataset) -> CollectedActivity:
    name = str(dataset.get("name") or code)
    return CollectedActivity(
        code=code,
        name=name,
        reference_product=str(dataset.get("reference product") or name),
        unit=str(dataset.get("unit") or ""),
        location=str(dataset.get("location") or "GLO"),
    )


def _cells(entries: list[tuple[int, int, float]]) -> Cells:
    row, column, amount = zip(*entries, strict=True) if entries else ((), (), ())
    return Cells(
        np.array(row, dtype=np.int64),
        np.array(column, dtype=np.int64),
        np.array(amount, dtype=np.float64),
    )
