"""The marked tables of docs/methods.md and docs/chains.md, and two of docs/data.md.

Rows stay, with what they say in words; cells that follow from the dataset are computed anew.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

from footprint.data.shipped import load_example, load_product_template
from footprint.domain.dataset import Uncertainty
from footprint.domain.dataset_balances import Balance, balances
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_rows import parse_product_model, read_product_document
from tools.figures.data_page import rows
from tools.figures.demonstration import METHOD, METHODOLOGY
from tools.figures.files import read
from tools.figures.inventory_examples import scores
from tools.figures.open_points import open_point

DATASET = METHODOLOGY.dataset
#: Columns of the table of coverage.
TEMPLATES = (
    "lfp_battery_pack",
    "nmc811_battery_pack",
    "pv_module_topcon_mono",
    "pv_module_perc_mono",
    "bev_compact",
)

Cells = list[str]


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of each page."""
    for page, fresh in _TABLES.items():
        text = read(page)
        for mark, row in fresh.items():
            pattern = rf"(<!-- check: {mark} -->\n\|.*\n\|.*\n)((?:\|.*\n)+)"
            text = re.sub(pattern, lambda found, row=row: found[1] + _each(found[2], row), text)  # type: ignore[misc]
        yield page, text


def _each(body: str, fresh: Callable[[Cells], Cells]) -> str:
    lines = []
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        lines.append(f"| {' | '.join(fresh(cells))} |\n")
    return "".join(lines)


def _route(cells: Cells) -> Cells:
    reference, option, *_ = cells
    route = DATASET.routes[_code(reference)][_code(option)]
    default = " (default)" if route.is_default else ""
    return [
        f"`{_code(reference)}`, {DATASET.activities[route.activity_id].unit}",
        f"`{route.id}`{default}",
        f"`{route.activity_id}`",
        _three(scores()[route.activity_id]),
    ]


def _amount(cells: Cells) -> Cells:
    what, line_id, _, _, words = cells
    exchange = DATASET.rows[_code(line_id)]
    known = f"{_bounds(exchange.uncertainty)}, {exchange.confidence.value}"
    return [what, line_id, f"{exchange.amount:.4g} {exchange.unit}", known, words]


def _balance(cells: Cells) -> Cells:
    activity, element, *_ = cells
    found = _balances()[_code(activity), element]
    given = (found.taken, found.product, found.emitted)
    loss = f"{100 * found.loss:.1f} %".replace("-0.0 %", "0.0 %")
    return [activity, element, *(f"{amount:.4g}" for amount in given), loss]


def _score(cells: Cells) -> Cells:
    id_ = _code(cells[0])
    return [cells[0], DATASET.activities[id_].unit, _three(scores()[id_])]


def _coverage(cells: Cells) -> Cells:
    found = [_impacts_of(template)[_code(cells[0])] for template in TEMPLATES]
    return [
        cells[0],
        *(
            f"{each.coverage.inputs_percent:.1f} / {each.coverage.climate_percent:.1f}"
            + (" not shown" if each.amount is None else "")
            for each in found
        ),
    ]


def _aggregated(cells: Cells) -> Cells:
    product, _, unit, _ = cells
    found = _impacts_of(_code(product))
    headline = found[METHOD].amount or 0.0
    total = found["ipcc_ar6_gwp20_v1"].not_separable_kg_co2e or 0.0
    return [product, f"{headline:,.1f}", unit, f"{100 * total / headline:.1f} %"]


def _source(cells: Cells) -> Cells:
    named, _, licence, taken = cells
    carried = Counter(row["source_id"] for row in rows("exchanges"))
    ids = re.findall(r"`([^`]+)`", named)
    if ids[0].endswith("…"):
        ids = [id_ for id_ in carried if id_.startswith(ids[0].rstrip("…"))]
    return [named, str(sum(carried[id_] for id_ in ids)), licence, taken]


_TABLES: dict[str, dict[str, Callable[[Cells], Cells]]] = {
    "docs/chains.md": {
        "routes": _route,
        "amounts": _amount,
        "balances": _balance,
        "scores": _score,
        "open points": open_point,
    },
    "docs/methods.md": {"coverage": _coverage},
    "docs/data.md": {"aggregated": _aggregated, "sources": _source},
}


@cache
def _impacts_of(product: str) -> dict[str, Impact]:
    """Return the impacts of a template, or of the example, by method."""
    system = link_product(_model(product), DATASET, METHOD, suppliers=[])
    solution = METHODOLOGY.explaining_engine.solve(system)
    return {each.method_id: each for each in impacts(system, solution, DATASET)}


def _model(product: str) -> ProductModel:
    if product != "example":
        return read_product_document(load_product_template(product), DATASET)
    example = load_example()
    return parse_product_model(example.header, example.lines, example.sites, DATASET)


@cache
def _balances() -> dict[tuple[str, str], Balance]:
    return {(each.activity_id, each.element): each for each in balances(DATASET)}


def _bounds(uncertainty: Uncertainty) -> str:
    if uncertainty.distribution == "lognormal":
        return f"GSD {uncertainty.gsd:g}"
    if uncertainty.distribution == "triangular":
        return f"{uncertainty.minimum:.4g} to {uncertainty.maximum:.4g}"
    return "none"


def _three(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _code(cell: str) -> str:
    return cell.split("`")[1]
