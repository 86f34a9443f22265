"""Columns that rows of a product share: how an amount varies, and where it comes from."""

import operator

from chassis import units
from footprint.domain.dataset import Source, Uncertainty
from footprint.domain.errors import BadUncertainty
from footprint.domain.inventory_model_amounts import LARGEST_GSD
from footprint.domain.rows import RowReader

DISTRIBUTIONS = ("none", "lognormal", "triangular")


def read_uncertainty(reader: RowReader, amount: float | None, unit: str | None) -> Uncertainty:
    """Read the columns `uncertainty_type`, `gsd`, `min` and `max`.

    Parameters
    ----------
    amount
        Amount of the row [`unit`]; None if it could not be read.
    unit
        To which `min` and `max` are converted, as the amount was.
    """
    kind = reader.text("uncertainty_type", required=False) or "none"
    if kind not in DISTRIBUTIONS:
        reader.one_of("uncertainty_type", DISTRIBUTIONS)
    gsd = reader.finite("gsd", required=kind == "lognormal")
    if gsd is not None and not 1.0 <= gsd <= LARGEST_GSD:
        reader.violations.add(BadUncertainty(location=reader.at("gsd"), value=gsd))
    bounds: dict[str, float | None] = {}
    for name, is_beside in (("min", operator.gt), ("max", operator.lt)):
        bound = reader.finite(name, required=kind == "triangular")
        if bound is not None and amount is not None and unit is not None:
            converted = units.convert(bound, str(reader.values["unit"]).strip(), unit)
            if is_beside(converted, amount):
                reader.violations.add(BadUncertainty(location=reader.at(name), value=bound))
            bound = converted
        bounds[name] = bound
    return Uncertainty(kind, gsd, bounds["min"], bounds["max"])


def read_source(reader: RowReader) -> Source:
    """Read the columns that say where a row comes from."""
    return Source(
        title=reader.text("source_title") or "",
        locator=reader.text("source_locator") or "",
        doi_or_url=reader.text("doi_or_url", required=False) or "",
        licence=reader.text("licence") or "",
    )
