"""The backgrounds that a product and its parts name, and what they buy."""

from collections.abc import Iterator, Mapping
from typing import Any

from footprint.domain.background import BackgroundReference
from footprint.domain.product import ProductModel
from footprint.domain.product_parts import ProductDocument


def document_inputs(document: ProductDocument) -> Iterator[str]:
    """Yield what the unread lines of a product and its parts name as inputs."""
    for line in document.lines:
        yield str(line.get("input_id") or "").strip()
    for part in document.parts.values():
        yield from document_inputs(part)


def document_headers(document: ProductDocument) -> Iterator[Mapping[str, Any]]:
    """Yield the unread headers of a product and its parts."""
    yield document.header
    for part in document.parts.values():
        yield from document_headers(part)


def model_inputs(model: ProductModel) -> Iterator[str]:
    """Yield what the lines of a product and its parts name as inputs, whatever is chosen."""
    for line in model.lines:
        yield line.input_id
    for part in model.parts:
        yield from model_inputs(part.product)


def model_backgrounds(model: ProductModel) -> Iterator[BackgroundReference]:
    """Yield the backgrounds that a product and its parts name."""
    yield from model.backgrounds
    for part in model.parts:
        yield from model_backgrounds(part.product)
