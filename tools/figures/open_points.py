"""What a template changes by if one row of the dataset, or one of its parameters, were another."""

from copy import deepcopy
from dataclasses import replace
from functools import cache
from importlib import resources

from footprint.data.dataset_files import read_document
from footprint.data.shipped import load_product_template
from footprint.domain.dataset import Dataset
from footprint.domain.impacts import impacts
from footprint.domain.linking import link_product
from footprint.domain.product_rows import read_product_document
from tools.figures.demonstration import METHOD, METHODOLOGY

DOCUMENT = read_document(resources.files("footprint.data").joinpath("greenchain_lci"))


def open_point(cells: list[str]) -> list[str]:
    """Return the cells of a row with the dataset's amount and the change computed anew."""
    what, named, _, instead, template, _ = cells
    changed, product = named.strip("`"), template.strip("`")
    before = _headline(product)
    now = _headline(product, changed, float(instead))
    return [what, named, _given(product, changed), instead, template, _told(now, before)]


def _given(product: str, changed: str) -> str:
    if "." in changed:
        row = METHODOLOGY.dataset.rows[changed]
        return f"{row.amount:.4g} {row.unit}"
    parameters = load_product_template(product).header["parameters"]
    (parameter,) = (each for each in parameters if each["id"] == changed)
    return f"{parameter['amount']:g} {parameter['unit']}"


def _told(now: float, before: float) -> str:
    return f"{now - before:+.3g} ({100 * (now / before - 1):+.1f} %)".replace("-", "−")


@cache
def _headline(product: str, changed: str = "", amount: float = 0.0) -> float:
    """Return kg CO2e per declared unit of a template."""
    template = load_product_template(product)
    dataset = METHODOLOGY.dataset
    if "." in changed:
        dataset = _with_row(changed, amount)
    elif changed:
        header = deepcopy(template.header)
        for parameter in header["parameters"]:
            if parameter["id"] == changed:
                parameter["amount"] = amount
                parameter.pop("uncertainty", None)
        template = replace(template, header=header)
    model = read_product_document(template, dataset)
    system = link_product(model, dataset, METHOD, suppliers=[])
    solution = METHODOLOGY.explaining_engine.solve(system)
    found = {each.method_id: each.amount for each in impacts(system, solution, dataset)}
    return found[METHOD] or 0.0


def _with_row(line_id: str, amount: float) -> Dataset:
    fixed = {"amount": repr(amount), "uncertainty_type": "none", "gsd": "", "min": "", "max": ""}
    rows = [
        {**row, **fixed} if row["line_id"] == line_id else row for row in DOCUMENT.rows("exchanges")
    ]
    return replace(DOCUMENT, tables={**DOCUMENT.tables, "exchanges": rows}).dataset()
