"""The arithmetic and the scores of scenarios in docs/inventory-model.md."""

import json
import re
from collections.abc import Iterator

import numpy as np

from footprint.adapters.model_arrays import model_arrays
from footprint.data.shipped import load_dataset
from footprint.domain.inventory_model import InventoryModel
from footprint.domain.inventory_model_rows import parse_inventory_model
from tools.figures.files import DATA, read, replaced

PAGE = "docs/inventory-model.md"
WIDTH = 89


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of the page."""
    text = read(PAGE)
    text = re.sub(r"(?<=greenchain-lci )\d+\.\d+\.\d+", load_dataset().version, text)
    for first, block in (("cathode", cell_arithmetic()), ("silicon", module_arithmetic())):
        text = replaced(rf"(?<=```\n){first} .*?(?=```)", text, block, re.DOTALL)
    for name, rows in (("lfp_cell", cell_scenarios()), ("pv_module", module_scenarios())):
        table = "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in rows)
        mark = rf"(?<=<!-- check: inventory-scores {name} -->\n)((?:\|.*\n){{2}})(?:\|.*\n)+"
        header = re.search(mark, text)
        if header is None:
            raise ValueError(f"no table of {name}")
        text = replaced(mark, text, header[1] + table)
    yield PAGE, text


def cell_arithmetic() -> str:
    """Write out the score of the cell, step by step."""
    of, by = _scores("lfp_cell"), _totals("lfp_cell")
    taken = _amounts("lfp_cell")
    cathode, foil = taken["cathode_making"], taken["foil_making"]
    jiangxi, heat = by["electricity_jx"], by["heat_natural_gas"]
    scrap = (1 / 0.95 - 1) * (1.998 + 0.955 + 0.5655)
    made = (1.998 * of["lfp_cathode"] + 0.955 * by["graphite_synthetic"]) / 0.95
    made += 0.5655 * of["copper_foil"] / 0.95
    steps = [
        (
            "cathode",
            f"{cathode['lithium_carbonate']:g}·{by['lithium_carbonate']:g}"
            f" + {cathode['iron_phosphate']:g}·{by['iron_phosphate']:g}"
            f" + {cathode['electricity_sc']:g}·{by['electricity_sc']:g}"
            f" + {cathode['nitrogen']:.4f}·{by['nitrogen']:g} + {cathode['co2_fossil']:g}",
            f"{of['lfp_cathode']:.4f} kg CO2e/kg",
        ),
        (
            "copper foil",
            f"{by['copper_cathode']:g} + {foil['electricity_jx']:g}·{jiangxi:g}",
            f"{of['copper_foil']:.4f}",
        ),
        (
            "materials",
            f"(1.998·{of['lfp_cathode']:.4f} + 0.955·{by['graphite_synthetic']:g}"
            f" + 0.5655·{of['copper_foil']:.4f}) / 0.95",
            f"{made:.4f}",
        ),
        ("electricity", f"0.48·28.9 = 13.872 kWh · {jiangxi:g}", f"{13.872 * jiangxi:.4f}"),
        ("heat", f"0.52·28.9·3.6 = 54.101 MJ · {heat:g}", f"{0.52 * 28.9 * 3.6 * heat:.4f}"),
        (
            "scrap",
            f"(1/0.95 − 1)·(1.998 + 0.955 + 0.5655) = 0.18518 kg · {by['scrap_treatment']:g}",
            f"{scrap * by['scrap_treatment']:.4f}",
        ),
        ("", "", f"{of['cell']:.4f}"),
    ]
    return _block(steps)


def module_arithmetic() -> str:
    """Write out the score of 1 kWp of modules, step by step."""
    of, by = _scores("pv_module"), _totals("pv_module")
    grid, heat = by["electricity_sc"], by["heat_natural_gas"]
    area = of["module"] * 0.21
    steps = [
        ("silicon", f"11·{grid:g} + 3.5808", f"{of['silicon_mg']:.4f} kg CO2e/kg"),
        (
            "polysilicon",
            f"1.13·{of['silicon_mg']:.4f} + 49·{grid:g} + 28.8·{heat:g}",
            f"{of['polysilicon']:.4f}",
        ),
        (
            "crystal",
            f"{of['polysilicon']:.4f} + 32·{grid:g} + 68.224·{heat:g}",
            f"{of['crystal']:.4f}",
        ),
        (
            "wafer",
            f"0.59524·{of['crystal']:.4f} + 4.7619·{grid:g}",
            f"{of['wafer']:.4f} kg CO2e/m²",
        ),
        ("cell", f"1.03·{of['wafer']:.4f} + 17.747·{grid:g}", f"{of['cell']:.4f}"),
        (
            "module",
            f"0.93541·{of['cell']:.4f} + 2.125·{by['aluminium_primary']:g}"
            f" + 8.8125·{by['glass']:g} + 0.875·{by['eva']:g}",
            "",
        ),
        (
            "",
            f"+ 0.1025·{by['copper_cathode']:g} + 13.975·{by['electricity_jx']:g}",
            f"{area:.4f}",
        ),
        ("1 kWp", f"{area:.4f} / 0.21", f"{of['module']:.4f} kg CO2e"),
    ]
    return _block(steps)


def cell_scenarios() -> list[tuple[str, str, str]]:
    """Tell the score of each scenario of the cell and what it changes."""
    by = _totals("lfp_cell")
    kiln = _amounts("lfp_cell")["cathode_making"]["electricity_sc"]
    grids = by["electricity_jx"], by["electricity_sc"]
    return _scenarios(
        "lfp_cell",
        {
            "cathode_in_jiangxi": f"the kiln's {kiln:g} kWh/kg from Jiangxi's grid"
            f" ({grids[0]:g}) instead of Sichuan's ({grids[1]:g})",
            "cell_in_sichuan": "cell and foil on Sichuan's grid",
            "natural_graphite": f"{by['graphite_natural']:g} instead of"
            f" {by['graphite_synthetic']:g} kg CO2e/kg of graphite",
            "better_yield": "0.98 instead of 0.95",
        },
    )


def module_scenarios() -> list[tuple[str, str, str]]:
    """Tell the score of each scenario of the module and what it changes."""
    by = _totals("pv_module")
    return _scenarios(
        "pv_module",
        {
            "recycled_frame": "75 % of the frame's 2.125 kg/m² at"
            f" {by['aluminium_recycled']:g} instead of {by['aluminium_primary']:g} kg CO2e/kg",
            "polysilicon_in_jiangxi": "49 kWh/kg from Jiangxi's grid",
            "modules_in_sichuan": "13.975 kWh/m² from Sichuan's grid",
        },
    )


def _scenarios(name: str, told: dict[str, str]) -> list[tuple[str, str, str]]:
    base = _model(name)
    variants = {"": base} | {found.id: base.under(found) for found in base.scenarios}
    return [
        (
            f"`{id_}`" if id_ else "",
            f"{_solved(variant)[variant.demand.product] * variant.demand.amount:.4f}",
            told[id_] if id_ else "",
        )
        for id_, variant in variants.items()
    ]


def _block(steps: list[tuple[str, str, str]]) -> str:
    lines = []
    for name, arithmetic, result in steps:
        line = f"{name:<13}{arithmetic}"
        if result:
            mark = "sum  = " if not name and not arithmetic else "= "
            line = line.ljust(WIDTH + 2 - len(mark)) + mark + result
        lines.append(line.rstrip() + "\n")
    return "".join(lines)


def _document(name: str) -> dict[str, list[dict[str, list[dict[str, float]]]]]:
    found: dict[str, list[dict[str, list[dict[str, float]]]]]
    found = json.loads(read(f"{DATA}/examples/inventory/{name}.json"))
    return found


def _totals(name: str) -> dict[str, float]:
    """Return what one unit of each activity that takes nothing emits."""
    return {
        str(each["id"]): sum(emission["amount"] for emission in each["emissions"])
        for each in _document(name)["activities"]
        if "inputs" not in each
    }


def _amounts(name: str) -> dict[str, dict[str, float]]:
    """Return the stated amounts of what activities take and emit."""
    return {
        str(each["id"]): {
            str(row.get("product", row.get("flow"))): row["amount"]
            for row in [*each.get("inputs", []), *each.get("emissions", [])]
            if "amount" in row
        }
        for each in _document(name)["activities"]
    }


def _model(name: str) -> InventoryModel:
    return parse_inventory_model(_document(name))


def _scores(name: str) -> dict[str, float]:
    return _solved(_model(name))


def _solved(model: InventoryModel) -> dict[str, float]:
    """Return the score of one unit of each product."""
    system = model_arrays(model).system
    scores = np.linalg.solve(system.technosphere_matrix().toarray().T, system.intensities()[:, 0])
    return dict(zip((each.id for each in model.products), scores.tolist(), strict=True))
