"""The inventory models that ship: totals and amounts that they take from the dataset."""

import re
from collections.abc import Iterator
from functools import cache

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.data.shipped import load_dataset
from footprint.domain.dataset_system import link_dataset
from tools.figures.files import DATA, read, replaced

EXAMPLES = f"{DATA}/examples/inventory"
#: Activities whose total is that of an activity or reference of the dataset.
TOTALS = {
    "lfp_cell": {
        "graphite_natural": "anode_graphite_natural",
        "graphite_synthetic": "anode_graphite_synthetic",
        "lithium_carbonate": "lithium_carbonate",
        "iron_phosphate": "iron_phosphate",
        "copper_cathode": "copper_cathode",
        "nitrogen": "nitrogen_gas",
        "heat_natural_gas": "heat_natural_gas",
        "electricity_sc": "electricity_cn_sc_2023",
        "electricity_jx": "electricity_cn_jx_2023",
    },
    "pv_module": {
        "aluminium_primary": "aluminium_primary",
        "aluminium_recycled": "aluminium_secondary_cn",
        "copper_cathode": "copper_cathode",
        "heat_natural_gas": "heat_natural_gas",
        "electricity_sc": "electricity_cn_sc_2023",
        "electricity_jx": "electricity_cn_jx_2023",
    },
}
#: Activities whose rows are those of an activity of the dataset, by what the rows take or emit.
ROWS = {
    "cathode_making": (
        "lfp_cathode",
        {
            "lithium_carbonate": "lithium_carbonate",
            "iron_phosphate": "iron_phosphate",
            "electricity_sc": "electricity_grid",
            "nitrogen": "nitrogen_gas",
            "co2_fossil": "co2_fossil",
        },
    ),
    "foil_making": (
        "copper_foil",
        {"copper_cathode": "copper_cathode", "electricity_jx": "electricity_grid"},
    ),
}


@cache
def scores() -> dict[str, float]:
    """Return unit scores of all activities and references [kg CO2e / unit], at their defaults."""
    dataset = load_dataset()
    system = link_dataset(dataset)
    solved = GreenchainEngine().solve(system).unit_scores
    found = {
        process.activity_id: score for process, score in zip(system.processes, solved, strict=True)
    }
    taken = {name: dataset.default_route(name).activity_id for name in dataset.routes}
    return found | {name: found[activity_id] for name, activity_id in taken.items()}


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and new text of the models."""
    version = load_dataset().version
    for name, totals in TOTALS.items():
        path = f"{EXAMPLES}/{name}.json"
        text = re.sub(r"(?<=greenchain-lci )\d+\.\d+\.\d+", version, read(path))
        for activity, cited in totals.items():
            text = _with_amount(text, activity, "co2e_aggregated", f"{scores()[cited]:.5g}")
        if name == "lfp_cell":
            for activity, (cited, items) in ROWS.items():
                rows = {row.input_id: row.amount for row in load_dataset().exchanges[cited]}
                for item, input_id in items.items():
                    text = _with_amount(text, activity, item, f"{rows[input_id]:.15g}")
        yield path, text


def _with_amount(text: str, activity: str, item: str, amount: str) -> str:
    """Replace the amount of one product or flow in one activity; all else keeps its form."""
    start = text.index(f'\n      "id": "{activity}",\n', text.index('"activities": ['))
    end = text.find("\n    {\n", start)
    end = len(text) if end < 0 else end
    pattern = rf'"(product|flow)": "{item}",(\s+)"amount": [-\d.e]+'
    found = re.findall(pattern, text[start:end])
    if len(found) != 1:
        raise ValueError(f"{activity}: {len(found)} amounts of {item}")
    kind, space = found[0]
    by = f'"{kind}": "{item}",{space}"amount": {amount}'
    return text[:start] + replaced(pattern, text[start:end], by) + text[end:]
