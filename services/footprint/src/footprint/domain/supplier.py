"""A supplier's own footprint, as an input of a buyer's product."""

import math
from dataclasses import dataclass
from datetime import date

from chassis import units
from footprint.domain.system_errors import InvalidSupplierFootprint


@dataclass(frozen=True, slots=True)
class SupplierPcf:
    """One accepted version of a supplier's declared product.

    Attributes
    ----------
    activity_id
        Background activity that it replaces.
    region
        Region of the supplier's plant.
    pcf_kg_co2e
        Cradle-to-gate footprint [kg CO2e / `unit`].
    primary_data_share_percent, primary_activity_share_percent
        Shares of that footprint [%].
    """

    declaration_id: str
    version: int
    sha256: str
    activity_id: str
    region: str
    pcf_kg_co2e: float
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float
    period_start: date
    period_end: date

    def per(self, unit: str) -> float:
        """Return the footprint [kg CO2e / `unit`].

        Raises
        ------
        InvalidSupplierFootprint
            If the footprint or a share is not usable or the units do not fit.
        """
        shares = {
            "primary_data_share_percent": self.primary_data_share_percent,
            "primary_activity_share_percent": self.primary_activity_share_percent,
        }
        for name, share in shares.items():
            if not 0.0 <= share <= 100.0:
                raise InvalidSupplierFootprint(self.declaration_id, name, str(share))
        if not math.isfinite(self.pcf_kg_co2e):
            raise InvalidSupplierFootprint(
                self.declaration_id, "pcf_kg_co2e", str(self.pcf_kg_co2e)
            )
        fits = units.is_known(self.unit) and units.same_dimension(self.unit, unit)
        if not fits:
            raise InvalidSupplierFootprint(self.declaration_id, "unit", self.unit)
        return self.pcf_kg_co2e / units.convert(1.0, self.unit, unit)
