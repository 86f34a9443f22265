"""EcoSpold2 by bw2io, without a project: its parser and those strategies that need none."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from bw2io.extractors.ecospold2 import Ecospold2DataExtractor
from bw2io.strategies import (
    assign_single_product_as_activity,
    create_composite_code,
    drop_unspecified_subcategories,
    es2_assign_only_product_with_amount_as_reference_product,
    link_internal_technosphere_by_composite_code,
    normalize_units,
    remove_unnamed_parameters,
    remove_zero_amount_coproducts,
    remove_zero_amount_inputs_with_no_activity,
    update_ecoinvent_locations,
)

from footprint.adapters.backgrounds.collected import Collected
from footprint.adapters.brightway.linked_databases import collect
from footprint.domain.background_errors import CannotImport

_NAME = "ecospold2"
_NAMED = 5
#: Files that one process reads before it hands over; fewer are read without others.
_AT_ONCE = 200
#: As bw2io's importer has them, but for those that look into a project or mend uncertainties.
_STRATEGIES = (
    normalize_units,
    update_ecoinvent_locations,
    remove_zero_amount_coproducts,
    remove_zero_amount_inputs_with_no_activity,
    remove_unnamed_parameters,
    es2_assign_only_product_with_amount_as_reference_product,
    assign_single_product_as_activity,
    create_composite_code,
    drop_unspecified_subcategories,
    link_internal_technosphere_by_composite_code,
)


class _Extractor(Ecospold2DataExtractor):  # type: ignore[misc]
    """bw2io's parser, which leaves the compartments to a linked biosphere database."""

    @classmethod
    def extract_exchange(cls, exc: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().extract_exchange(exc)
        if found["type"] == "biosphere":
            place = exc.compartment
            found["categories"] = (place.compartment.text, place.subcompartment.text)
            found["input"] = (_NAME, found["flow"])
        return found


def read_ecospold2(folder: Path) -> Collected:
    """Read all `.spold` files of a folder: unit processes of one system model, linked.

    Raises
    ------
    CannotImport
    """
    title = str(folder)
    names = sorted(path.name for path in folder.glob("*.spold")) if folder.is_dir() else []
    if not names:
        raise CannotImport(title, "it has no .spold files", "其中没有 .spold 文件")
    datasets = _extract(folder, names)
    for strategy in _STRATEGIES:
        if strategy is create_composite_code:
            _refuse_unallocated(title, datasets)
        datasets = strategy(datasets)
    left_out = sum(map(_leave_out, datasets))
    processes = {(_NAME, str(each["code"])): each for each in datasets}
    if len(processes) < len(datasets):
        raise CannotImport(title, "activities stand in it more than once", "其中有重复的活动")
    return collect(title, processes, {key: key[1] for key in processes}, {}, left_out)


def _refuse_unallocated(title: str, datasets: list[dict[str, Any]]) -> None:
    """Refuse activities with several products, of which bw2io has picked none.

    Raises
    ------
    CannotImport
    """
    names = [str(each["name"]) for each in datasets if "flow" not in each]
    if names:
        told = "; ".join(names[:_NAMED])
        raise CannotImport(
            title,
            f"{len(names)} activities have no product of their own, or several, allocate them "
            f"first: {told}",
            f"{len(names)} 个活动没有自身产品或有多个产品，请先分配：{told}",
        )


def _extract(folder: Path, names: list[str]) -> list[dict[str, Any]]:
    read = partial(_extract_one, str(folder))
    if len(names) <= _AT_ONCE:
        return [read(name) for name in names]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(read, names, chunksize=_AT_ONCE // 4))


def _extract_one(folder: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = _Extractor.extract_activity(folder, name, _NAME)
    return found


def _leave_out(dataset: dict[str, Any]) -> int:
    """Leave out inputs that name no supplier of the folder, as bw2io does; return how many."""
    kept = [
        exchange
        for exchange in dataset["exchanges"]
        if exchange["type"] != "technosphere" or exchange.get("input")
    ]
    count = len(dataset["exchanges"]) - len(kept)
    dataset["exchanges"] = kept
    return count
