"""A product model as plain values, for hashing and for whoever reads it over HTTP."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from footprint.domain.formula import Formula
from footprint.domain.inventory_model import Amount, Name, Parameter
from footprint.domain.product import BomLine, ProductModel


def canonical(model: ProductModel) -> dict[str, Any]:
    """Return the model as plain values, for hashing and storing."""
    return {
        "product_id": model.product_id,
        "name": {"en": model.name_en, "zh": model.name_zh},
        "declared_unit": {
            "amount": model.declared_unit.amount,
            "unit": model.declared_unit.unit,
        },
        "plant_region": model.plant_region,
        "boundary": {
            "name": model.boundary.name,
            "stages": list(model.boundary.stages),
            "beyond": list(model.boundary.beyond),
            **_if_any(
                stage_sites={
                    stage: asdict(site) for stage, site in model.boundary.stage_sites.items()
                }
            ),
        },
        "intermediates": [
            {
                "id": part.id,
                "name": {"en": part.name_en, "zh": part.name_zh},
                "unit": part.unit,
                "region": part.region,
            }
            for part in model.intermediates
        ],
        "lines": [_canonical_line(line) for line in model.lines],
        "sites": [
            {
                "activity_id": site.activity_id,
                "region": site.region,
                "known_from": site.known_from.value,
                "note": site.note,
                **_if_any(electricity=site.electricity),
            }
            for site in model.sites
        ],
        **_if_any(
            description=_canonical_name(model.description),
            contains=_canonical_name(model.contains),
            leaves_out=_canonical_name(model.leaves_out),
            electricity_year=model.electricity_year,
            sources=[asdict(source) for source in model.sources],
            parameters=[_canonical_parameter(each) for each in model.parameters],
            choices=[
                {
                    "id": choice.id,
                    "name": _canonical_name(choice.name),
                    "probabilities": dict(choice.probabilities),
                    "default": choice.default,
                }
                for choice in model.choices
            ],
            equivalents=[
                {
                    "id": each.id,
                    "name": _canonical_name(each.name),
                    "unit": each.unit,
                    "amount": _canonical_given(each.amount),
                }
                for each in model.equivalents
            ],
            parts=[
                {
                    "id": part.id,
                    "product": canonical(part.product),
                    "parameters": {id_: each.text for id_, each in part.bindings.items()},
                    "choices": dict(part.choices),
                }
                for part in model.parts
            ],
            backgrounds=[asdict(each) for each in model.backgrounds],
        ),
    }


def _if_any(**fields: Any) -> dict[str, Any]:
    """Leave out what is empty: a model without it has the hash that it had before there was any."""
    return {name: value for name, value in fields.items() if value}


def _canonical_name(name: Name) -> dict[str, str]:
    return {"en": name.en, "zh": name.zh} if name.en or name.zh else {}


def _canonical_given(amount: Amount) -> float | str:
    return amount.given.text if isinstance(amount.given, Formula) else amount.given


def _canonical_parameter(parameter: Parameter) -> dict[str, Any]:
    uncertainty = parameter.amount.uncertainty
    return {
        "id": parameter.id,
        "unit": parameter.unit,
        "name": _canonical_name(parameter.name),
        "amount": _canonical_given(parameter.amount),
        **_if_any(uncertainty=asdict(uncertainty) if uncertainty else None),
        "source": parameter.source,
        "confidence": parameter.confidence,
    }


def _canonical_line(line: BomLine) -> Mapping[str, Any]:
    return {
        "line_id": line.line_id,
        "stage": line.stage,
        "consumer_id": line.consumer_id,
        "input_id": line.input_id,
        "amount": line.amount,
        "activity_data": line.activity_data.value,
        "uncertainty": {
            "type": line.uncertainty.distribution,
            "gsd": line.uncertainty.gsd,
            "min": line.uncertainty.minimum,
            "max": line.uncertainty.maximum,
        },
        "source": {
            "title": line.source.title,
            "locator": line.source.locator,
            "doi_or_url": line.source.doi_or_url,
            "licence": line.source.licence,
        },
        "confidence": line.confidence,
        "note": line.note,
        **_if_any(
            formula=line.formula.text if line.formula else "",
            scale=line.scale if line.formula else 0.0,
            when=list(line.when or ()),
        ),
    }
