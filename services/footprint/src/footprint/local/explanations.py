"""Explanations of products that are not stored, for who runs the service as a library."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from footprint.adapters.backgrounds.local import LocalBackgrounds
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application.explain_footprint import explain_product
from footprint.data.shipped import load_dataset, load_product_template, product_template_names
from footprint.domain.product_parts import ProductDocument
from footprint.entrypoints.http_explanations import explanation_out


def explain(
    product: str | Mapping[str, Any], method_id: str, backgrounds: Sequence[Path] = ()
) -> dict[str, Any]:
    """Explain a product by the shipped dataset, as `GET /v1/footprints/{id}/explanation` does.

    Parameters
    ----------
    product
        Name of a shipped template, or a product model as `POST /v1/product-models` takes it. Parts
        that it names and does not bring are shipped templates.
    backgrounds
        Files of backgrounds that it may buy from.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts.
    UnknownMethod, NotABackground
    """
    document, held = document_of(product), LocalBackgrounds(backgrounds)
    found = explain_product(document, method_id, load_dataset(), GreenchainEngine(), held)
    return explanation_out(found).model_dump(mode="json")


def document_of(product: str | Mapping[str, Any]) -> ProductDocument:
    """Return the document of a template, or of a product model with the templates that it names."""
    return load_product_template(product) if isinstance(product, str) else _document(product)


def _document(product: Mapping[str, Any]) -> ProductDocument:
    parts = {name: _document(part) for name, part in product.get("parts", {}).items()}
    for name in _named_parts(product["header"]):
        if name not in parts and name in product_template_names():
            parts[name] = load_product_template(name)
    return ProductDocument(product["header"], product["lines"], product["sites"], parts)


def _named_parts(header: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a header names as parts; what is wrong with it is told by who reads it."""
    parts = header.get("parts")
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping) and isinstance(part.get("product_id"), str):
            yield part["product_id"]
