"""Examples in the OpenAPI document; a test sends every one of them."""

from typing import Any

from fastapi.openapi.models import Example

_LINE: dict[str, Any] = {
    "stage": "raw_materials",
    "unit": "kg",
    "activity_data": "literature",
    "source_title": "Design of the pack",
    "source_locator": "Table 3",
    "licence": "own data",
    "confidence": "computed",
}

PRODUCT_MODEL: dict[str, Example] = {
    "small_pack": {
        "summary": "A pack of three lines",
        "value": {
            "header": {
                "format": "greenchain-product/1",
                "product_id": "small_pack",
                "name": {"en": "Small battery pack", "zh": "小电池包"},
                "declared_unit": {"amount": 1.0, "unit": "kwh_capacity"},
                "plant_region": "CN-JX",
                "boundary": {
                    "name": "cradle_to_gate",
                    "stages": ["raw_materials", "manufacturing"],
                    "beyond": [],
                },
                "intermediates": [],
            },
            "lines": [
                _LINE | {"line_id": "pack.01", "input_id": "lfp_cathode", "amount": 2.1},
                _LINE | {"line_id": "pack.02", "input_id": "copper_foil", "amount": 0.6},
                _LINE
                | {
                    "line_id": "pack.03",
                    "stage": "manufacturing",
                    "input_id": "electricity_grid",
                    "amount": 14.4,
                    "unit": "kWh",
                    "activity_data": "own_plant",
                },
            ],
            "sites": [
                {
                    "activity_id": "copper_foil",
                    "region": "CN-JX",
                    "known_from": "supplier",
                    "note": "",
                }
            ],
        },
    }
}

CALCULATION: dict[str, Example] = {
    "background": {
        "summary": "Background data alone",
        "value": {"method_id": "ipcc_ar6_gwp100_v2", "use_supplier_data": False},
    },
    "suppliers": {
        "summary": "With the suppliers' accepted declarations",
        "value": {"method_id": "ipcc_ar6_gwp100_v2", "use_supplier_data": True},
    },
}

PROPOSAL: dict[str, Example] = {
    "from_footprint": {
        "summary": "Shares out of a calculated footprint",
        "value": {"footprint_id": "6b6f6d0e-8f0b-4c55-9d80-2f0c0f3a6f10"},
    }
}

_BICYCLE: dict[str, Any] = {
    "format": "greenchain-inventory/1",
    "id": "bicycle",
    "name": {"en": "Bicycle", "zh": "自行车"},
    "sources": [{"id": "own", "title": "Own measurements"}],
    "products": [
        {"id": "bicycle", "unit": "1"},
        {"id": "steel", "unit": "kg"},
        {"id": "electricity", "unit": "kWh"},
    ],
    "flows": [{"id": "co2_fossil", "unit": "kg", "compartment": "air"}],
    "methods": [
        {
            "id": "gwp100",
            "unit": "kg CO2e",
            "factors": [{"flow": "co2_fossil", "amount": 1}],
        }
    ],
    "activities": [
        {
            "id": "bicycle_assembly",
            "product": "bicycle",
            "stage": "manufacturing",
            "province": "CN-JX",
            "outputs": [{"product": "bicycle", "amount": 1}],
            "inputs": [
                {
                    "product": "steel",
                    "amount": 12,
                    "uncertainty": {"type": "lognormal", "gsd": 1.1},
                    "source": "own",
                },
                {"product": "electricity", "amount": 30, "source": "own"},
            ],
        },
        {
            "id": "steel_works",
            "product": "steel",
            "stage": "raw_materials",
            "outputs": [{"product": "steel", "amount": 1}],
            "inputs": [{"product": "electricity", "amount": 0.5}],
            "emissions": [{"flow": "co2_fossil", "amount": 1.9}],
        },
        {
            "id": "power_plant",
            "product": "electricity",
            "stage": "raw_materials",
            "background": True,
            "outputs": [{"product": "electricity", "amount": 1}],
            "emissions": [{"flow": "co2_fossil", "amount": 0.6}],
        },
    ],
    "demand": {"product": "bicycle", "amount": 1},
}

ANALYSIS: dict[str, Example] = {
    "calculate": {
        "summary": "What a bicycle emits, and where",
        "value": {"kind": "calculate", "model": _BICYCLE},
    },
    "montecarlo": {
        "summary": "How sure that is",
        "value": {
            "kind": "montecarlo",
            "model": _BICYCLE,
            "options": {"samples": 1000, "seed": 1},
        },
    },
}
