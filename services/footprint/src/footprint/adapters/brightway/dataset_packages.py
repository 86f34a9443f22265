"""A dataset as one `bw_processing` datapackage, for bw2calc and whatever else reads these.

Columns are activities in their default places, rows of the technosphere the same, so that column
and row of an id are one number. Rows of the biosphere are flows; a flow that a method counts
otherwise elsewhere has a row for each place. Each method is a vector of its own, in column 0.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bw_processing as bwp
import numpy as np

from footprint.adapters.brightway.datapackages import Entries
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_system import PlacedFlow, link_dataset, placed_flows
from footprint.domain.system import LinkedSystem

#: Raised whenever the same dataset gives another package.
FORMAT = 1
TECHNOSPHERE, BIOSPHERE, CHARACTERIZATION = "technosphere", "biosphere", "characterization"


@dataclass(frozen=True, slots=True)
class PackagedDataset:
    """What stands in a package.

    Attributes
    ----------
    methods
        Vectors of the package by method; a method that counts no flow that occurs has none.
    """

    activities: int
    flows: int
    exchanges: int
    methods: tuple[str, ...]


def write_package(dataset: Dataset, region: str | None, path: Path) -> PackagedDataset:
    """Write a dataset, with unit processes in a region or the default one, to a zip file."""
    system = link_dataset(dataset, region)
    # The node that asks for everything stands first; it is no activity of the dataset.
    count = len(system.processes) - 1
    emissions = list(placed_flows(system, dataset))
    flows = {flow: row for row, flow in enumerate(dict.fromkeys(each[1] for each in emissions))}
    package = bwp.create_datapackage(
        fs=bwp.generic_zipfile_filesystem(dirpath=path.parent, filename=path.name, write=True),
        name=f"{dataset.id}-{dataset.version}",
        metadata={
            "greenchain": {
                "format": FORMAT,
                "dataset": {
                    "id": dataset.id,
                    "version": dataset.version,
                    "sha256": dataset.sha256,
                },
                "region": region or dataset.default_region,
                "electricity_year": dataset.electricity_year,
            }
        },
    )
    links = [link for link in system.links if link.consumer != system.product]
    diagonal = np.arange(count, dtype=np.int64)
    suppliers = np.array([link.supplier - 1 for link in links], dtype=np.int64)
    consumers = np.array([link.consumer - 1 for link in links], dtype=np.int64)
    amounts = np.array([link.amount for link in links], dtype=np.float64)
    _add(
        package,
        TECHNOSPHERE,
        f"{TECHNOSPHERE}_matrix",
        Entries(
            np.concatenate([diagonal, suppliers]),
            np.concatenate([diagonal, consumers]),
            np.concatenate([np.ones(count), -amounts]),
        ),
    )
    _add(
        package,
        BIOSPHERE,
        f"{BIOSPHERE}_matrix",
        Entries(
            np.array([flows[flow] for _, flow, _ in emissions], dtype=np.int64),
            np.array([process - 1 for process, _, _ in emissions], dtype=np.int64),
            np.array([amount for _, _, amount in emissions], dtype=np.float64),
        ),
    )
    written = tuple(_add_methods(package, dataset, flows))
    package.add_json_metadata(
        data=_activities(system, dataset), valid_for=TECHNOSPHERE, name="activities"
    )
    package.add_json_metadata(data=_flows(flows, dataset), valid_for=BIOSPHERE, name="flows")
    package.finalize_serialization()
    return PackagedDataset(count, len(flows), len(links) + len(emissions), written)


def _add_methods(package: Any, dataset: Dataset, flows: dict[PlacedFlow, int]) -> list[str]:
    written = []
    for method in dataset.methods.values():
        factors = {
            row: factor
            for flow, row in flows.items()
            if (factor := dataset.factor_of(method.id, flow.flow_id, flow.location))
        }
        if not factors:
            continue
        rows = np.array(list(factors), dtype=np.int64)
        amounts = np.array(list(factors.values()), dtype=np.float64)
        _add(
            package,
            method.id,
            f"{CHARACTERIZATION}_matrix",
            Entries(rows, np.zeros(len(rows), dtype=np.int64), amounts),
            method_id=method.id,
            unit=method.unit,
            category_of_impact=method.category,
        )
        written.append(method.id)
    return written


def _add(package: Any, name: str, matrix: str, entries: Entries, **about: str) -> None:
    indices = np.empty(len(entries.row), dtype=bwp.INDICES_DTYPE)
    indices["row"], indices["col"] = entries.row, entries.column
    package.add_persistent_vector(
        matrix=matrix,
        name=name,
        indices_array=indices,
        data_array=np.ascontiguousarray(entries.amount, dtype=np.float64),
        **about,
    )


def _activities(system: LinkedSystem, dataset: Dataset) -> list[dict[str, Any]]:
    """Say which activity each column is, in their order."""
    return [
        {
            "index": index,
            "id": process.activity_id,
            "key": process.key,
            "location": process.region,
            "unit": process.unit,
            "reference_product": dataset.activities[process.activity_id].reference_product,
            "name": {"en": process.name_en, "zh": process.name_zh},
        }
        for index, process in enumerate(system.processes[1:])
    ]


def _flows(flows: dict[PlacedFlow, int], dataset: Dataset) -> list[dict[str, Any]]:
    """Say which flow each row is, in their order."""
    return [
        {
            "index": row,
            "id": flow.flow_id,
            "location": flow.location,
            "unit": dataset.flows[flow.flow_id].unit,
            "compartment": dataset.flows[flow.flow_id].compartment,
            "name": {
                "en": dataset.flows[flow.flow_id].name_en,
                "zh": dataset.flows[flow.flow_id].name_zh,
            },
        }
        for flow, row in flows.items()
    ]


def read_contents(archive: zipfile.ZipFile) -> PackagedDataset:
    """Say what stands in a package."""
    header, activities, flows = (
        json.loads(archive.read(f"{name}.json")) for name in ("datapackage", "activities", "flows")
    )
    rows = {each["group"]: each["nrows"] for each in header["resources"] if "group" in each}
    entries = rows[TECHNOSPHERE] - len(activities) + rows[BIOSPHERE]
    methods = tuple(name for name in rows if name not in (TECHNOSPHERE, BIOSPHERE))
    return PackagedDataset(len(activities), len(flows), entries, methods)
