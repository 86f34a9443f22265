"""Inventory models of a few activities whose scores are computed by hand."""

from typing import Any


def model(
    activities: list[dict[str, Any]], product: str, amount: float = 1.0, **more: Any
) -> dict[str, Any]:
    """Give a model whose one flow counts one for one, in the units kg."""
    return {
        "format": "greenchain-inventory/1",
        "id": "textbook",
        "sources": [{"id": "own", "title": "Own arithmetic"}],
        "products": [{"id": each["product"], "unit": "kg"} for each in activities],
        "flows": [{"id": "co2", "unit": "kg", "compartment": "air"}],
        "methods": [
            {"id": "gwp", "unit": "kg CO2e", "factors": [{"flow": "co2", "amount": 1}]},
            {"id": "none", "unit": "kg", "factors": []},
        ],
        "activities": activities,
        "demand": {"product": product, "amount": amount},
    } | more


def pressed_part() -> dict[str, Any]:
    """Give a part whose steel brings cement along, and whose waste is dumped.

    Two parts take 2 runs of the press, these 6 kg of steel, which are 3 runs of the steel works
    (12 kg CO2) that give 1.5 kg of cement, for which the cement plant runs −1.5 times (−1.2 kg),
    and give 2 kg of waste, which the landfill takes (0.6 kg): 11.4 kg CO2.
    """
    return model(
        [
            {
                "id": "press",
                "product": "part",
                "stage": "manufacturing",
                "supplier": "us",
                "outputs": [{"product": "part", "amount": 1}, {"product": "waste", "amount": 1}],
                "inputs": [
                    {
                        "product": "steel",
                        "amount": 3,
                        "uncertainty": {"type": "lognormal", "gsd": 1.2},
                        "source": "own",
                        "confidence": "computed",
                    }
                ],
            },
            {
                "id": "steel_works",
                "product": "steel",
                "stage": "materials",
                "province": "CN-JX",
                "outputs": [
                    {"product": "steel", "amount": 2},
                    {"product": "cement", "amount": 0.5},
                ],
                "emissions": [{"id": "smoke", "flow": "co2", "amount": 4}],
            },
            {
                "id": "cement_plant",
                "product": "cement",
                "stage": "materials",
                "background": True,
                "outputs": [{"product": "cement", "amount": 1}],
                "emissions": [{"flow": "co2", "amount": 0.8}],
            },
            {
                "id": "landfill",
                "product": "waste",
                "background": True,
                "inputs": [{"product": "waste", "amount": 1}],
                "emissions": [{"flow": "co2", "amount": 0.3}],
            },
        ],
        "part",
        2.0,
        scenarios=[
            {"id": "clean", "changes": [{"exchange": "smoke", "amount": 2}]},
            {"id": "of_cement", "changes": [{"exchange": "press.steel", "product": "cement"}]},
        ],
    )


#: 4 × 2 by formula, 4 by itself, 1 or 3 by choice.
PARAMETRIZED_SCORE = 4.0 * 2.0 + 4.0 + 1.0


def parametrized() -> dict[str, Any]:
    """Give one activity that emits by a formula, by itself, and by a choice."""
    emissions = [
        {"id": "formula", "flow": "co2", "formula": "4 * intensity"},
        {
            "id": "itself",
            "flow": "co2",
            "amount": 4,
            "uncertainty": {"type": "lognormal", "gsd": 1.1},
        },
        {"flow": "co2", "amount": 1, "when": {"choice": "route", "option": "short"}},
        {"flow": "co2", "amount": 3, "when": {"choice": "route", "option": "long"}},
    ]
    return model(
        [
            {
                "id": "works",
                "product": "thing",
                "outputs": [{"product": "thing", "amount": 1}],
                "emissions": emissions,
            }
        ],
        "thing",
        parameters=[
            {
                "id": "intensity",
                "amount": 2,
                "unit": "kg",
                "uncertainty": {"type": "normal", "sd": 0.1},
                "source": "own",
            }
        ],
        choices=[
            {
                "id": "route",
                "options": [
                    {"id": "short", "probability": 0.25},
                    {"id": "long", "probability": 0.75},
                ],
                "default": "short",
            }
        ],
    )
