"""Writing a background: one folder, from what an import has gathered."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from footprint.adapters.backgrounds import files
from footprint.adapters.backgrounds.collected import About, Cells, Collected
from footprint.domain.background_errors import CannotImport
from footprint.domain.background_flows import UNITS, FlowMatcher
from footprint.domain.background_names import LONGEST_CODE
from footprint.domain.rows import LONGEST_TEXT, fits

#: The origin of backgrounds whose flows may have the ids of the dataset.
CSV = "csv"
#: How many of those at fault an error names.
_NAMED = 5


def write_background(
    collected: Collected, about: About, matcher: FlowMatcher, folder: Path
) -> dict[str, Any]:
    """Write a background to an empty folder and return its header.

    Raises
    ------
    CannotImport
        If it has no activities, codes that stand twice or do not fit in a name, an activity that
        gives nothing, or amounts that are not finite.
    """
    _check(collected, about)
    size = len(collected.activities)
    technosphere = _matrix(collected.technosphere, (size, size))
    biosphere = _matrix(collected.biosphere, (len(collected.flows), size))
    _refuse_without_output(technosphere, collected, about)
    for matrix in (technosphere, biosphere):
        _refuse_not_finite(matrix, collected, about)
    files.write_matrix(folder, files.TECHNOSPHERE, technosphere)
    files.write_matrix(folder, files.BIOSPHERE, biosphere)
    activities: list[tuple[Any, ...]] = []
    columns: tuple[str, ...] = files.ACTIVITY_COLUMNS
    if any(each.name_zh for each in collected.activities):
        columns += files.OPTIONAL_ACTIVITY_COLUMNS
    for each in collected.activities:
        unit = UNITS.get(each.unit)
        name, factor = (None, 1.0) if unit is None else (unit.name, unit.factor)
        told = (
            each.code,
            _short(each.name),
            _short(each.reference_product),
            each.location,
            each.unit,
            name,
            factor,
            _short(each.name_zh),
        )
        activities.append(told[: len(columns)])
    files.write_table(folder / files.ACTIVITIES, columns, activities)
    matched = np.zeros(len(collected.flows), dtype=bool)
    flows: list[tuple[Any, ...]] = []
    for row, flow in enumerate(collected.flows):
        # A key of another source may look like an id of the dataset: `co` may be cobalt there.
        named = about.origin == CSV and matcher.named(flow.key, flow.compartment, flow.unit)
        found = named or matcher.find(flow.name, flow.compartment, flow.cas, flow.unit)
        matched[row] = found is not None
        id_, factor = found or (None, 1.0)
        given = (flow.key, _short(flow.name), flow.compartment, flow.cas, flow.unit)
        flows.append((*given, id_, factor))
    files.write_table(folder / files.FLOWS, files.FLOW_COLUMNS, flows)
    linked = int(matched[biosphere.indices].sum())
    header = {
        "format": files.FORMAT,
        "id": about.id,
        "version": about.version,
        "title": about.title,
        "licence": about.licence,
        "year": about.year,
        "origin": about.origin,
        "counts": {
            "activities": size,
            "flows": len(flows),
            "technosphere": int(technosphere.nnz),
            "biosphere": int(biosphere.nnz),
            "flows_matched": int(matched.sum()),
            "biosphere_matched": linked,
            "inputs_left_out": collected.left_out,
        },
        "files": files.hashes(folder),
    }
    text = json.dumps(header, ensure_ascii=False, indent=2)
    (folder / files.HEADER).write_text(f"{text}\n", encoding="utf-8")
    return header


def _check(collected: Collected, about: About) -> None:
    codes = Counter(each.code for each in collected.activities)
    if not codes:
        raise CannotImport(about.title, "there are no activities in it", "其中没有活动")
    twice = [code for code, count in codes.items() if count > 1][:_NAMED]
    if twice:
        names = ", ".join(twice)
        raise CannotImport(about.title, f"codes stand twice: {names}", f"代码重复：{names}")
    unfit = [code for code in codes if not code.strip() or not fits(code, LONGEST_CODE)]
    unfit += [code for code in codes if code != code.strip() and code not in unfit]
    if unfit:
        names = ", ".join(code[:LONGEST_CODE] for code in unfit[:_NAMED])
        raise CannotImport(
            about.title,
            f"codes have 1 to {LONGEST_CODE} printable characters, other than {names!r}",
            f"代码须为 1 到 {LONGEST_CODE} 个可打印字符，以下不符：{names!r}",
        )


def _matrix(cells: Cells, shape: tuple[int, int]) -> files.Columns:
    return sparse.coo_array((cells.amount, (cells.row, cells.column)), shape=shape).tocsc()


def _refuse_without_output(technosphere: files.Columns, collected: Collected, about: About) -> None:
    """Refuse activities that give and take nothing of their own product: nobody can buy it."""
    empty = np.flatnonzero(technosphere.diagonal() == 0.0).tolist()
    if empty:
        names = ", ".join(collected.activities[index].code for index in empty[:_NAMED])
        count = len(empty)
        raise CannotImport(
            about.title,
            f"{count} activities have no net output of their own product: {names}",
            f"{count} 个活动没有自身产品的净产出：{names}",
        )


def _refuse_not_finite(matrix: files.Columns, collected: Collected, about: About) -> None:
    """Refuse amounts that are no numbers: some projects have them."""
    wrong = np.flatnonzero(~np.isfinite(matrix.data))
    columns = np.unique(np.searchsorted(matrix.indptr, wrong, side="right") - 1).tolist()
    if columns:
        names = ", ".join(collected.activities[index].code for index in columns[:_NAMED])
        raise CannotImport(
            about.title,
            f"amounts of {len(columns)} activities are not finite: {names}",
            f"{len(columns)} 个活动的数量不是有限数值：{names}",
        )


def _short(text: str) -> str:
    """Return a name that fits where names go."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_TEXT else f"{one_line[: LONGEST_TEXT - 1]}…"
