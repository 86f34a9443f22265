"""The product templates that ship, and copies of them to be filled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from footprint.adapters import template_folders
from footprint.data.shipped import product_template_names

__all__ = ["copy_template", "list_templates", "product_template_names"]


def list_templates() -> dict[str, Any]:
    """Name the product models that ship as templates."""
    return {"templates": [_template(each) for each in template_folders.templates()]}


def copy_template(name: str, folder: Path) -> dict[str, Any]:
    """Copy a template and its parts; see `template_folders.copy_template`."""
    files = template_folders.copy_template(name, folder)
    return {"product_id": name, "folder": str(folder), "files": files}


def _template(header: Mapping[str, Any]) -> dict[str, Any]:
    """Say what a template is a model of."""
    return {
        "product_id": header["product_id"],
        "name": header["name"],
        "declared_unit": header["declared_unit"],
        "description": header.get("description"),
        "parts": [part["product_id"] for part in header.get("parts", [])],
    }
